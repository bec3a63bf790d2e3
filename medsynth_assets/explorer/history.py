"""The history of a slot: what stood for it when, and why it was replaced."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from medsynth_assets.explorer.record import Record, Row
from medsynth_assets.lineage.trace import Node
from medsynth_assets.records.artifact import Stage

_SEEN = {  # columns of a recipe, as people call them
    "prompt_hash": "prompt",
    "schema_hash": "answer schema",
    "engine": "engine",
    "model": "model",
    "parameters": "parameters",
    "knowledge_hash": "knowledge",
}


class Event(NamedTuple):
    """One moment. `sign`: made, replaced or failed; `why` is '' for what was made first."""

    at: dt.datetime
    sign: str
    title: str
    why: str
    artifact_id: str
    run_id: str
    is_current: bool


def history(record: Record) -> list[Event]:
    """Newest first; of what one transaction wrote, the stage furthest on."""
    kinds = [stage.product.value for stage in Stage]
    products = sorted((n for n in record.artifacts.values() if n.kind in kinds), key=lambda n: -kinds.index(n.kind))
    made = [event for node in products for event in _made(record, node)]
    failed = [_failed(failure, failure == record.standing_failure) for failure in record.failures]
    return sorted((*made, *failed), key=lambda event: event.at, reverse=True)


def _made(record: Record, node: Node) -> Iterator[Event]:
    """An artifact may have become current more than once: after another, or by being made again."""
    before = node.detail.get("replaced")
    for n, at in enumerate(node.detail.get("became_current_at") or ()):
        sign = "replaced" if before or n else "made"
        why = _why(record, node, before) if before else "made again with the same result" if n else ""
        yield Event(
            at, sign, f"{node.kind} {sign}", why, node.detail["artifact_id"], node.detail["run_id"],
            bool(node.detail["is_head"]),
        )  # fmt: skip


def _why(record: Record, node: Node, before: Row) -> str:
    """What the trace gives as the reason, and what of the recipe differs."""
    older = record.artifacts.get(before["artifact_id"])
    was, now = (record.recipe(older) if older else None), record.recipe(node)
    changed = [name for column, name in _SEEN.items() if was and now and was[column] != now[column]]
    reason = str(before["why"])
    return f"{reason}: {', '.join(changed)}" if changed else reason


def _failed(failure: Row, is_open: bool) -> Event:
    title = f"{Stage(failure['stage']).product.value} quarantined: {failure['reason']}"
    return Event(failure["quarantined_at"], "failed", title, failure["detail"], "", failure["run_id"], is_open)
