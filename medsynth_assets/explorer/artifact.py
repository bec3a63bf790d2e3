"""One artifact opened: what it says, what changed from its draft or predecessor, its recipe, prompts, answers, checks."""

from typing import NamedTuple

from medsynth_assets.explorer.differing import Part, differences
from medsynth_assets.explorer.record import Record, Row
from medsynth_assets.lineage.trace import Node, Relation
from medsynth_assets.records.artifact import Kind
from medsynth_assets.records.rendering import rendered

_DRAFT = {Kind.SCENARIO: Kind.SCENARIO_DRAFT, Kind.NOTE: Kind.NOTE_DRAFT, Kind.DIALOGUE: Kind.DIALOGUE_DRAFT}


class Opened(NamedTuple):
    """`text` is '' where the body was removed; `changes` from `compared`, empty where they are equal or there is none."""

    node: Node
    text: str
    parents: list[Node]
    recipe: Row | None
    run: Row
    calls: list[Row]
    verdicts: list[Row]
    compared: Node | None
    changes: list[Part]


def open_artifact(record: Record, artifact_id: str) -> Opened | None:
    """The artifact, if it is of this record."""
    node = record.artifacts.get(artifact_id)
    if not node:
        return None
    compared = _compared(record, node)
    return Opened(
        node,
        text=_text(node),
        parents=record.related(node, Relation.MADE_FROM),
        recipe=record.recipe(node),
        run=next((run.detail for run in record.related(node, Relation.MADE_IN)), {}),
        calls=_calls(record, node),
        verdicts=[verdict for verdict in record.verdicts if verdict["artifact_id"] == artifact_id],
        compared=compared,
        changes=differences(_text(compared), _text(node)) if compared else [],
    )


def _text(node: Node) -> str:
    content = node.detail.get("content")
    return rendered(node.kind, content) if content else ""


def _compared(record: Record, node: Node) -> Node | None:
    """What a reader wants it compared with: its own draft, or else what stood before it."""
    drafts = [
        parent for parent in record.related(node, Relation.MADE_FROM) if parent.kind == _DRAFT.get(Kind(node.kind))
    ]
    older = record.related(node, Relation.SUPERSEDES)
    return next(iter(drafts or older), None)


def _calls(record: Record, node: Node) -> list[Row]:
    """The calls whose answer it is; of warehouses that do not tell, those of its recipe in its run."""
    answered = record.related(node, Relation.ANSWERED_BY)
    if answered:
        return [call.detail for call in answered]
    recipe_id, run_id = node.detail.get("recipe_id"), node.detail.get("run_id")
    return [call for call in record.calls if recipe_id and (call["recipe_id"], call["run_id"]) == (recipe_id, run_id)]
