"""Everything the warehouse holds about one slot, read by its id; bodies only of what stands."""

import datetime as dt
import json
from typing import Any, NamedTuple

import duckdb

from medsynth_assets.records.identity import Slot


class Made(NamedTuple):
    """An artifact of the slot without its body."""

    artifact_id: str
    kind: str
    parents: list[str]
    recipe_id: str
    engine: str
    model: str
    run_id: str
    created_at: dt.datetime


class HeadSet(NamedTuple):
    """A moment at which an artifact became what stands for a stage."""

    stage: str
    artifact_id: str
    parent_artifact_id: str
    stage_recipe_id: str
    engine: str
    run_id: str
    set_at: dt.datetime


class Failure(NamedTuple):
    """An attempt that went to quarantine."""

    stage: str
    reason: str
    detail: str
    engine: str
    run_id: str
    quarantined_at: dt.datetime


class CallMade(NamedTuple):
    """One request, without what was sent and answered."""

    call_id: str
    agent: str
    round: int
    attempt: int
    recipe_id: str
    engine: str
    model: str
    status: str
    error: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    latency_ms: float
    from_ledger: bool
    run_id: str
    started_at: dt.datetime


class Verdict(NamedTuple):
    """The newest result of a check of one artifact."""

    asset: str
    artifact_id: str
    check_name: str
    observed: str | None
    threshold: str
    is_passed: bool
    explanation: str
    checked_at: dt.datetime


class Record(NamedTuple):
    """One slot. `current` maps a stage to its standing artifact; `bodies` an artifact id to its content, None if removed."""

    slot: Slot
    description: str
    chapter_title: str
    rank: int | None
    made: list[Made]
    heads: list[HeadSet]
    failures: list[Failure]
    calls: list[CallMade]
    verdicts: list[Verdict]
    bodies: dict[str, Any]

    @property
    def current(self) -> dict[str, str]:
        return {head.stage: head.artifact_id for head in self.heads}

    @property
    def standing_verdicts(self) -> list[Verdict]:
        standing = set(self.current.values())
        return [verdict for verdict in self.verdicts if verdict.artifact_id in standing]

    @property
    def standing_failure(self) -> Failure | None:
        """The attempt that nothing has made good since."""
        newest = {head.stage: head.set_at for head in self.heads}
        open_ones = [
            failure
            for failure in self.failures
            if failure.stage not in newest or newest[failure.stage] < failure.quarantined_at
        ]
        return open_ones[-1] if open_ones else None

    def body(self, stage: str) -> Any:
        return self.bodies.get(self.current.get(stage, ""))


_OF_SLOT = "where icd_code = $code and record_id = $record"  # the code first: it is stored in a few bits a row
_MADE = f"select {', '.join(Made._fields)} from generation.artifacts {_OF_SLOT} order by created_at"
_HEADS = f"select {', '.join(HeadSet._fields)} from generation.heads {_OF_SLOT} order by seq"
_FAILURES = f"select {', '.join(Failure._fields)} from generation.quarantine {_OF_SLOT} order by seq"
_CALLS = f"select {', '.join(CallMade._fields)} from generation.calls {_OF_SLOT} order by started_at, round, attempt"
_VERDICTS = (
    f"select {', '.join(Verdict._fields)} from quality.check_results {_OF_SLOT}"
    " qualify row_number() over (partition by artifact_id, asset, check_name order by checked_at desc) = 1"
    " order by is_passed, asset, check_name"
)
_BODIES = (
    f"select artifact_id, content from generation.artifacts {_OF_SLOT} and artifact_id in (select unnest($ids::varchar[]))"
)
_CODE = """
select description, chapter_title, (select min(rank) from reference.icd_prevalence where code = $code)
from reference.icd10cm_codes where code = $code limit 1
"""


def read_record(con: duckdb.DuckDBPyConnection, slot: Slot) -> Record | None:
    """Everything about the slot; None where it holds nothing."""
    key = {"code": slot.code, "record": slot.record_id}
    heads = [HeadSet(*row) for row in con.execute(_HEADS, key).fetchall()]
    failures = [Failure(*row) for row in con.execute(_FAILURES, key).fetchall()]
    if not heads and not failures:
        return None
    standing = {head.stage: head.artifact_id for head in heads}
    description, chapter_title, rank = con.execute(_CODE, {"code": slot.code}).fetchone() or ("", "", None)
    return Record(
        slot, description, chapter_title, rank,
        made=[Made(*row) for row in con.execute(_MADE, key).fetchall()],
        heads=heads,
        failures=failures,
        calls=[CallMade(*row) for row in con.execute(_CALLS, key).fetchall()],
        verdicts=[Verdict(*row) for row in con.execute(_VERDICTS, key).fetchall()],
        bodies=_bodies(con, key, list(standing.values())),
    )  # fmt: skip


def _bodies(con: duckdb.DuckDBPyConnection, key: dict[str, str], ids: list[str]) -> dict[str, Any]:
    rows = con.execute(_BODIES, {**key, "ids": ids}).fetchall()
    return {artifact_id: json.loads(content) if content else None for artifact_id, content in rows}


def neighbours(con: duckdb.DuckDBPyConnection, slot: Slot) -> tuple[str | None, str | None]:
    """The records of the same code before and after this one."""
    row = con.execute(
        "select arg_max(record_id, ordinal) filter (where ordinal < $ordinal),"
        " arg_min(record_id, ordinal) filter (where ordinal > $ordinal) from generation.heads where icd_code = $code",
        {"code": slot.code, "ordinal": slot.ordinal},
    ).fetchone()
    return row if row else (None, None)
