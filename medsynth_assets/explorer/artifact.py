"""One artifact opened: what it says, what it was made from, with which recipe, prompts and answers, and who judged it."""

import datetime as dt
import json
from typing import Any, NamedTuple

import duckdb

from medsynth_assets.explorer.differing import Part, differences
from medsynth_assets.explorer.record import Verdict
from medsynth_assets.records.artifact import Kind
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.rendering import rendered

_DRAFT_OF = {Kind.SCENARIO: Kind.SCENARIO_DRAFT, Kind.NOTE: Kind.NOTE_DRAFT, Kind.DIALOGUE: Kind.DIALOGUE_DRAFT}


class RecipeUsed(NamedTuple):
    recipe_id: str
    agent: str
    prompt_hash: str
    schema_hash: str
    engine: str
    model: str
    parameters: str
    families: list[str]
    knowledge_hash: str


class Exchange(NamedTuple):
    """A call with what was sent and answered. `messages` is None where the engine is sent nothing."""

    call_id: str
    agent: str
    round: int
    attempt: int
    status: str
    error: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    latency_ms: float
    from_ledger: bool
    started_at: dt.datetime
    messages: list[dict[str, str]] | None
    answer: str | None


class Body(NamedTuple):
    """An artifact with its text; '' where the body was removed on purpose."""

    artifact_id: str
    kind: str
    text: str
    parents: list[str]
    recipe_id: str
    engine: str
    model: str
    run_id: str
    created_at: dt.datetime


class Opened(NamedTuple):
    """`changes` against `compared`: its draft, or what stood before it; empty where they are equal or there is none."""

    body: Body
    parents: list[Body]
    recipe: RecipeUsed | None
    exchanges: list[Exchange]
    verdicts: list[Verdict]
    compared: Body | None
    changes: list[Part]


_OF_SLOT = "icd_code = $code and record_id = $record"
_BODIES = (
    "select artifact_id, kind, content, parents, recipe_id, engine, model, run_id, created_at"
    f" from generation.artifacts where {_OF_SLOT} and artifact_id in (select unnest($ids::varchar[]))"
)
_RECIPE = f"select {', '.join(RecipeUsed._fields)} from generation.recipes where recipe_id = $recipe limit 1"  # noqa: S608
_EXCHANGES = (
    f"select {', '.join(Exchange._fields)} from generation.calls where {_OF_SLOT} and recipe_id = $recipe"
    " order by (run_id = $run) desc, started_at, round, attempt"
)
_VERDICTS = (
    f"select {', '.join(Verdict._fields)} from quality.check_results where {_OF_SLOT} and artifact_id = $artifact"
    " qualify row_number() over (partition by asset, check_name order by checked_at desc) = 1"
    " order by is_passed, check_name"
)
_BEFORE = (
    "select h.artifact_id from generation.heads as h"
    " where h.icd_code = $code and h.record_id = $record and h.stage = $stage and h.seq < ("
    "  select min(seq) from generation.heads where icd_code = $code and record_id = $record and artifact_id = $artifact"
    " ) order by h.seq desc limit 1"
)


def open_artifact(con: duckdb.DuckDBPyConnection, slot: Slot, artifact_id: str) -> Opened | None:
    """The artifact, if it is of this slot."""
    key = {"code": slot.code, "record": slot.record_id}
    found = _bodies(con, key, [artifact_id])
    if not found:
        return None
    body = found[0]
    parents = _bodies(con, key, body.parents)
    compared = _compared(con, key, body, parents)
    recipe = con.execute(_RECIPE, {"recipe": body.recipe_id}).fetchone()
    exchanges = con.execute(_EXCHANGES, {**key, "recipe": body.recipe_id, "run": body.run_id}).fetchall()
    return Opened(
        body, parents, RecipeUsed(*recipe) if recipe else None,
        exchanges=[_exchange(row) for row in exchanges] if body.recipe_id else [],
        verdicts=[Verdict(*row) for row in con.execute(_VERDICTS, {**key, "artifact": artifact_id}).fetchall()],
        compared=compared,
        changes=differences(compared.text, body.text) if compared else [],
    )  # fmt: skip


def _bodies(con: duckdb.DuckDBPyConnection, key: dict[str, str], ids: list[str]) -> list[Body]:
    rows = con.execute(_BODIES, {**key, "ids": ids}).fetchall()
    by_id = {row[0]: Body(row[0], row[1], _text(row[1], row[2]), *row[3:]) for row in rows}
    return [by_id[wanted] for wanted in ids if wanted in by_id]


def _text(kind: str, content: str | None) -> str:
    return rendered(kind, json.loads(content)) if content else ""


def _exchange(row: tuple[Any, ...]) -> Exchange:
    made = Exchange(*row)
    return made._replace(messages=json.loads(row[-2]) if row[-2] else None)


def _compared(con: duckdb.DuckDBPyConnection, key: dict[str, str], body: Body, parents: list[Body]) -> Body | None:
    """What a reader wants it compared with: its own draft, or the product that stood before it."""
    draft = [parent for parent in parents if parent.kind == _DRAFT_OF.get(Kind(body.kind))]
    if draft:
        return draft[0]
    return _predecessor(con, key, body)


def _predecessor(con: duckdb.DuckDBPyConnection, key: dict[str, str], body: Body) -> Body | None:
    row = con.execute(_BEFORE, {**key, "stage": f"{body.kind}s", "artifact": body.artifact_id}).fetchone()
    found = _bodies(con, key, [row[0]]) if row else []
    return found[0] if found else None
