"""Coverage: whether some turns of a dialogue say a fact of its note."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from medsynth_assets.quality.facts.agreeing import Votes, answered_against, votes
from medsynth_assets.quality.facts.fact import Fact, Part
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.measuring import number_share
from medsynth_assets.quality.facts.mentioning import AROUND, NEAR, NOT_SO, Mention, Mentioned, mentioned, telling
from medsynth_assets.quality.language.lexicon import USUALLY_SAID, said_share
from medsynth_assets.quality.language.quantities import Quantity

NEVER = -3.0  # evidence of a fact that is said nowhere
WEIGHTY = 3.5  # weight of a word that a fact can hardly be told without
NUMBERS_COUNT = 1.0  # how much its numbers help to find the place of a fact, beside its words
DISTINCTIVE_COUNT = 1.1  # the same where they tell by themselves what is meant: `100.4`


class Match(NamedTuple):
    """How well the best place of a dialogue says a fact. Shares are 0 to 1."""

    turn: int  # -1: nowhere
    turns: tuple[int, ...]  # every turn that contributes
    near: float  # share of the fact's weight said near the place
    anywhere: float  # share said anywhere at all
    numbers: float  # share of its numbers said near
    votes: Votes
    answered_against: float  # the context of its heaviest part where a yes or no to a question says the opposite
    heaviest: float  # how well its rarest word is said
    unsaid: float  # weight of what is not said near, not a share
    evidence: float  # log of how much likelier its words are said here if it is told than by chance
    weakest: float  # the part that speaks most against it
    worst: float  # how well the worst said of its weighty words is said, 0 to 1
    side: float  # 1 said or none to say, 0 never, -1 the other side said
    mentions: tuple[tuple[Mention, ...], ...]  # of each part, near the place
    single: float  # share said in the one turn that says most
    second: float  # share said at the best place that is not this one
    often: float  # share of the dialogue's turns that say a part, by weight
    seldomest: float  # of the part that the fewest turns say
    telling: "Telling"


class Telling(NamedTuple):
    """What a fact's parts tell by how seldom the dialogue speaks of them: weights, but for `rare`, a share."""

    rare: float = 0.0  # said near, each part less the more turns say it
    said: float = 0.0  # said near, by the logarithm of how seldom
    missed: float = 0.0  # not said near, the same way
    never: float = 0.0  # said nowhere, by how often such words are said where they are charted


def match(fact: Fact, heard: Heard) -> Match:
    """The best place in a dialogue for a fact."""
    found = [mentioned(part, heard) for part in fact.parts]
    total = sum(part.weight for part in fact.parts) or 1.0
    places = _places(fact, found, heard)
    numbers = _numbers(fact, heard)
    counts = DISTINCTIVE_COUNT if all(number.is_distinctive for number in fact.quantities) else NUMBERS_COUNT
    best, best_score = -1, 0.0
    for turn, score in places.items():
        bonus = counts * total * numbers.get(turn, 0.0)
        if score + bonus > best_score + 1e-9 or (abs(score + bonus - best_score) <= 1e-9 and turn < best):
            best, best_score = turn, score + bonus
    if best < 0 and fact.quantities:
        best = min(_number_places(fact, heard), default=-1)
    return _described(fact, heard, found, total, best, places)


_FEW = 2  # parts; a fact of no more may be known by its numbers alone (`Temperature: 100.4`)


def _places(fact: Fact, found: Sequence[Mentioned], heard: Heard) -> dict[int, float]:
    """The weight of a fact that is said in each turn that says any of it, or near that."""
    turns = {turn for part in found for turn in part.by_turn}
    if fact.quantities and len(fact.parts) <= _FEW:
        turns |= _number_places(fact, heard)
    weighed = [(part.weight, there.near) for part, there in zip(fact.parts, found, strict=True)]
    places: dict[int, float] = {}
    for turn in turns:
        score = 0.0
        for weight, near in weighed:
            if turn in near:
                score += weight * near[turn]
        places[turn] = score
    return places


def _numbers(fact: Fact, heard: Heard) -> dict[int, float]:
    """The share of a fact's numbers that are said in a turn or beside it, by turn; turns without any are left out."""
    said: dict[int, int] = {}
    for wanted in fact.quantities:
        there = _turns_of(heard, wanted.same)
        for turn in {beside for at in there for beside in (at - 1, at, at + 1)}:
            said[turn] = said.get(turn, 0) + 1
    return {turn: count / len(fact.quantities) for turn, count in said.items()}


def _number_places(fact: Fact, heard: Heard) -> set[int]:
    """The turns that say all numbers of a fact for sure."""
    return set.intersection(*(_turns_of(heard, partial(_strictly, wanted)) for wanted in fact.quantities))


def _turns_of(heard: Heard, is_meant: Callable[[Quantity], bool]) -> set[int]:
    return {turn for quantity, turns in heard.quantities if is_meant(quantity) for turn in turns}


def _strictly(wanted: Quantity, said: Quantity) -> bool:
    return wanted.same(said) and (bool(wanted.unit and said.unit) or not wanted.unit or wanted.is_distinctive)


def _described(
    fact: Fact, heard: Heard, found: Sequence[Mentioned], total: float, turn: int, places: Mapping[int, float]
) -> Match:
    turns_said = [len(there.by_turn) / max(1, len(heard.turns)) for there in found]
    often = sum(part.weight * share for part, share in zip(fact.parts, turns_said, strict=True)) / total
    seldomest = min(turns_said, default=0.0)
    if turn < 0:
        anywhere = sum(p.weight for p, there in zip(fact.parts, found, strict=True) if there.by_turn) / total
        side = 0.0 if fact.side else 1.0
        nowhere = tuple(() for _ in fact.parts)
        return Match(
            -1, (), 0.0, anywhere, 0.0, Votes(), 0.0, 0.0, total, NEVER, NEVER, 0.0, side, nowhere, 0.0, 0.0, often, seldomest,
            _telling(fact, found, turn, len(heard.turns)),
        )  # fmt: skip
    near = anywhere = unsaid = 0.0
    worst = 1.0
    turns = set()
    evidence: list[float] = []
    heaviest, rarest = 1.0, -1.0
    mentions: list[tuple[Mention, ...]] = []
    for part, there in zip(fact.parts, found, strict=True):
        value = there.near.get(turn, 0.0)
        near += part.weight * value
        anywhere += part.weight * max(there.whole.values(), default=0.0)
        mentions.append(_mentions(there, turn, heard))
        if mentions[-1]:
            closest = min(mentions[-1], key=lambda mention: (not mention.agrees, mention.away)).hit
            turns.add(closest.turn)
            if closest.answer >= 0:
                turns.add(closest.answer)
        unsaid += part.weight * (1 - value)
        evidence.append(_evidence(part, value, len(there.by_turn), len(heard.turns)))
        if part.weight >= WEIGHTY:
            worst = min(worst, value)
        if part.weight > rarest:
            rarest, heaviest = part.weight, value
    local = [[mention.hit for mention in said] for said in mentions]
    numbers = number_share(fact, local, (turn, *turns), heard) if fact.quantities else 1.0
    return Match(
        turn,
        tuple(sorted(turns)) or (turn,),
        near / total if fact.parts else 1.0,
        anywhere / total,
        numbers,
        votes(fact, [telling(said) for said in mentions], heard),
        answered_against(fact, [there.telling for there in found], heard),
        heaviest,
        unsaid,
        sum(evidence),
        min(evidence, default=0.0),
        worst,
        _side(fact, heard, turn),
        tuple(mentions),
        _in_one_turn(fact, found) / total,
        max((score for at, score in places.items() if abs(at - turn) >= len(NEAR)), default=0.0) / total,
        often,
        seldomest,
        _telling(fact, found, turn, len(heard.turns)),
    )


def _telling(fact: Fact, found: Sequence[Mentioned], turn: int, turns: int) -> Telling:
    rare = said = missed = never = 0.0
    for part, there in zip(fact.parts, found, strict=True):
        near = there.near.get(turn, 0.0)
        one_in = _one_in(turns, len(there.by_turn))
        rare += part.weight * near / (1 + len(there.by_turn))
        said += part.weight * near * one_in
        missed += part.weight * (1 - near) * one_in
        unsaid = 1 - max(there.whole.values(), default=0.0)
        if unsaid:
            never += part.weight * unsaid * _usually_said(part.stems)
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
    reach = range(max(0, turn - 4), min(len(heard.turns), turn + 5))
    said = {side for t in reach for _, side in heard.said[t].sides}
    if fact.side in said:
        return 1.0
    everywhere = {side for said_there in heard.said for _, side in said_there.sides}
    if fact.side in everywhere:
        return 0.5
    other = {"left": "right", "right": "left"}.get(fact.side)
    return -1.0 if other in said else 0.0
