"""Which turns of a dialogue say which facts of its note, with the place of each fact in the note's text.

The one place that knows the pair checks: pages only see sections in pieces.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.quality.facts.hearing import Turn as Heard
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.quality.pairs import Judged, Pair
from medsynth_assets.records.dialogue import Turn
from medsynth_assets.records.note import SECTIONS, Note


class Piece(NamedTuple):
    """A stretch of a section. `fact` is None for what lies between facts; `turns` count from 0, empty where unsaid."""

    text: str
    fact: int | None = None
    turns: tuple[int, ...] = ()


class Aligned(NamedTuple):
    """A note in pieces, by section; how many facts it states and how many of them are said."""

    sections: tuple[tuple[str, tuple[Piece, ...]], ...]
    facts: int
    said: int


def align(code: str, note: Note, turns: Sequence[Turn]) -> Aligned:
    """Note facts against turns. `turns` empty: a note without its dialogue, in which nothing is said yet."""
    text = note.render()
    heard = tuple(Heard(turn.speaker, turn.text) for turn in turns)
    facts = Pair(text, heard, lay_forms(knowledge_base(), code)).facts if turns else ()
    sections = []
    at = 0
    for name in SECTIONS:
        body = getattr(note, name)
        at = text.index(f"{name.capitalize()}:\n", at) + len(name) + 2
        within = [(n, fact) for n, fact in enumerate(facts) if at <= fact.fact.start < at + len(body)]
        sections.append((name, tuple(_pieces(body, at, within))))
        at += len(body)
    return Aligned(tuple(sections), len(facts), sum(fact.is_covered for fact in facts))


def _pieces(body: str, offset: int, facts: Sequence[tuple[int, Judged]]) -> Iterator[Piece]:
    at = 0
    for number, judged in facts:
        start, end = judged.fact.start - offset, judged.fact.end - offset
        if start > at:
            yield Piece(body[at:start])
        yield Piece(body[start:end], number, judged.turns)
        at = end
    if at < len(body):
        yield Piece(body[at:])
