"""Contradiction: what a dialogue says otherwise than its note: another number, dose, drug, side, or the opposite."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from medsynth_assets.clinical.drugs import Drug, drugs_named
from medsynth_assets.clinical.phrases import Found
from medsynth_assets.quality.facts.covering import Match
from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.language.quantities import Quantity

_DOSES = {"mg", "mcg", "g", "ml", "unit", "meq", "per_day", "tablet", "puff"}
_CALENDAR = {"month_of_year", "day_of_month", "calendar_year"}  # another date is of another event, as birth dates are
_AGREES_NEAR = 0.55  # of a fact's weight that has to be said near before a different number is a contradiction
_CLEARLY = 0.7  # of its weight said near before the opposite is a contradiction
_AGAINST = 0.7  # of its weight, said close to a word of it that is said with the other polarity only
_MOSTLY = 0.6  # of its weight said with the other polarity
_SIDE_REACH = 6  # words between a side and what it is the side of


class Difference(StrEnum):
    NUMBER = "number"
    DOSE = "dose"
    DRUG = "drug"
    SIDE = "side"
    NEGATION = "negation"


class Contradiction(NamedTuple):
    """What the note says at note[start:end], and what turn `turn` says instead."""

    kind: Difference
    note_text: str
    start: int
    end: int
    dialogue_text: str
    turn: int


def contradictions(fact: Fact, match: Match, heard: Heard, stated: Sequence[Quantity]) -> list[Contradiction]:
    """The contradictions of one fact. `stated`: every quantity of the note, so that a dialogue's second number is not held
    against the first."""
    if match.turn < 0:
        return []
    return [
        *_numbers(fact, match, heard, stated),
        *_drugs(fact, match, heard),
        *_sides(fact, heard),
        *_negations(fact, match, heard),
    ]


def _numbers(fact: Fact, match: Match, heard: Heard, stated: Sequence[Quantity]) -> Iterator[Contradiction]:
    if match.near < _AGREES_NEAR and fact.parts:
        return
    turns = sorted({match.turn, *match.turns})
    for quantity in fact.quantities:
        if quantity.unit in _CALENDAR:
            continue
        said = [(turn, other) for turn in turns for other in heard.said[turn].quantities]
        if any(quantity.same(other) for _, other in said):
            continue
        for turn, other in said:
            if quantity.comparable(other) and not any(other.same(own) for own in stated):
                kind = Difference.DOSE if quantity.unit in _DOSES else Difference.NUMBER
                yield _contradiction(kind, fact, heard.turns[turn].text[other.start : other.end], turn)
                break


def _drugs(fact: Fact, match: Match, heard: Heard) -> Iterator[Contradiction]:
    """A drug that is never said, where another with the same dose is."""
    named: list[Found[Drug]] = list(drugs_named(fact.text))
    doses = [quantity for quantity in fact.quantities if quantity.unit in _DOSES]
    if len(named) != 1 or not doses or f"={named[0].meaning.name}" in heard.hits:
        return
    for turn in sorted({match.turn, *match.turns}):
        for other in drugs_named(heard.turns[turn].text):
            if named[0].meaning.name.startswith(other.meaning.name):
                continue  # the same one without its salt
            if any(dose.same(said) for dose in doses for said in heard.said[turn].quantities):
                yield _contradiction(Difference.DRUG, fact, heard.turns[turn].text[other.start : other.end], turn)
                return


def _sides(fact: Fact, heard: Heard) -> Iterator[Contradiction]:
    """The other side, wherever what stands beside the side in the note is said with one."""
    other = {"left": "right", "right": "left"}.get(fact.side)
    if other is None:
        return
    said: dict[str, int] = {}
    for meaning in _sided(fact):
        for hit in heard.hits.get(meaning, ()):
            for at, side in heard.said[hit.turn].sides:
                if abs(at - hit.at) <= _SIDE_REACH:
                    said.setdefault(side, hit.turn)
    if other in said and fact.side not in said:
        yield _contradiction(Difference.SIDE, fact, other, said[other])


def _sided(fact: Fact) -> set[str]:
    """The meanings and words of what the side of a fact is of: the part after it, else the one before."""
    parts = sorted(fact.parts, key=lambda part: part.start)
    at = next((n for n, part in enumerate(parts) if fact.side in part.stems), None)
    if at is None:
        return set()
    part = parts[at + 1] if at + 1 < len(parts) else parts[max(0, at - 1)]
    return {*part.meanings, *part.stems} - {fact.side, "on", "the", "side", "of"}


def _negations(fact: Fact, match: Match, heard: Heard) -> Iterator[Contradiction]:
    if fact.section == "plan":
        return  # what to return for and what to avoid is told with its conditions, not as so or not so
    is_against = max(match.votes.denied, match.votes.affirmed) >= _AGAINST
    if match.near >= _CLEARLY and is_against and match.votes.opposite >= _MOSTLY:
        yield _contradiction(Difference.NEGATION, fact, heard.turns[match.turn].text, match.turn)


def _contradiction(kind: Difference, fact: Fact, said: str, turn: int) -> Contradiction:
    return Contradiction(kind, fact.text, fact.start, fact.end, said, turn)
