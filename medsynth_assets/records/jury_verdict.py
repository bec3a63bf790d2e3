"""A verdict of the jury as it is kept: an artifact about artifacts, named by everything that it is."""

from enum import StrEnum
from typing import Any, NamedTuple

from medsynth_assets.records.identity import Slot, digest


class VerdictKind(StrEnum):
    RUBRIC = "rubric"
    SUPPORT = "support"
    PREFERENCE = "preference"


class JuryVerdict(NamedTuple):
    """What one judge said of one record.

    parents: ids of the note and dialogue judged, and for a preference of the other dialogue; one that is in no warehouse is
    named by its text (`text_id`). other: what the record was compared with, '' where with nothing. call_ids: the calls whose
    answers it is, in order. cost_usd, tokens: of these calls.
    """

    kind: VerdictKind
    slot: Slot
    content: dict[str, Any]
    parents: tuple[str, ...]
    other: str
    recipe_id: str
    prompt_hash: str
    model: str
    call_ids: tuple[str, ...]
    cost_usd: float
    tokens: int

    @property
    def verdict_id(self) -> str:
        return verdict_id(self.kind, self.slot.record_id, self.content, self.parents, self.recipe_id, self.call_ids)


def verdict_id(
    kind: str, record_id: str, content: Any, parents: tuple[str, ...] | list[str], recipe_id: str,
    call_ids: tuple[str, ...] | list[str],
) -> str:  # fmt: skip
    """Name a verdict by what was said, of what, how and in answer to which calls."""
    return digest("jury:1", kind, record_id, content, list(parents), recipe_id, list(call_ids))


def text_id(text: str) -> str:
    """Name a dialogue that is no artifact of this warehouse."""
    return digest("jury-text:1", text)
