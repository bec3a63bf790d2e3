"""The codes that the dataset holds anything of, in order, with how many slots each has."""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb


class Code(NamedTuple):
    """One code with records or failed attempts. `slots` counts both."""

    code: str
    description: str
    chapter: str
    chapter_title: str
    slots: int


class Holdings(NamedTuple):
    """What a search can choose from."""

    codes: tuple[Code, ...]  # by code
    engines: tuple[str, ...]
    failed_checks: tuple[str, ...]  # names of checks that some record fails
    runs: tuple[tuple[str, str], ...]  # run id and when, newest first

    @property
    def slots(self) -> int:
        return sum(code.slots for code in self.codes)

    def matching(self, wanted: str) -> Sequence[Code]:
        """Codes that begin with `wanted`, or whose description has all of its words; all of them where it is empty."""
        prefix, words = wanted.upper(), wanted.lower().split()
        found = [code for code in self.codes if code.code.startswith(prefix)]
        return found or [code for code in self.codes if all(word in code.description.lower() for word in words)]


_CODES = """
with slots as (
    select distinct icd_code, ordinal from generation.heads
    union
    select distinct icd_code, ordinal from generation.quarantine
),
counted as (select icd_code, count(*) as slot_count from slots group by icd_code)
select
    counted.icd_code, coalesce(codes.description, ''), coalesce(codes.chapter, ''), coalesce(codes.chapter_title, ''),
    counted.slot_count
from counted
left join reference.icd10cm_codes as codes on counted.icd_code = codes.code
order by counted.icd_code
"""
_RUNS = """
select run_id, strftime(max(set_at), '%Y-%m-%d %H:%M') from generation.heads
group by run_id order by max(set_at) desc limit 50
"""


def holdings(con: duckdb.DuckDBPyConnection) -> Holdings:
    """One look over the narrow columns; no text is read."""
    return Holdings(
        codes=tuple(Code(*row) for row in con.execute(_CODES).fetchall()),
        engines=_first(con, "select distinct engine from generation.heads order by engine"),
        failed_checks=_first(
            con, "select distinct check_name from quality.check_results where not is_passed order by check_name"
        ),
        runs=tuple((run, when) for run, when in con.execute(_RUNS).fetchall()),
    )


def _first(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, ...]:
    return tuple(row[0] for row in con.execute(sql).fetchall())
