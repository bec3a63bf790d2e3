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
from medsynth_assets.quality.facts.agreeing import SIDE_REACH, said_against, telling_parts, told_weight, with_against
from medsynth_assets.quality.facts.covering import Match
from medsynth_assets.quality.facts.fact import Fact, Kind
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.mentioning import mentioned, telling
from medsynth_assets.quality.language.polarity import bears
from medsynth_assets.quality.language.quantities import Quantity
from medsynth_assets.quality.language.sides import OTHER

_DOSES = {"mg", "mcg", "g", "ml", "unit", "meq", "per_day", "tablet", "puff"}
_CALENDAR = {"month_of_year", "day_of_month", "calendar_year"}  # another date is of another event, as birth dates are
_AGREES_NEAR = 0.55  # of a fact's weight that has to be said near before a different number is a contradiction
_OF_LATE = re.compile(
    r"\b(?:recent(?:ly)?|new|currently|further|additional|other|another|prior|previous(?:ly)?|since|again|today|at (?:that|this) time)\b"
)  # of lower case
_PAST = re.compile(r"\b(?:ago|past|used to|previous(?:ly)?|prior|former(?:ly)?|history|younger)\b")  # of lower case
_WHO = re.compile(r"who\b")  # a wife, who smokes: told of somebody else
_BEFORE_ITS_NOUN = {"recent", "new", "further", "additional", "other", "another", "prior", "previous"}
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
    other = OTHER.get(fact.side)
    if other is None:
        return
    own_turns = {match.turn, *match.turns}
    words = {meaning for part in fact.parts for meaning in (*part.meanings, *part.stems)} - _SIDE_WORDS
    everywhere = range(len(heard.turns))
    for said, so in (
        (_sides_close_to(_sided(fact), heard, everywhere), {fact.side}),
        (_sides_close_to(words, heard, own_turns), {fact.side, "both"}),
        (_sides_in(_around_telling(fact, heard, own_turns), heard), {fact.side, "both"}),
        (_sides_in(heard.around(own_turns), heard), {fact.side, "both"}),
        (_sides_in(everywhere, heard), {fact.side, "both"}),
    ):
        if other in said and not said.keys() & so:
            yield _contradiction(Difference.SIDE, fact, other, said[other])
            return


def _around_telling(fact: Fact, heard: Heard, turns: Container[int]) -> Sequence[int]:
    """Of the turns that say a fact those where its most telling word is, and the ones beside them."""
    if not fact.parts:
        return ()
    part = max((fact.parts[n] for n in telling_parts(fact)), key=lambda part: part.weight)
    said = {hit.turn for meaning in part.meanings for hit in heard.hits.get(meaning, ()) if hit.turn in turns}
    return heard.around(said)


def _sides_close_to(meanings: Iterable[str], heard: Heard, turns: Container[int]) -> dict[str, int]:
    """The sides named close to a mention of any of the meanings, each with the first turn of those."""
    said: dict[str, int] = {}
    for meaning in meanings:
        for hit in heard.hits.get(meaning, ()):
            for at, side in heard.said[hit.turn].sides if hit.turn in turns else ():
                if abs(at - hit.at) <= SIDE_REACH:
                    said[side] = min(hit.turn, said.get(side, hit.turn))
    return said


def _sides_in(turns: Iterable[int], heard: Heard) -> dict[str, int]:
    """The sides named anywhere in these turns, each with the first of them."""
    said: dict[str, int] = {}
    for turn in turns:
        for _, side in heard.said[turn].sides:
            said.setdefault(side, turn)
    return said


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
    if _is_other(fact, match, heard) and not _is_of_something_else(fact, match, heard):
        yield _contradiction(Difference.NEGATION, fact, heard.turns[match.turn].text, match.turn)


def _is_other(fact: Fact, match: Match, heard: Heard) -> bool:
    """Whether the opposite of a fact is said, of whatever time and whomever."""
    limits = _opposites()
    near = match.near * fact.weight / (told_weight(fact) or 1.0)
    return near >= limits["said"] and (
        _is_opposite(match, limits)
        or _is_answered_against(fact, match, limits)
        or _is_said_against(fact, match, heard, limits)
        or _is_with_against(fact, match, heard, limits)
    )


def _is_of_something_else(fact: Fact, match: Match, heard: Heard) -> bool:
    """Whether what is told may be of another time or of somebody else, and so the opposite of nothing."""
    text = fact.text.lower()
    if _WHO.match(text):
        return True
    if fact.is_denied:
        return _is_of_another_time(fact, text)
    return bool(_PAST.search(text)) and _is_answered_of_the_past(match, heard)


def _is_of_another_time(fact: Fact, text: str) -> bool:
    """`no recent kidney stones`: what is told may be of another time; not so `no history of a stroke after a prior fall`,
    where the time is of something that is told on the way."""
    time = _OF_LATE.search(text)
    if time is None:
        return False
    heads = [fact.parts[n] for n in telling_parts(fact)]
    return time.group() not in _BEFORE_ITS_NOUN or not any(part.end - fact.start <= time.start() for part in heads)


def _is_answered_of_the_past(match: Match, heard: Heard) -> bool:
    """`no , not now . i did three years ago`"""
    answers = {mention.hit.answer for mentions in match.mentions for mention in mentions}
    return any(_PAST.search(heard.turns[turn].text.lower()) for turn in answers if turn >= 0)


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


def _is_said_against(fact: Fact, match: Match, heard: Heard, limits: Mapping[str, float]) -> bool:
    """Whether the one thing that a fact tells is only ever said the other way in the note's own word."""
    if not fact.parts or len(telling_parts(fact)) > 1:
        return False
    said = [mentioned(part, heard).telling for part in fact.parts]
    return said_against(fact, said, heard) >= limits["own_word"]


def _is_with_against(fact: Fact, match: Match, heard: Heard, limits: Mapping[str, float]) -> bool:
    """Whether what a fact has with the rest or without it is told the other way in the middle of that rest."""
    if match.near < limits["said"] or fact.kind is Kind.MEDICATION:
        return False  # `on days without exercise` tells when, not what is so
    said = [telling(mentions) for mentions in match.mentions]
    return with_against(fact, said, heard) >= limits["with_context"]


@cache
def _opposites() -> Mapping[str, float]:
    data: Mapping[str, float] = read_yaml(resources.files("medsynth_assets.quality.facts") / "data/opposites.yaml")
    return data


def _contradiction(kind: Difference, fact: Fact, said: str, turn: int) -> Contradiction:
    return Contradiction(kind, fact.text, fact.start, fact.end, said, turn)
