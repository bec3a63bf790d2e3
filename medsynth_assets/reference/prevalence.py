"""A prevalence table, the shipped one or a user's: read, checked row by row, ranked."""

import hashlib
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl

from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.records.identity import digest

DEFAULT = Path(__file__).resolve().parent.parent / "data" / "prevalence_namcs2019.csv"

Basis = Literal["any_listed", "first_listed"]
_CODE_NAMES = ("code", "icd10", "icd10cm", "icd_code", "icd10_code")
_WEIGHT_NAMES = {
    "any_listed": ("weight", "count", "n", "frequency", "visits"),
    "first_listed": ("weight_first", "count_first"),
}


class Prevalence(NamedTuple):
    """Usable rows, and those set aside with their reasons. `row_number` counts data rows from 1.

    rows: release_id, code, weight, share_frac, rank, basis, source_file, row_number, row_hash.
    rejects: release_id, row_number, raw_code, raw_weight, reason.
    """

    release_id: str
    sha256: str
    source: str
    rows: pl.DataFrame
    rejects: pl.DataFrame


def read_prevalence(path: Path, basis: Basis, codes: pl.DataFrame) -> Prevalence:
    """Read a table of codes and weights, dotted or not, from .csv or .parquet.

    codes: code and is_billable of the official set. Duplicates keep the first row. A weight of zero is
    left out quietly only where the basis has it so (`weight_first` of a code never listed first).
    Raises ReferenceInputError where the file cannot be read, lacks a column, or has no usable row.
    """
    table = _read(path)
    code_column = _column(table, _CODE_NAMES, path, "code")
    weight_column = _column(table, _WEIGHT_NAMES[basis], path, f"weight for basis {basis}")
    sha256 = _sha256(path)
    release_id = release_id_of(path, basis)
    raw = table.select(
        pl.int_range(1, pl.len() + 1).alias("row_number"),
        pl.col(code_column).cast(pl.String).alias("raw_code"),
        pl.col(weight_column).cast(pl.String).alias("raw_weight"),
    )
    judged = _judge(raw, codes, skip_zero=basis == "first_listed")
    rejects = judged.filter(pl.col("reason") != "").select(
        pl.lit(release_id).alias("release_id"), "row_number", "raw_code", "raw_weight", "reason"
    )
    good = judged.filter(pl.col("reason") == "").sort("weight", "row_number", descending=[True, False])
    if good.is_empty():
        found = ", ".join(f"{n} {reason}" for reason, n in rejects["reason"].value_counts().rows()) or "no rows"
        raise ReferenceInputError(
            f"{path.name} has no usable row ({found}); wanted billable ICD-10-CM codes with a positive count or weight."
            " The last good release stays in place"
        )
    rows = good.select(
        pl.lit(release_id).alias("release_id"),
        "code",
        "weight",
        (pl.col("weight") / pl.col("weight").sum()).alias("share_frac"),
        pl.int_range(1, pl.len() + 1).cast(pl.Int32).alias("rank"),
        pl.lit(basis).alias("basis"),
        pl.lit(path.name).alias("source_file"),
        "row_number",
    )
    hashes = [
        digest("prevalence-row:1", release_id, *row) for row in rows.select("code", "weight", "row_number").rows()
    ]
    rows = rows.with_columns(pl.Series("row_hash", hashes))
    return Prevalence(release_id, sha256, path.name, rows, rejects)


def release_id_of(path: Path, basis: Basis) -> str:
    """The release that a file and basis make, whether loaded yet or not."""
    return digest("prevalence:1", _sha256(path), basis)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise ReferenceInputError(f"no prevalence table at {path}; set MEDSYNTH_PREVALENCE to a .csv or .parquet file")
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ReferenceInputError(
            f"{path.name} cannot be read as a table: {reason}; wanted .csv or .parquet"
        ) from error


def _column(table: pl.DataFrame, names: tuple[str, ...], path: Path, what: str) -> str:
    lowered = {column.strip().lower(): column for column in table.columns}
    for name in names:
        if name in lowered:
            return lowered[name]
    raise ReferenceInputError(
        f"{path.name} has no column for the {what}; found {', '.join(table.columns)}, wanted one of {', '.join(names)}"
    )


def dotted(code: pl.Expr) -> pl.Expr:
    """`E119`, `e11.9 ` and `E11.9` are one code."""
    bare = code.str.strip_chars().str.to_uppercase().str.replace_all(".", "", literal=True)
    return pl.when(bare.str.len_chars() > 3).then(bare.str.slice(0, 3) + "." + bare.str.slice(3)).otherwise(bare)


def _judge(raw: pl.DataFrame, codes: pl.DataFrame, *, skip_zero: bool) -> pl.DataFrame:
    number = pl.col("raw_weight").str.strip_chars().cast(pl.Float64, strict=False)
    judged = raw.with_columns(dotted(pl.col("raw_code")).alias("code"), number.alias("weight")).join(
        codes, on="code", how="left", maintain_order="left"
    )
    if skip_zero:
        judged = judged.filter(pl.col("weight").fill_null(-1) != 0)
    reason = (
        pl.when(pl.col("raw_code").is_null() | (pl.col("code") == ""))
        .then(pl.lit("missing code"))
        .when(pl.col("is_billable").is_null())
        .then(pl.lit("unknown code"))
        .when(~pl.col("is_billable"))
        .then(pl.lit("not billable"))
        .when(pl.col("weight").is_null() | pl.col("weight").is_nan() | pl.col("weight").is_infinite())
        .then(pl.lit("missing weight"))
        .when(pl.col("weight") < 0)
        .then(pl.lit("negative weight"))
        .when(pl.col("weight") == 0)
        .then(pl.lit("zero weight"))
        .otherwise(pl.lit(""))
    )
    judged = judged.with_columns(reason.alias("reason"))
    repeated = (pl.col("reason") == "") & ~pl.col("code").is_first_distinct().over("reason")
    return judged.with_columns(
        pl.when(repeated).then(pl.lit("duplicate code")).otherwise(pl.col("reason")).alias("reason")
    )
