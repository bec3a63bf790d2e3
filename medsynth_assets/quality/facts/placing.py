"""The place of a fact among the places of the other facts: whether its words stand together there, and are its own.

What is left of a fact when it is not said are words that other facts brought, strewn over turns, far from what the note
tells beside it.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from medsynth_assets.quality.facts.covering import Match
from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.mention import Mention
from medsynth_assets.quality.language.lexicon import USUALLY_SAID, said_share

_PHRASE, _SENTENCE = 15, 40  # tokens between words that are said in one breath, in one sentence of speech
_SAID = 0.5  # from which a part counts as said near
_CLEARLY = 0.6  # near the place of a neighbour from which that place can be relied on
_FARTHEST = 30  # turns to a neighbour that is told nearby, at most
_ANCHORED = 0.7  # near, from which the place of a fact before or behind can be relied on for the order of telling
_REACH = 3  # facts before and behind among which such a place is looked for
_UNKNOWN = 0.3  # whether a place is between those places, where one of them is not known
_MARGIN = 0.5  # weight by which another fact has to be said better to have a word to itself
_USUAL = {"objective": 0.65, "assessment": 0.85, "plan": 0.85}  # where a visit speaks of a section, 0 to 1
_EARLY = 0.35

PLACING = (
    "phrase", "sentence", "sentence_so", "exact", "turn_alone", "elsewhere", "spread", "missed_told", "missed_parts", "missed_most", "so",
    "neighbour", "neighbours", "next_told", "between", "claimed", "unclaimed", "where", "from_usual", "turn_length", "by_doctor", "length", "often", "seldomest",
)  # fmt: skip


class Placed(NamedTuple):
    """A fact of a note with its best place."""

    fact: Fact
    match: Match


class Places:
    """Where all facts of a note have their best places."""

    def __init__(self, placed: Sequence[Placed], heard: Heard) -> None:
        self._placed, self._heard = placed, heard
        self._claims: dict[int, list[tuple[float, str]]] = {}  # by token of the dialogue: how well whose fact is said
        for fact, match in placed:
            claim = (match.near * fact.weight, fact.text.lower())
            for at in {mention.at for mentions in match.mentions for mention in mentions}:
                self._claims.setdefault(at, []).append(claim)

    def values(self, n: int, fact: Fact, match: Match) -> tuple[float, ...]:
        """What the place of fact n says of it, in the order of PLACING. `fact`, `match`: as told in other words, too."""
        return (
            *_together(fact, match),
            *self._beside(n, match),
            self._between(n, match),
            *self._own(fact, match),
            *self._around(fact, match),
        )

    def _beside(self, n: int, match: Match) -> tuple[float, float, float]:
        """How far the places of the facts beside it in the note are: nearest, mean (of the dialogue), nearest told (turns)."""
        if match.turn < 0:
            return 1.0, 1.0, float(_FARTHEST)
        beside = [m for m in (n - 2, n - 1, n + 1, n + 2) if 0 <= m < len(self._placed)]
        turns = max(1, len(self._heard.turns))
        away = {m: abs(self._placed[m].match.turn - match.turn) for m in beside if self._placed[m].match.turn >= 0}
        told = [away[m] for m in away if abs(m - n) == 1 and self._placed[m].match.near > _CLEARLY]
        if not away:
            return 1.0, 1.0, float(_FARTHEST)
        return (
            min(away.values()) / turns,
            sum(away.values()) / len(away) / turns,
            float(min(told, default=_FARTHEST)),
        )

    def _between(self, n: int, match: Match) -> float:
        """Whether its place is between those of the facts told before and behind it, or next to them."""
        before = self._anchor(range(n - 1, max(-1, n - 1 - _REACH), -1))
        behind = self._anchor(range(n + 1, min(len(self._placed), n + 1 + _REACH)))
        if match.turn < 0 or before < 0 or behind < 0:
            return _UNKNOWN
        return float(min(before, behind) - 1 <= match.turn <= max(before, behind) + 1)

    def _anchor(self, facts: Sequence[int]) -> int:
        """The place of the first of some facts that is clearly told; -1 where none is."""
        return next((place.turn for m in facts for place in (self._placed[m].match,) if place.near > _ANCHORED), -1)

    def _own(self, fact: Fact, match: Match) -> tuple[float, float]:
        """Of its words that are said: the share that another fact has a better claim to, and the weight share that none has."""
        mine, text = match.near * fact.weight, fact.text.lower()
        said = claimed = unclaimed = 0.0
        for part, mentions in zip(fact.parts, match.mentions, strict=True):
            if not mentions:
                continue
            best = max(mentions, key=lambda mention: mention.value)
            other = max((score for score, of in self._claims.get(best.at, ()) if of != text), default=0.0)
            value = part.weight * best.value
            said += value
            claimed += value * other / (other + mine + 0.1)
            unclaimed += value * (other <= mine + _MARGIN)
        return claimed / (said or 1.0), unclaimed / (fact.weight or 1.0)

    def _around(self, fact: Fact, match: Match) -> tuple[float, ...]:
        turns = len(self._heard.turns)
        where, length, by_doctor = -0.1, 0.0, 0.0
        if match.turn >= 0:
            where = match.turn / turns
            length = math.log1p(self._heard.offsets[match.turn + 1] - self._heard.offsets[match.turn])
            by_doctor = float(self._heard.turns[match.turn].speaker == "doctor")
        return (
            where,
            abs(where - _USUAL.get(fact.section, _EARLY)),
            length,
            by_doctor,
            math.log1p(len(fact.text)),
            match.often,
            match.seldomest,
        )


def _together(fact: Fact, match: Match) -> tuple[float, ...]:
    """How much of a fact is said close together, exactly, and elsewhere; what of it is missed near its place."""
    total = fact.weight or 1.0
    phrase = sentence = so = exact = spread = agreed = 0.0
    for at in {mention.at for mentions in match.mentions for mention in mentions}:
        in_phrase = in_sentence = in_sentence_so = 0.0
        for part, mentions in zip(fact.parts, match.mentions, strict=True):
            shares = _shares(mentions, at)
            in_phrase += part.weight * shares[0]
            in_sentence += part.weight * shares[1]
            in_sentence_so += part.weight * shares[2]
        phrase, sentence, so = max(phrase, in_phrase), max(sentence, in_sentence), max(so, in_sentence_so)
    missed = []
    for part, mentions in zip(fact.parts, match.mentions, strict=True):
        best = max(mentions, key=lambda mention: mention.value, default=None)
        if best is not None:
            exact += part.weight * (best.share >= 1.0)
            spread += part.weight * best.away
            agreed += part.weight * any(mention.agrees for mention in mentions)
        if best is None or best.value < _SAID:
            missed.append(part)
    told = max(
        (p.weight * max((said_share(stem) for stem in p.stems), default=USUALLY_SAID) for p in missed), default=0.0
    )
    return (
        phrase / total,
        sentence / total,
        so / total,
        exact / total,
        match.single,
        match.second,
        spread / total,
        told,
        float(len(missed)),
        max((part.weight for part in missed), default=0.0),
        agreed / total,
    )


def _shares(mentions: Sequence[Mention], at: int) -> tuple[float, float, float]:
    """How wholly a part is said within a phrase of a token, within a sentence, and within a sentence as the note says it."""
    phrase = sentence = so = 0.0
    for mention in mentions:
        away, share = abs(mention.at - at), mention.share
        if away > _SENTENCE:
            continue
        if share > sentence:
            sentence = share
        if share > phrase and away <= _PHRASE:
            phrase = share
        if share > so and mention.agrees:
            so = share
    return phrase, sentence, so
