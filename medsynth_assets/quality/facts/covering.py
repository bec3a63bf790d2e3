"""Coverage: whether some turns of a dialogue say a fact of its note."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from medsynth_assets.quality.facts.agreeing import Votes, answered_against, votes
from medsynth_assets.quality.facts.fact import Fact, Part
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.measuring import number_share
from medsynth_assets.quality.facts.mention import Mention, Mentioned
from medsynth_assets.quality.facts.mentioning import AROUND, NEAR, NOT_SO, mentioned, telling
from medsynth_assets.quality.language.lexicon import USUALLY_SAID, said_share
from medsynth_assets.quality.language.quantities import Quantity
from medsynth_assets.quality.language.sides import OTHER

_NEVER = -3.0  # evidence of a fact that is said nowhere
_WEIGHTY = 3.5  # weight of a word that a fact can hardly be told without
_NUMBERS_COUNT = 1.0  # how much its numbers help to find the place of a fact, beside its words
_DISTINCTIVE_COUNT = 1.1  # the same where they tell by themselves what is meant: `100.4`
_FEW = 2  # parts; a fact of no more may be known by its numbers alone (`Temperature: 100.4`)
_EQUAL = 1e-9  # scores that differ by no more are of equally good places
_SIDE_TURNS = 4  # turns before and behind the place of a fact that may name its side


class Telling(NamedTuple):
    """What a fact's parts tell by how seldom the dialogue speaks of them: weights, but for `rare`, a share."""

    rare: float  # said near, each part less the more turns say it
    said: float  # said near, by the logarithm of how seldom
    missed: float  # not said near, the same way
    never: float  # said nowhere, by how often such words are said where they are charted


class Match(NamedTuple):
    """How well the best place of a dialogue says a fact; the defaults are of one that is said nowhere. Shares are 0 to 1."""

    mentions: tuple[tuple[Mention, ...], ...]  # of each part, near the place
    unsaid: float  # weight of what is not said near, not a share
    side: float  # 1 said or none to say, 0 never, -1 the other side said
    often: float  # share of the dialogue's turns that say a part, by weight
    seldomest: float  # of the part that the fewest turns say
    telling: Telling
    turn: int = -1  # -1: nowhere
    turns: tuple[int, ...] = ()  # every turn that contributes
    near: float = 0.0  # share of the fact's weight said near the place
    anywhere: float = 0.0  # share said anywhere at all
    single: float = 0.0  # share said in the one turn that says most
    second: float = 0.0  # share said at the best place that is not this one
    numbers: float = 0.0  # share of its numbers said near
    votes: Votes = Votes()
    answered_against: float = 0.0  # the context of its heaviest part where a yes or no to a question says the opposite
    heaviest: float = 0.0  # how well its rarest word is said
    worst: float = 0.0  # how well the worst said of its weighty words is said, 0 to 1
    evidence: float = _NEVER  # log of how much likelier its words are said here if it is told than by chance
    weakest: float = _NEVER  # the part that speaks most against it


def match(fact: Fact, heard: Heard) -> Match:
    """The best place in a dialogue for a fact: of equally good ones the first."""
    found = [mentioned(part, heard) for part in fact.parts]
    total = sum(part.weight for part in fact.parts) or 1.0
    places = _places(fact, found, heard)
    numbers = _numbers(fact, total, heard)
    best, best_score = -1, 0.0
    for turn, weight in places.items():
        score = weight + numbers.get(turn, 0.0)
        if score > best_score + _EQUAL:
            best, best_score = turn, score
    if best < 0 and fact.quantities:
        best = min(_number_places(fact, heard), default=-1)
    return _described(fact, heard, found, total, best, places)


def _places(fact: Fact, found: Sequence[Mentioned], heard: Heard) -> dict[int, float]:
    """The weight of a fact that is said in each turn that says any of it, or near that; turns in order."""
    turns = {turn for part in found for turn in part.by_turn}
    if fact.quantities and len(fact.parts) <= _FEW:
        turns |= _number_places(fact, heard)
    weighed = [(part.weight, there.near) for part, there in zip(fact.parts, found, strict=True)]
    places: dict[int, float] = {}
    for turn in sorted(turns):
        score = 0.0
        for weight, near in weighed:
            if turn in near:
                score += weight * near[turn]
        places[turn] = score
    return places


def _numbers(fact: Fact, total: float, heard: Heard) -> dict[int, float]:
    """The weight of a fact's numbers that are said in a turn or beside it, by turn; turns without any are left out."""
    if not fact.quantities:
        return {}
    said: dict[int, int] = {}
    for wanted in fact.quantities:
        for turn in heard.around(_turns_of(heard, wanted.same)):
            said[turn] = said.get(turn, 0) + 1
    counts = _DISTINCTIVE_COUNT if all(number.is_distinctive for number in fact.quantities) else _NUMBERS_COUNT
    return {turn: counts * total * (count / len(fact.quantities)) for turn, count in said.items()}


def _number_places(fact: Fact, heard: Heard) -> set[int]:
    """The turns that say all numbers of a fact for sure."""
    return set.intersection(*(_turns_of(heard, partial(_strictly, wanted)) for wanted in fact.quantities))


def _turns_of(heard: Heard, is_meant: Callable[[Quantity], bool]) -> set[int]:
    return {turn for quantity, turns in heard.quantities if is_meant(quantity) for turn in turns}


def _strictly(wanted: Quantity, said: Quantity) -> bool:
    return wanted.same(said) and (not wanted.unit or bool(said.unit) or wanted.is_distinctive)


def _described(
    fact: Fact, heard: Heard, found: Sequence[Mentioned], total: float, turn: int, places: Mapping[int, float]
) -> Match:
    """What there is to know of a place, -1 for none; places: the weight said near each."""
    turns = len(heard.turns)
    shares = [len(there.by_turn) / max(1, turns) for there in found]
    often = sum(part.weight * share for part, share in zip(fact.parts, shares, strict=True)) / total
    seldomest = min(shares, default=0.0)
    values = [there.near.get(turn, 0.0) for there in found]
    wholes = [max(there.whole.values(), default=0.0) for there in found]
    tells = _telling(fact, found, values, wholes, turns)
    if turn < 0:
        nowhere = tuple(() for _ in fact.parts)
        return Match(nowhere, total, 0.0 if fact.side else 1.0, often, seldomest, tells)
    near = anywhere = unsaid = 0.0
    evidence: list[float] = []
    for part, there, value, whole in zip(fact.parts, found, values, wholes, strict=True):
        near += part.weight * value
        anywhere += part.weight * whole
        unsaid += part.weight * (1 - value)
        evidence.append(_evidence(part, value, len(there.by_turn), turns))
    weights = [part.weight for part in fact.parts]
    weighty = [value for value, weight in zip(values, weights, strict=True) if weight >= _WEIGHTY]
    mentions = tuple([_mentions(there, turn, heard) for there in found])
    saying = _turns_that_say(mentions)
    numbers = 1.0
    if fact.quantities:
        numbers = number_share(fact, [[one.hit for one in said] for said in mentions], (turn, *saying), heard)
    elsewhere = [score for at, score in places.items() if abs(at - turn) >= len(NEAR)]
    return Match(
        mentions=mentions,
        unsaid=unsaid,
        side=_side(fact, heard, turn),
        often=often,
        seldomest=seldomest,
        telling=tells,
        turn=turn,
        turns=saying or (turn,),
        near=near / total if fact.parts else 1.0,
        anywhere=anywhere / total,
        single=_in_one_turn(fact, found) / total,
        second=max(elsewhere, default=0.0) / total,
        numbers=numbers,
        votes=votes(fact, [telling(said) for said in mentions], heard),
        answered_against=answered_against(fact, [there.telling for there in found], heard),
        heaviest=values[weights.index(max(weights))] if weights else 1.0,
        worst=min(weighty, default=1.0),
        evidence=sum(evidence),
        weakest=min(evidence, default=0.0),
    )


def _turns_that_say(mentions: Sequence[Sequence[Mention]]) -> tuple[int, ...]:
    """The turns of the closest mention of each part, those that say it as the note does first, and of its answer."""
    turns = set()
    for said in mentions:
        if said:
            closest = min(said, key=lambda mention: (not mention.agrees, mention.away)).hit
            turns.add(closest.turn)
            if closest.answer >= 0:
                turns.add(closest.answer)
    return tuple(sorted(turns))


def _telling(
    fact: Fact, found: Sequence[Mentioned], values: Sequence[float], wholes: Sequence[float], turns: int
) -> Telling:
    """values, wholes: how well each part is said near the place, and how wholly anywhere."""
    rare = said = missed = never = 0.0
    for part, there, value, whole in zip(fact.parts, found, values, wholes, strict=True):
        one_in = _one_in(turns, len(there.by_turn))
        rare += part.weight * value / (1 + len(there.by_turn))
        said += part.weight * value * one_in
        missed += part.weight * (1 - value) * one_in
        if whole < 1:
            never += part.weight * (1 - whole) * _usually_said(part.stems)
    return Telling(rare / (fact.weight or 1.0), said, missed, never)


@lru_cache(maxsize=32_768)
def _one_in(turns: int, with_it: int) -> float:
    return math.log(1 + turns / (1 + with_it))


def _mentions(there: Mentioned, turn: int, heard: Heard) -> tuple[Mention, ...]:
    if turn not in there.near:
        return ()
    found = []
    for away, nearness in AROUND:
        for hit, share, is_so, is_own in there.by_turn.get(turn + away, ()):
            value = share * nearness * (1.0 if is_so else NOT_SO)
            found.append(Mention(hit, heard.offsets[turn + away] + hit.at, share, is_so, is_own, abs(away), value))
    return tuple(found)


def _in_one_turn(fact: Fact, found: Sequence[Mentioned]) -> float:
    """The weight of a fact that is said in the one turn that says most."""
    said: dict[int, float] = {}
    for part, there in zip(fact.parts, found, strict=True):
        for turn, share in there.whole.items():
            said[turn] = said.get(turn, 0.0) + part.weight * share
    return max(said.values(), default=0.0)


def _evidence(part: Part, value: float, turns_with_it: int, turns: int) -> float:
    """Log ratio of two chances: that a part is said to this degree where its fact is told, and that it comes up by
    chance in a window of as many turns, as often as the dialogue speaks of it."""
    told = _told_share(part.stems)
    chance = min(0.97, max(0.02, 1 - (1 - (turns_with_it + 0.3) / (turns + 1)) ** len(NEAR)))
    return value * math.log(told / chance) + (1 - value) * math.log((1 - told) / (1 - chance))


@lru_cache(maxsize=32_768)
def _told_share(stems: tuple[str, ...]) -> float:
    """How often a part of these words is said where its fact is told."""
    return min(0.97, max(0.2, _usually_said(stems)))


def _usually_said(stems: tuple[str, ...]) -> float:
    return max([said_share(stem) for stem in stems], default=USUALLY_SAID)


def _side(fact: Fact, heard: Heard, turn: int) -> float:
    if not fact.side:
        return 1.0
    reach = heard.said[max(0, turn - _SIDE_TURNS) : turn + _SIDE_TURNS + 1]
    said = {side for there in reach for _, side in there.sides}
    if fact.side in said:
        return 1.0
    if any(side == fact.side for there in heard.said for _, side in there.sides):
        return 0.5
    other = OTHER.get(fact.side)
    return -1.0 if other in said else 0.0
