"""Which slots are wanted: of codes that were named, or of the top codes and all that were ever asked for."""

from collections.abc import Sequence
from importlib import resources

import duckdb
import polars as pl

# Columns of what both functions give, a row per code: icd_code, rank (null: not in the prevalence release), target_count,
# last_target_count (null: never asked for), description (null: not in the code set), mark ('' or a Mark).


def wanted_of(con: duckdb.DuckDBPyConnection, codes: Sequence[str], per_code: int) -> pl.DataFrame:
    """`per_code` records of each code, in force or not."""
    return _wanted(con, codes, per_code, is_named=True, top=0)


def wanted_by_refresh(
    con: duckdb.DuckDBPyConnection, top: int, per_code: int, within: Sequence[str] | None = None
) -> pl.DataFrame:
    """The `top` most prevalent codes and every code that was ever asked for, at least `per_code` records of the first.

    A code that left the top, or is no longer billable, keeps what it has: it is marked. within: only these codes.
    """
    return _wanted(con, within, per_code, is_named=False, top=top)


def _wanted(
    con: duckdb.DuckDBPyConnection, codes: Sequence[str] | None, per_code: int, *, is_named: bool, top: int
) -> pl.DataFrame:
    sql = (resources.files("medsynth_assets.refresh") / "wanted.sql").read_text("utf-8")
    given = {"codes": None if codes is None else list(codes), "per_code": per_code, "is_named": is_named, "top": top}
    return con.execute(sql, given).pl()
