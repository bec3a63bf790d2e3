"""The history of a slot: what stood for it when, and why it was replaced."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from medsynth_assets.explorer.record import HeadSet, Record


class Event(NamedTuple):
    """One moment. `sign`: made, replaced or failed. `why` is '' for what was made first."""

    at: dt.datetime
    stage: str
    sign: str
    title: str
    why: str
    artifact_id: str
    run_id: str
    is_current: bool


class RecipeSeen(NamedTuple):
    """What decided how an artifact was made, as far as people ask about it."""

    prompt: str
    answer_schema: str
    engine: str
    model: str
    parameters: str
    knowledge: str


_RECIPES = """
select a.artifact_id, r.prompt_hash, r.schema_hash, r.engine, r.model, r.parameters::varchar,
    r.knowledge_hash || r.families::varchar
from generation.artifacts as a inner join generation.recipes as r using (recipe_id)
where a.icd_code = $code and a.record_id = $record
"""


def recipes_seen(con: duckdb.DuckDBPyConnection, record: Record) -> dict[str, RecipeSeen]:
    """Recipes by artifact id."""
    key = {"code": record.slot.code, "record": record.slot.record_id}
    return {row[0]: RecipeSeen(*row[1:]) for row in con.execute(_RECIPES, key).fetchall()}


def history(record: Record, recipes: dict[str, RecipeSeen]) -> list[Event]:
    """Newest first."""
    return sorted((*_made(record, recipes), *_failed(record)), key=lambda event: event.at, reverse=True)


def _made(record: Record, recipes: dict[str, RecipeSeen]) -> Iterator[Event]:
    before: dict[str, HeadSet] = {}
    current = record.current
    for head in record.heads:
        old = before.get(head.stage)
        what = head.stage.removesuffix("s")
        yield Event(
            head.set_at, head.stage, "replaced" if old else "made", f"{what} {'replaced' if old else 'made'}",
            _why(old, head, recipes) if old else "", head.artifact_id, head.run_id,
            current[head.stage] == head.artifact_id,
        )  # fmt: skip
        before[head.stage] = head


def _why(old: HeadSet, new: HeadSet, recipes: dict[str, RecipeSeen]) -> str:
    if old.artifact_id == new.artifact_id:
        return "made again with the same result"
    reasons = []
    one, other = recipes.get(old.artifact_id), recipes.get(new.artifact_id)
    if one and other:
        reasons = [
            f"the {name.replace('_', ' ')} changed"
            for name, was, now in zip(RecipeSeen._fields, one, other, strict=True)
            if was != now
        ]
    if old.stage_recipe_id != new.stage_recipe_id and not reasons:
        reasons = ["an agent's recipe changed"]
    if old.parent_artifact_id != new.parent_artifact_id and new.stage != "scenarios":
        reasons.append(f"its {'scenario' if new.stage == 'notes' else 'note'} was replaced")
    return "; ".join(reasons) or "made again on request"


def _failed(record: Record) -> Iterator[Event]:
    for failure in record.failures:
        yield Event(
            failure.quarantined_at, failure.stage, "failed", f"{failure.stage.removesuffix('s')} quarantined: {failure.reason}",
            failure.detail, "", failure.run_id, failure == record.standing_failure,
        )  # fmt: skip
