"""Coverage: whether some turns of a dialogue say a fact of its note."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from medsynth_assets.quality.facts.agreeing import Votes, agrees, answered_against, votes
from medsynth_assets.quality.facts.fact import Fact, Part
from medsynth_assets.quality.facts.hearing import Heard, Hit
from medsynth_assets.quality.facts.measuring import number_share
from medsynth_assets.quality.language.lexicon import USUALLY_SAID, lexicon, said_share, spoken_forms
from medsynth_assets.quality.language.quantities import Quantity

NEAR = (1.0, 0.9, 0.75, 0.5)  # how much a hit counts that many turns away
NOT_SO = 0.9  # how much a mention counts that says a part otherwise than the note, to find the place
NEVER = -3.0  # evidence of a fact that is said nowhere
WEIGHTY = 3.5  # weight of a word that a fact can hardly be told without
NUMBERS_COUNT = 1.0  # how much its numbers help to find the place of a fact, beside its words
_AROUND = tuple((d, NEAR[abs(d)]) for d in range(1 - len(NEAR), len(NEAR)))
_ABOUT = 0.8  # of the share of the mention that says most of a part: those that say about as much
_TELLS = 0.5  # of a part: less of its words says nothing of whether it is so
_OF_WHAT = {"with", "of", "in", "on", "at", "to", "from"}
WORDS_OF_PHRASE = 0.85  # a phrase said by its single words


class Mention(NamedTuple):
    """A part of a fact, said near the fact's place."""

    at: int  # token of the dialogue
    share: float  # how wholly, 0 to 1
    agrees: bool  # as the note says it
    away: int  # turns
    value: float  # share, less with each turn away and where it does not agree


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


def match(fact: Fact, heard: Heard) -> Match:
    """The best place in a dialogue for a fact."""
    found = [_hits(part, heard) for part in fact.parts]
    total = sum(part.weight for part in fact.parts) or 1.0
    places = _places(fact, found, heard)
    best, best_score = -1, 0.0
    for turn, score in places.items():
        bonus = NUMBERS_COUNT * total * _numbers(fact, heard, turn, 1) if fact.quantities else 0.0
        if score + bonus > best_score + 1e-9 or (abs(score + bonus - best_score) <= 1e-9 and turn < best):
            best, best_score = turn, score + bonus
    if best < 0 and fact.quantities:
        best = _number_place(fact, heard)
    return _described(fact, heard, found, total, best, places)


_FEW = 2  # parts; a fact of no more may be known by its numbers alone (`Temperature: 100.4`)


class _Scored(NamedTuple):
    hit: Hit
    share: float
    is_own: bool = True  # in words that mean the part, not in those that only come with it


def _hits(part: Part, heard: Heard) -> dict[int, list[_Scored]]:
    """Where a part is said, by turn, and how wholly."""
    result: dict[int, list[_Scored]] = {}
    for meaning in part.meanings:
        for hit in heard.hits.get(meaning, ()):
            result.setdefault(hit.turn, []).append(_Scored(hit, 1.0))
    by_turn: dict[int, dict[str, _Scored]] = {}
    for stem in part.stems:
        own = lexicon().meanings(stem)
        for spoken, share in (*((meaning, 1.0) for meaning in own), *spoken_forms(stem)):
            for hit in heard.hits.get(spoken, ()):
                held = by_turn.setdefault(hit.turn, {})
                if stem not in held or held[stem].share < share:
                    held[stem] = _Scored(hit, share, spoken in own)
    whole = WORDS_OF_PHRASE if len(part.stems) > 1 else 1.0
    for turn, stems in by_turn.items():
        share = whole * sum(scored.share for scored in stems.values()) / len(part.stems)
        if turn not in result or result[turn][0].share < share:
            head = next(stems[stem] for stem in _from_head(part.stems) if stem in stems)
            result.setdefault(turn, []).append(_Scored(head.hit, share, head.is_own))
    return result


def _from_head(stems: Sequence[str]) -> Sequence[str]:
    """The words of a phrase by how much they are what it is about: `edema` of `leg edema`, `pain` of `pain with meals`."""
    cut = next((n for n, stem in enumerate(stems) if n and stem in _OF_WHAT), len(stems))
    return (*reversed(stems[:cut]), *reversed(stems[cut:]))


def _places(fact: Fact, found: Sequence[dict[int, list[_Scored]]], heard: Heard) -> dict[int, float]:
    places: dict[int, float] = {}
    turns = {turn for hits in found for turn in hits}
    if fact.quantities and len(fact.parts) <= _FEW:
        turns |= {
            t
            for t, said in enumerate(heard.quantities)
            if all(any(_strictly(w, q) for q in said) for w in fact.quantities)
        }
    for turn in turns:
        score = 0.0
        for part, hits in zip(fact.parts, found, strict=True):
            score += part.weight * _near(part, hits, turn)
        places[turn] = score
    return places


def _near(part: Part, hits: dict[int, list[_Scored]], turn: int) -> float:
    best = 0.0
    for at, nearness in _AROUND:
        for scored in hits.get(turn + at, ()):
            value = scored.share * nearness
            if value > best:
                best = max(best, value if agrees(part, scored.hit) else NOT_SO * value)
    return best


def _numbers(fact: Fact, heard: Heard, turn: int, reach: int) -> float:
    said = [
        q for t in range(max(0, turn - reach), min(len(heard.turns), turn + reach + 1)) for q in heard.quantities[t]
    ]
    hits = sum(any(wanted.same(q) for q in said) for wanted in fact.quantities)
    return hits / len(fact.quantities)


def _number_place(fact: Fact, heard: Heard) -> int:
    for turn, said in enumerate(heard.quantities):
        if all(any(_strictly(wanted, q) for q in said) for wanted in fact.quantities):
            return turn
    return -1


def _strictly(wanted: Quantity, said: Quantity) -> bool:
    return wanted.same(said) and (bool(wanted.unit and said.unit) or not wanted.unit or wanted.is_distinctive)


def _described(
    fact: Fact,
    heard: Heard,
    found: Sequence[dict[int, list[_Scored]]],
    total: float,
    turn: int,
    places: Mapping[int, float],
) -> Match:
    turns_said = [len(hits) / max(1, len(heard.turns)) for hits in found]
    often = sum(part.weight * share for part, share in zip(fact.parts, turns_said, strict=True)) / total
    seldomest = min(turns_said, default=0.0)
    if turn < 0:
        anywhere = sum(p.weight for p, hits in zip(fact.parts, found, strict=True) if hits) / total
        side = 0.0 if fact.side else 1.0
        nowhere = tuple(() for _ in fact.parts)
        return Match(
            -1, (), 0.0, anywhere, 0.0, Votes(), 0.0, 0.0, total, NEVER, NEVER, 0.0, side, nowhere, 0.0, 0.0, often, seldomest
        )  # fmt: skip
    near = anywhere = unsaid = 0.0
    worst = 1.0
    turns = set()
    evidence: list[float] = []
    heaviest, rarest = 1.0, -1.0
    local: list[list[Hit]] = []
    scored_near: list[list[_Scored]] = []
    for part, hits in zip(fact.parts, found, strict=True):
        value = _near(part, hits, turn)
        near += part.weight * value
        anywhere += part.weight * max((s.share for all_ in hits.values() for s in all_), default=0.0)
        scored_near.append([s for d in range(1 - len(NEAR), len(NEAR)) for s in hits.get(turn + d, ())])
        local.append([s.hit for s in scored_near[-1]])
        if local[-1]:
            closest = min(local[-1], key=lambda hit: (not agrees(part, hit), abs(hit.turn - turn)))
            turns.add(closest.turn)
            if closest.answer >= 0:
                turns.add(closest.answer)
        unsaid += part.weight * (1 - value)
        evidence.append(_evidence(part, value, len(hits), len(heard.turns)))
        if part.weight >= WEIGHTY:
            worst = min(worst, value)
        if part.weight > rarest:
            rarest, heaviest = part.weight, value
    numbers = number_share(fact, local, (turn, *turns), heard) if fact.quantities else 1.0
    return Match(
        turn,
        tuple(sorted(turns)) or (turn,),
        near / total if fact.parts else 1.0,
        anywhere / total,
        numbers,
        votes(fact, [_whole(scored) for scored in scored_near], heard),
        answered_against(fact, [_whole([s for all_ in hits.values() for s in all_]) for hits in found], heard),
        heaviest,
        unsaid,
        sum(evidence),
        min(evidence, default=0.0),
        worst,
        _side(fact, heard, turn),
        tuple(_mentions(part, hits, turn, heard) for part, hits in zip(fact.parts, found, strict=True)),
        max((_in_turn(fact, found, at) for at in places), default=0.0) / total,
        max((score for at, score in places.items() if abs(at - turn) >= len(NEAR)), default=0.0) / total,
        often,
        seldomest,
    )


def _whole(scored: Sequence[_Scored]) -> list[Hit]:
    """The mentions that say about as much of a part as the one that says most: beside `blood in your stool`, `stool`
    alone tells nothing of whether there was blood."""
    best = max((one.share for one in scored), default=0.0)
    return [one.hit for one in scored if one.is_own and one.share >= max(_ABOUT * best, _TELLS)]


def _mentions(part: Part, hits: dict[int, list[_Scored]], turn: int, heard: Heard) -> tuple[Mention, ...]:
    found = []
    for at, nearness in _AROUND:
        for hit, share, _ in hits.get(turn + at, ()):
            is_so = agrees(part, hit)
            value = share * nearness * (1.0 if is_so else NOT_SO)
            found.append(Mention(heard.offsets[hit.turn] + hit.at, share, is_so, abs(at), value))
    return tuple(found)


def _in_turn(fact: Fact, found: Sequence[dict[int, list[_Scored]]], turn: int) -> float:
    return sum(
        part.weight * max((scored.share for scored in hits.get(turn, ())), default=0.0)
        for part, hits in zip(fact.parts, found, strict=True)
    )


def _evidence(part: Part, value: float, turns_with_it: int, turns: int) -> float:
    """Log ratio of two chances: that a part is said to this degree where its fact is told, and that it comes up by
    chance in a window of as many turns, as often as the dialogue speaks of it."""
    told = min(0.97, max(0.2, max((said_share(stem) for stem in part.stems), default=USUALLY_SAID)))
    chance = min(0.97, max(0.02, 1 - (1 - (turns_with_it + 0.3) / (turns + 1)) ** len(NEAR)))
    return value * math.log(told / chance) + (1 - value) * math.log((1 - told) / (1 - chance))


def _side(fact: Fact, heard: Heard, turn: int) -> float:
    if not fact.side:
        return 1.0
    reach = range(max(0, turn - 4), min(len(heard.turns), turn + 5))
    said = {side for t in reach for _, side in heard.sides[t]}
    if fact.side in said:
        return 1.0
    everywhere = {side for turn_sides in heard.sides for _, side in turn_sides}
    if fact.side in everywhere:
        return 0.5
    other = {"left": "right", "right": "left"}.get(fact.side)
    return -1.0 if other in said else 0.0
