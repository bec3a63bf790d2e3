"""Whether a fact counts as said: a logistic model over how well the best place of the dialogue says it."""

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from operator import mul
from typing import NamedTuple

from medsynth_assets.clinical.drugs import drugs_named
from medsynth_assets.quality.facts.covering import Match
from medsynth_assets.quality.facts.fact import Fact, Kind
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.measuring import number_share
from medsynth_assets.quality.facts.placing import PLACING, Places
from medsynth_assets.quality.language.quantities import Quantity

FEATURES = (
    "near", "near_low", "anywhere", "open", "asked", "opposite", "denied", "affirmed", "answered_against", "rarest", "numbers_missing", "has_numbers",
    "numbers_only", "weight", "parts", "is_denied", "denied_asked", "denied_open", "side_unsaid", "side_other", "nowhere", "finding", "planned", "light", "unsaid", "worst",
    "evidence", "weakest", "evidence_each", "rare_said", "seldom_said", "seldom_missed", "never_said", *PLACING,
)  # fmt: skip
_AGO, _PAST = re.compile(r"\s*ago\b"), re.compile(r"\b(?:past|last)\s*$")
_DAY = {"month_of_year", "day_of_month"}
_ASKED = 0.7  # of what is told of a fact: no more than a question that nobody answers


class Model(NamedTuple):
    """Logistic regression: weights in the order of FEATURES; a fact is said from `threshold` of its probability on."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, values: Sequence[float]) -> float:
        z = self.bias + sum(map(mul, self.weights, values))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@cache
def model() -> Model:
    """The model learned from real pairs (python -m benchmarks.learn_coverage)."""
    body = json.loads((resources.files("medsynth_assets.quality.facts") / "data/coverage.json").read_text("utf-8"))
    return Model(tuple(body["weights"][name] for name in FEATURES), body["bias"], body["threshold"])


def features(fact: Fact, match: Match, places: Places, n: int) -> tuple[float, ...]:
    """What the model sees of a fact and its best place, in the order of FEATURES. n: its number among those of `places`."""
    return (
        match.near,
        max(0.0, 0.5 - match.near),
        match.anywhere - match.near,
        match.votes.open,
        match.votes.asked,
        match.votes.opposite,
        match.votes.denied,
        match.votes.affirmed,
        match.answered_against,
        match.heaviest,
        1 - match.numbers if fact.quantities else 0.0,
        float(bool(fact.quantities)),
        float(not fact.parts),
        math.log1p(fact.weight),
        min(len(fact.parts), 8) / 8,
        float(fact.is_denied),
        match.votes.asked * fact.is_denied,
        match.votes.open * fact.is_denied,
        float(match.side == 0.0) + 0.5 * (match.side == 0.5),
        float(match.side < 0),
        float(match.turn < 0),
        float(fact.kind in (Kind.FINDING, Kind.RESULT)),
        float(fact.section == "plan"),
        float(fact.weight < 4),
        math.log1p(match.unsaid),
        match.worst,
        max(-5.0, min(15.0, match.evidence)) / 5,
        match.weakest,
        match.evidence / max(1, len(fact.parts)),
        match.telling.rare,
        match.telling.said / 10,
        match.telling.missed / 10,
        match.telling.never,
        *places.values(n, fact, match),
    )


def is_wholly_said(fact: Fact, match: Match, heard: Heard) -> bool:
    """Whether each of its drugs is said somewhere, each number near the place, and a history answered, not only asked
    for: what no likeness of the other words makes good."""
    if fact.section == "subjective" and match.votes.asked >= _ASKED:
        return False
    if fact.quantities and not _are_numbers_said(fact, match, heard):
        return False
    if fact.kind is Kind.FOLLOW_UP and any(_is_only_past(number, heard) for number in fact.quantities):
        return False
    drugs = {f"={found.meaning.name}" for found in drugs_named(fact.text)}
    return all(meaning in heard.hits or _is_said_in_words(meaning, fact, heard) for meaning in drugs)


def _are_numbers_said(fact: Fact, match: Match, heard: Heard) -> bool:
    """Whether each number is said near the place, or is surely meant where it is said."""
    if match.numbers == 1:
        return True
    left = tuple(number for number in fact.quantities if not _is_surely_meant(number, fact, match, heard))
    if not left or len(left) == len(fact.quantities):
        return not left
    said = [[mention.hit for mention in mentions] for mentions in match.mentions]
    return number_share(fact._replace(quantities=left), said, (match.turn, *match.turns), heard) == 1


def _is_surely_meant(number: Quantity, fact: Fact, match: Match, heard: Heard) -> bool:
    """A date wherever its month and day are named; a number with its unit at the place of a fact whose words are all said
    otherwise (`15 years since last use`, `clean for fifteen years`)."""
    if number.unit in _DAY:
        date = [other for other in fact.quantities if other.unit in _DAY]
        return any(_holds(said.quantities, date) for said in heard.said)
    if not number.unit or match.turn < 0 or match.near > 0:
        return False
    return any(number.same(other) and number.unit == other.unit for other in heard.said[match.turn].quantities)


def _is_only_past(time: Quantity, heard: Heard) -> bool:
    """Whether a time is said, and only of what has been: `two weeks ago` does not say when to come back."""
    said = [
        (turn.text.lower(), other)
        for turn, told in zip(heard.turns, heard.said, strict=True)
        for other in told.quantities
        if time.same(other)
    ]
    return bool(said) and all(_AGO.match(text, of.end) or _PAST.search(text[: of.start]) for text, of in said)


def _holds(said: Sequence[Quantity], date: Sequence[Quantity]) -> bool:
    return all(any(number.same(other) for other in said) for number in date)


def _is_said_in_words(meaning: str, fact: Fact, heard: Heard) -> bool:
    """`Vitamin D`, `blood thinner`: a drug's name of several words, all of them said."""
    parts = [part for part in fact.parts if meaning in part.meanings]
    return any(
        any(other in heard.hits for other in part.meanings) or all(s in heard.hits for s in part.stems)
        for part in parts
    )
