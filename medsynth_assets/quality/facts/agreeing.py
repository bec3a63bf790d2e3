"""Whether what is said near a place of a dialogue says a fact so, or the opposite."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from medsynth_assets.quality.facts.fact import Fact, Part
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.mention import Hit, Voice
from medsynth_assets.quality.language.lexicon import stop_stems
from medsynth_assets.quality.language.polarity import bears, reports

_CLOSE = ((12, 1.0), (30, 0.8), (60, 0.5), (120, 0.25))  # tokens between two words, and how far one speaks of the other
_BEST = 0.85  # of the context of the best mention: others with as much speak of the fact, too
SIDE_REACH = 6  # words between a side and what it is the side of
_WITH = re.compile(r"\bwith(?:out)? (?:[a-z]+ )?$")
_PHRASE = 4  # tokens in which the words of one phrase are said
_TELLING = 0.9  # of the weight of the heaviest part, from which the polarity of a part says something of the fact


class Votes(NamedTuple):
    """How the mentions of a fact near its place are said. Shares, 0 to 1, of the weight of those of its parts that can be
    affirmed or denied."""

    so: float = 0.0  # as the note says it
    open: float = 0.0  # asked, and answered with something else than yes or no
    asked: float = 0.0  # asked and never answered
    opposite: float = 0.0
    denied: float = 0.0  # the context of the part that the note affirms and the dialogue denies, 0 where there is none
    affirmed: float = 0.0  # the same of the part that the note denies
    supposed: float = 0.0  # of `so`: said as something that may come to be, no more


def agrees(part: Part, hit: Hit) -> bool:
    """Whether a mention can stand for what the note says of it."""
    if hit.voice is Voice.ASKED:
        return False
    if hit.voice is Voice.SUPPOSED:
        return not part.is_denied
    return hit.voice is Voice.OPEN or (hit.voice is Voice.DENIED) == part.is_denied


def votes(fact: Fact, mentions: Sequence[Sequence[Hit]], heard: Heard) -> Votes:
    """The votes of a fact's parts, each by those of its mentions that the other parts are said closest to.

    mentions: of each part, near the place of the fact.
    """
    shares = dict.fromkeys(Voice, 0.0)
    so = opposite = denied = affirmed = supposed = 0.0
    places = [[heard.offsets[hit.turn] + hit.at for hit in hits] for hits in mentions]
    telling = telling_parts(fact)
    total = told_weight(fact) or 1.0
    bearing = sum(fact.parts[n].weight for n in telling) or 1.0
    heaviest = max((fact.parts[n].weight for n in telling), default=0.0)
    for n in telling:
        part, hits = fact.parts[n], mentions[n]
        if not hits:
            continue
        contexts = [_context(fact, n, at, places) for at in places[n]]
        best = max(contexts)
        chosen = [hit for hit, context in zip(hits, contexts, strict=True) if context >= _BEST * best]
        voices = {hit.voice for hit in chosen}
        share = part.weight / bearing
        own = Voice.DENIED if part.is_denied else Voice.AFFIRMED
        if voices == {Voice.SUPPOSED}:
            supposed += share
            so += share * (not part.is_denied)
            continue
        if own in voices:
            so += share
        elif Voice.OPEN in voices and not (part.is_denied and _is_stated(chosen)):
            shares[Voice.OPEN] += share
        elif voices == {Voice.ASKED}:
            shares[Voice.ASKED] += share
        else:
            opposite += share
            if part.weight >= _TELLING * heaviest:
                held = min(1.0, best / total)
                denied, affirmed = (denied, max(affirmed, held)) if part.is_denied else (max(denied, held), affirmed)
    return Votes(so, shares[Voice.OPEN], shares[Voice.ASKED], opposite, denied, affirmed, supposed)


def _is_stated(hits: Sequence[Hit]) -> bool:
    """Whether somebody tells it unasked."""
    return any(hit.voice is Voice.AFFIRMED and hit.answer < 0 for hit in hits)


def answered_against(fact: Fact, mentions: Sequence[Sequence[Hit]], heard: Heard) -> float:
    """How much of a fact stands around a question about its heaviest part that a plain yes or no answers the other way,
    and no question the fact's own way. 0 to 1.

    mentions: of each part, in the whole dialogue.
    """
    if not fact.parts:
        return 0.0
    n = max(telling_parts(fact), key=lambda n: fact.parts[n].weight)
    own = Voice.DENIED if fact.parts[n].is_denied else Voice.AFFIRMED
    answered = [hit for hit in mentions[n] if hit.answer >= 0 and hit.voice in (Voice.AFFIRMED, Voice.DENIED)]
    if all(hit.voice is own for hit in answered):
        return 0.0
    places = [[heard.offsets[hit.turn] + hit.at for hit in hits] for hits in mentions]
    contexts = [_context(fact, n, heard.offsets[hit.turn] + hit.at, places) for hit in answered]
    best = max(contexts)
    voices = {hit.voice for hit, context in zip(answered, contexts, strict=True) if context >= _BEST * best}
    return 0.0 if own in voices else min(1.0, best / (told_weight(fact) or 1.0))


def telling_parts(fact: Fact) -> list[int]:
    """The parts whose polarity is the fact's: what is looked for, not the places; all of them where there is nothing else."""
    return [n for n, part in enumerate(fact.parts) if bears(part.stems)] or list(range(len(fact.parts)))


def said_against(fact: Fact, mentions: Sequence[Sequence[Hit]], heard: Heard) -> float:
    """How much of a fact stands around its heaviest part in the note's own word, where all that is said in that word says
    the opposite, in more turns than looser words say otherwise (`no effusion, that's fluid in the knee`). 0 to 1.

    mentions: of each part, in the whole dialogue.
    """
    n = max(telling_parts(fact), key=lambda n: fact.parts[n].weight)
    part = fact.parts[n]
    so, against = (Voice.DENIED, Voice.AFFIRMED) if part.is_denied else (Voice.AFFIRMED, Voice.DENIED)
    if all(hit.voice is not against for hit in mentions[n]):
        return 0.0
    said = [hit for hit in mentions[n] if _is_own_word(part, hit, heard)]
    if not said or any(hit.voice is not against for hit in said):
        return 0.0
    turns = {hit.turn for hit in said}
    looser = [hit for hit in mentions[n] if hit.voice is so and hit.turn not in turns]
    most = len(turns) if fact.side else len(turns) - 1  # looser words may be of the other side
    if len({hit.turn for hit in looser}) > most or any(_is_of_side(fact.side, hit, heard) for hit in looser):
        return 0.0
    places = [[heard.offsets[hit.turn] + hit.at for hit in hits] for hits in mentions]
    best = max([_context(fact, n, heard.offsets[hit.turn] + hit.at, places) for hit in said])
    return min(1.0, best / (told_weight(fact) or 1.0))


def with_against(fact: Fact, mentions: Sequence[Sequence[Hit]], heard: Heard) -> float:
    """How much of a fact stands around what it says to be with it or without it, where that is told the other way: `full
    range of motion without pain` before `... with pain`. 0 to 1.

    mentions: of each part, near the place of the fact.
    """
    places = [[heard.offsets[hit.turn] + hit.at for hit in hits] for hits in mentions]
    found = 0.0
    for n in telling_parts(fact):
        part, hits = fact.parts[n], mentions[n]
        if not hits or not _WITH.search(fact.text[: part.start - fact.start].lower()):
            continue
        against = Voice.AFFIRMED if part.is_denied else Voice.DENIED
        others = [at for m, there in enumerate(places) if m != n for at in there]
        away = [min((abs(at - other) for other in others), default=0) for at in places[n]]
        closest = [(hit, at) for hit, at, far in zip(hits, places[n], away, strict=True) if far == min(away)]
        if all(hit.voice is against for hit, _ in closest):
            found = max(found, *(_context(fact, n, at, places) for _, at in closest))
    return min(1.0, found / (told_weight(fact) or 1.0))


def _is_of_side(side: str, hit: Hit, heard: Heard) -> bool:
    return any(named == side and abs(at - hit.at) <= SIDE_REACH for at, named in heard.said[hit.turn].sides)


def _is_own_word(part: Part, hit: Hit, heard: Heard) -> bool:
    """Whether a mention is in the words of the note: all of them that say something, close together."""
    telling = [one for one in part.stems if one not in stop_stems()]
    return bool(telling) and all(
        any(
            hit.turn == other.turn and 0 <= other.at - hit.at < _PHRASE
            for form in (one, one.removesuffix("i"))
            for other in heard.hits.get(form, ())
        )
        for one in telling
    )


def told_weight(fact: Fact) -> float:
    """The weight of a fact without its words of reporting."""
    return sum([part.weight for part in fact.parts if not reports(part.stems)])


def _context(fact: Fact, n: int, at: int, places: Sequence[Sequence[int]]) -> float:
    """The weight of a fact that is said close to one mention of its part n, its own included."""
    found = fact.parts[n].weight
    for m, part in enumerate(fact.parts):
        if m != n and places[m]:
            found += part.weight * _closeness(min([abs(at - other) for other in places[m]]))
    return found


def _closeness(distance: int) -> float:
    for limit, share in _CLOSE:
        if distance <= limit:
            return share
    return 0.0
