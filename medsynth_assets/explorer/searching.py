"""Searching records: by code, text, check result, engine and run; a page at a time, in a bounded time.

The slots are walked in order of code, some codes at once, until the page is full or the time is up; what was
looked at is said, and the next page goes on from there. So a rare word among a million notes answers in seconds,
honestly, instead of in minutes, and nothing is ever sorted or counted as a whole.
"""

import time
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import duckdb

from medsynth_assets.explorer.codes import Code, Holdings

PAGE = 25
BUDGET_S = 2.0  # after this a page is shown with what was found; people wait longer for text than for a list
_FIRST_SLOTS = 4 * PAGE  # an unfiltered page is found in the first look
_FIRST_SLOTS_FILTERED = 2_000
_GROWTH = (
    4  # a look is wider than the one before where time allows: passing over rows costs the same for few codes and many
)

ANY, PASSED, FAILED, QUARANTINED = "", "passed", "failed", "quarantined"


class Search(NamedTuple):
    """What is looked for; an empty field asks for nothing. `after` is the place of the last slot of the page before."""

    text: str = ""
    code: str = ""
    check: str = ANY  # passed, failed, quarantined, or the name of a check that the record fails
    engine: str = ""
    run: str = ""  # the beginning of a run id
    after: tuple[str, int] = ("", 0)

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.check or self.engine or self.run)


class Found(NamedTuple):
    """Slots of one page, in order. `go_on` is where the next begins; None where everything was looked at."""

    slots: tuple[tuple[str, str, int], ...]  # record id, code, ordinal
    go_on: tuple[str, int] | None
    looked_at: str  # the last code looked at where the time was up, otherwise ''


def find(con: duckdb.DuckDBPyConnection, search: Search, held: Holdings) -> Found:
    """One page of records."""
    codes = [code for code in held.matching(search.code) if code.code >= search.after[0]]
    found: list[tuple[str, str, int]] = []
    seen, slots = 0, _FIRST_SLOTS_FILTERED if search.is_filtered else _FIRST_SLOTS
    deadline = time.monotonic() + BUDGET_S
    while seen < len(codes):
        some, began = _stretch(codes[seen:], slots), time.monotonic()
        found += _among(con, search, [code.code for code in some], PAGE + 1 - len(found))
        seen += len(some)
        if len(found) > PAGE:
            _, code, ordinal = found[PAGE - 1]
            return Found(tuple(found[:PAGE]), (code, ordinal), "")
        now = time.monotonic()
        if now > deadline and seen < len(codes):
            return Found(tuple(found), (codes[seen].code, 0), some[-1].code)
        slots *= _GROWTH if (now - began) * _GROWTH < deadline - now else 1
    return Found(tuple(found), None, "")


def _stretch(codes: Sequence[Code], slots: int) -> Sequence[Code]:
    """The first codes that hold at least `slots` slots."""
    held = accumulate(code.slots for code in codes)
    return codes[: 1 + next((n for n, sofar in enumerate(held) if sofar >= slots), len(codes))]


def _among(con: duckdb.DuckDBPyConnection, search: Search, codes: list[str], most: int) -> list[tuple[str, str, int]]:
    """Slots of these codes, which are in order. `between` is what the storage can skip rows by, before it reads a text."""
    wanted, values = _conditions(search)
    sql = f"""
        with codes as (select unnest($codes::varchar[]) as icd_code),
        current as (
            select
                record_id, icd_code, ordinal, stage, arg_max(artifact_id, seq) as artifact_id,
                arg_max(engine, seq) as engine, arg_max(run_id, seq) as run_id
            from generation.heads where icd_code between $first and $last and icd_code in (from codes)
            group by record_id, icd_code, ordinal, stage
        ),
        failed_attempts as (
            select record_id, icd_code, ordinal, engine, run_id from generation.quarantine as q
            where icd_code in (from codes) and not exists (
                select 1 from generation.heads as h
                where h.record_id = q.record_id and h.stage = q.stage and h.set_at >= q.quarantined_at
            )
        ),
        ever_failed as materialized (
            select distinct artifact_id, check_name from quality.check_results
            where icd_code between $first and $last and not is_passed
        ),
        verdicts as (
            select artifact_id, check_name, arg_max(is_passed, checked_at) as is_passed
            from quality.check_results
            where icd_code between $first and $last and artifact_id in (select artifact_id from ever_failed)
            group by artifact_id, check_name
        ),
        failures as (
            select current.record_id, verdicts.check_name
            from verdicts inner join current using (artifact_id) where not verdicts.is_passed
        ),
        slots as (
            select record_id, icd_code, ordinal from current
            union
            select record_id, icd_code, ordinal from failed_attempts
        )
        select record_id, icd_code, ordinal from slots
        where (icd_code, ordinal) > ($after_code, $after_ordinal) {wanted}
        order by icd_code, ordinal limit $most
    """  # noqa: S608  only the constants below are put in
    after_code, after_ordinal = search.after
    return con.execute(
        sql,
        {
            "codes": codes,
            "first": codes[0],
            "last": codes[-1],
            "after_code": after_code,
            "after_ordinal": after_ordinal,
            "most": most,
            **values,
        },
    ).fetchall()


_BY_ENGINE = """(
    record_id in (select record_id from current where engine = $engine)
    or record_id in (select record_id from failed_attempts where engine = $engine)
)"""
_IN_RUN = """(
    record_id in (select record_id from current where starts_with(run_id, $run))
    or record_id in (select record_id from failed_attempts where starts_with(run_id, $run))
)"""
_WITH_TEXT = """record_id in (
    select current.record_id from current inner join generation.artifacts as a using (artifact_id)
    where a.icd_code between $first and $last and a.kind in ('note', 'dialogue') and contains(lower(a.text), $text)
)"""
_CHECKS = {
    PASSED: "record_id in (select record_id from quality.check_results where icd_code between $first and $last)"
    " and record_id not in (select record_id from failures)"
    " and record_id not in (select record_id from failed_attempts)",
    FAILED: "record_id in (select record_id from failures)",
    QUARANTINED: "record_id in (select record_id from failed_attempts)",
}
_CHECK_NAMED = "record_id in (select record_id from failures where check_name = $check)"


def _conditions(search: Search) -> tuple[str, dict[str, Any]]:
    """SQL conditions of constants, and the values they are bound to."""
    wanted: list[str] = []
    values: dict[str, Any] = {}
    if search.text:
        wanted.append(_WITH_TEXT)
        values["text"] = search.text.lower()
    if search.check:
        wanted.append(_CHECKS.get(search.check, _CHECK_NAMED))
        if search.check not in _CHECKS:
            values["check"] = search.check
    if search.engine:
        wanted.append(_BY_ENGINE)
        values["engine"] = search.engine
    if search.run:
        wanted.append(_IN_RUN)
        values["run"] = search.run
    return "".join(f" and {condition}" for condition in wanted), values
