"""Which turns of a dialogue say which facts of its note, with the place of each fact in the note's text.

The one place that knows the coverage measure: pages only see sections in pieces.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.quality.coverage import WINDOW_TURNS, Fact, coverage
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.records.note import SECTIONS, Note

_WORD = re.compile(r"[a-z]{4,}|\d+(?:\.\d+)?")
_LEFT_OUT = r"(?:\s|\([^)]*\)|\b\d+-(?:year|month|week)-old\b)+"  # what the measure drops inside a clause


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


def align(code: str, note: Note, turns: Sequence[str]) -> Aligned:
    """Note facts against turns. `turns` empty: a note without its dialogue, in which nothing is said yet."""
    found = coverage(note, turns, lay_forms(knowledge_base(), code)).facts if turns else ()
    numbered = list(enumerate(found))
    return Aligned(
        tuple(
            (name, tuple(_pieces(getattr(note, name), [(n, f) for n, f in numbered if f.section == name], turns)))
            for name in SECTIONS
        ),
        len(found),
        sum(fact.turn is not None for fact in found),
    )


def _pieces(text: str, facts: Sequence[tuple[int, Fact]], turns: Sequence[str]) -> Iterator[Piece]:
    at = 0
    for number, fact in facts:
        place = re.compile(_LEFT_OUT.join(map(re.escape, fact.text.split()))).search(text, at)
        if not place:  # the measure reworded it; it still counts, unmarked
            continue
        if place.start() > at:
            yield Piece(text[at : place.start()])
        yield Piece(place[0], number, _turns(fact, turns))
        at = place.end()
    if at < len(text):
        yield Piece(text[at:])


def _turns(fact: Fact, turns: Sequence[str]) -> tuple[int, ...]:
    """The turns of the covering window that share a word with the fact; its middle where only synonyms do."""
    if fact.turn is None:
        return ()
    half = WINDOW_TURNS // 2
    words = _words(fact.text)
    window = range(max(0, fact.turn - half), min(len(turns), fact.turn + half + 1))
    return tuple(n for n in window if words & _words(turns[n])) or (fact.turn,)


def _words(text: str) -> set[str]:
    return {word[:5] for word in _WORD.findall(text.lower())}
