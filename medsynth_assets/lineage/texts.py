"""Texts of artifacts: drafts rendered as their products are, differences to a parent, and where a sentence came in."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from medsynth_assets.lineage.trace import Node, Relation, Trace
from medsynth_assets.records.artifact import Kind
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note

_ALIKE = 0.5  # of difflib's ratio: below it two sentences share words, not meaning
_ORDER = tuple(Kind)  # from plan to dialogue
_DRAFT_OF = {Kind.NOTE: Kind.NOTE_DRAFT, Kind.DIALOGUE: Kind.DIALOGUE_DRAFT}


class Introduction(NamedTuple):
    """Where a sentence first stood word for word, and what it was made of there: the likest of the parents' sentences."""

    node: Node
    parent: Node | None
    likest: str


def text_of(node: Node) -> str:
    """The text of an artifact, drafts too; of a scenario or plan its values, a line each; '' where it was removed."""
    content = node.detail.get("content")
    if content is None:
        return ""
    if node.kind in (Kind.NOTE_DRAFT, Kind.NOTE):
        return Note.model_validate(content).render()
    if node.kind in (Kind.DIALOGUE_DRAFT, Kind.DIALOGUE):
        return Dialogue.model_validate(content).render()
    if node.kind == Kind.UTTERANCE:
        return "\n".join(f"[{turn['speaker']}]: {turn['text']}" for turn in content["turns"])
    return "\n".join(_values(content))


def difference(trace: Trace, node: Node) -> str:
    """What a polisher changed: a unified diff to the draft; '' where there is no draft or nothing changed."""
    draft = _parent(trace, node, _DRAFT_OF.get(Kind(node.kind))) if node.kind in set(Kind) else None
    if draft is None:
        return ""
    before, after = (_lines(text_of(which)) for which in (draft, node))
    return "\n".join(difflib.unified_diff(before, after, draft.label, node.label, lineterm="", n=1))


def introduced(trace: Trace, sentence: str) -> Introduction | None:
    """The earliest artifact of what stands that holds the sentence, spaces and case aside; None where none does."""
    wanted = _plain(sentence)
    standing = [node for node in trace.nodes if node.detail.get("standing") == "current" and node.kind in set(Kind)]
    for node in sorted(standing, key=lambda node: _ORDER.index(Kind(node.kind))):
        if wanted and wanted in _plain(text_of(node)):
            return _from_parents(trace, node, sentence)
    return None


def _from_parents(trace: Trace, node: Node, sentence: str) -> Introduction:
    best, of, likest = 0.0, None, ""
    for parent_id in trace.targets(node.id, Relation.MADE_FROM):
        parent = trace.node(parent_id)
        for line in _lines(text_of(parent)) if parent else []:
            score = difflib.SequenceMatcher(None, _plain(line), _plain(sentence)).ratio()
            if score > best:
                best, of, likest = score, parent, line
    return Introduction(node, of, likest) if best >= _ALIKE else Introduction(node, None, "")


def _parent(trace: Trace, node: Node, kind: Kind | None) -> Node | None:
    parents = (trace.node(target) for target in trace.targets(node.id, Relation.MADE_FROM))
    return next((parent for parent in parents if parent and parent.kind == kind), None)


def _values(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for value in content.values():
            yield from _values(value)
    elif isinstance(content, list):
        for value in content:
            yield from _values(value)
    elif content not in (None, ""):
        yield str(content)


def _lines(text: str) -> list[str]:
    """A sentence or turn each, so that a diff shows sentences."""
    return [part for line in text.splitlines() for part in re.split(r"(?<=[.!?])\s+", line) if part]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
