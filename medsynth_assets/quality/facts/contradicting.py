"""Contradiction: what a dialogue says otherwise than its note: another number, dose, drug, side, or the opposite."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.clinical.drugs import Drug, drugs_named
from medsynth_assets.clinical.phrases import Found
from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.facts.agreeing import telling_parts
from medsynth_assets.quality.facts.covering import Match
from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.language.polarity import bears
from medsynth_assets.quality.language.quantities import Quantity

_DOSES = {"mg", "mcg", "g", "ml", "unit", "meq", "per_day", "tablet", "puff"}
_CALENDAR = {"month_of_year", "day_of_month", "calendar_year"}  # another date is of another event, as birth dates are
_AGREES_NEAR = 0.55  # of a fact's weight that has to be said near before a different number is a contradiction
_OF_LATE = re.compile(
    r"\b(?:recent(?:ly)?|new|currently|further|additional|other|another|prior|previous(?:ly)?|since|again|at (?:that|this) time)\b",
    re.IGNORECASE,
)
_SIDE_REACH = 6  # words between a side and what it is the side of
_SIDE_WORDS = {"left", "right", "on", "the", "side", "of"}


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
        *_sides(fact, match, heard),
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


def _sides(fact: Fact, match: Match, heard: Heard) -> Iterator[Contradiction]:
    """The other side and not the fact's: beside what the note gives a side, beside any word of the fact where it is said,
    in the turns that say it, or in the whole dialogue."""
    other = {"left": "right", "right": "left"}.get(fact.side)
    if other is None:
        return
    own_turns = {match.turn, *match.turns}
    around = {turn for at in own_turns for turn in (at - 1, at, at + 1) if 0 <= turn < len(heard.turns)}
    words = {meaning for part in fact.parts for meaning in (*part.meanings, *part.stems)} - _SIDE_WORDS
    everywhere = range(len(heard.turns))
    for said, so in (
        (_beside(_sided(fact), heard, everywhere), {fact.side}),
        (_beside(words, heard, own_turns), {fact.side, "both"}),
        (_named(heard, _around_telling(fact, heard, own_turns)), {fact.side, "both"}),
        (_named(heard, around), {fact.side, "both"}),
        (_named(heard, everywhere), {fact.side, "both"}),
    ):
        if other in said and not said.keys() & so:
            yield _contradiction(Difference.SIDE, fact, other, said[other])
            return


def _around_telling(fact: Fact, heard: Heard, turns: Container[int]) -> set[int]:
    """Of the turns that say a fact those where its most telling word is, and the ones beside them."""
    if not fact.parts:
        return set()
    part = max((fact.parts[n] for n in telling_parts(fact)), key=lambda part: part.weight)
    said = {hit.turn for meaning in part.meanings for hit in heard.hits.get(meaning, ()) if hit.turn in turns}
    return {turn for at in said for turn in (at - 1, at, at + 1) if 0 <= turn < len(heard.turns)}


def _beside(meanings: Iterable[str], heard: Heard, turns: Container[int]) -> dict[str, int]:
    """The sides named close to a mention of any of the meanings, each with the first turn of those."""
    said: dict[str, int] = {}
    for meaning in meanings:
        for hit in heard.hits.get(meaning, ()):
            for at, side in heard.said[hit.turn].sides if hit.turn in turns else ():
                if abs(at - hit.at) <= _SIDE_REACH:
                    said[side] = min(hit.turn, said.get(side, hit.turn))
    return said


def _named(heard: Heard, turns: Iterable[int]) -> dict[str, int]:
    return {side: turn for turn in turns for _, side in heard.said[turn].sides}


def _sided(fact: Fact) -> set[str]:
    """The meanings and words of what the side of a fact is of: the part beside it, a place of the body before others
    (`chest` of `redness of the chest on the left, possibly ...`), the one after it before the one ahead."""
    parts = sorted(fact.parts, key=lambda part: part.start)
    at = next((n for n, part in enumerate(parts) if fact.side in part.stems), None)
    beside = [] if at is None else [parts[n] for n in (at + 1, at - 1) if 0 <= n < len(parts)]
    if not beside:
        return set()
    part = min(beside, key=lambda part: bears(part.stems))
    return {*part.meanings, *part.stems} - _SIDE_WORDS


def _negations(fact: Fact, match: Match, heard: Heard) -> Iterator[Contradiction]:
    if fact.section == "plan":
        return  # what to return for and what to avoid is told with its conditions, not as so or not so
    if fact.is_denied and _OF_LATE.search(fact.text):
        return  # what is told may be of another time: `no recent kidney stones`
    limits = _opposites()
    if match.near >= limits["said"] and (_is_opposite(match, limits) or _is_answered_against(fact, match, limits)):
        yield _contradiction(Difference.NEGATION, fact, heard.turns[match.turn].text, match.turn)


def _is_opposite(match: Match, limits: Mapping[str, float]) -> bool:
    """Whether most of a fact is said the other way, or its head is in the middle of all the rest."""
    votes = match.votes
    context = max(votes.denied, votes.affirmed)
    if context >= limits["context"] and votes.opposite >= limits["mostly"]:
        return True
    is_whole = match.near >= limits["clearly_said"] and context >= limits["whole_context"]
    return is_whole and votes.opposite >= limits["partly"]


def _is_answered_against(fact: Fact, match: Match, limits: Mapping[str, float]) -> bool:
    """Whether somebody was asked for the one thing that a fact tells, and said the opposite, and what is said near the
    place leaves it open."""
    if len(telling_parts(fact)) > 1:
        return False
    return match.answered_against >= limits["answered"] and match.votes.so - match.votes.supposed < limits["left"]


@cache
def _opposites() -> Mapping[str, float]:
    data: Mapping[str, float] = read_yaml(resources.files("medsynth_assets.quality.facts") / "data/opposites.yaml")
    return data


def _contradiction(kind: Difference, fact: Fact, said: str, turn: int) -> Contradiction:
    return Contradiction(kind, fact.text, fact.start, fact.end, said, turn)
