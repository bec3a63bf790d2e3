"""How far those who judge agree: weighted kappa between reviewers, and between each reviewer and the judges of the chain.

Quadratic weights: a step from Poor to Excellent counts four times one from Satisfactory to Excellent. A judge that says yes
or no is compared with whether the reviewer finds the pair satisfactory.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from medsynth_assets.records.review import DIMENSIONS, Level, Review
from medsynth_assets.warehouse.review_store import Judgement


class Agreement(NamedTuple):
    """Of two who judged `pair_count` pairs in common. agreed_frac: the same level. kappa: None where it says nothing, because one
    of the two never varied."""

    first: str
    second: str
    dimension: str
    pair_count: int
    agreed_frac: float
    kappa: float | None


def agreements(reviews: Sequence[Review], judgements: Iterable[Judgement]) -> list[Agreement]:
    """Of every two reviewers, then of every reviewer and judge, by dimension; those with no pair in common are left out."""
    by_reviewer: dict[str, dict[str, Review]] = defaultdict(dict)
    for review in reviews:
        by_reviewer[review.reviewer][review.dialogue_id] = review
    found = []
    for first, second in combinations(sorted(by_reviewer), 2):
        common = sorted(by_reviewer[first].keys() & by_reviewer[second].keys())
        for dimension in DIMENSIONS:
            ours, theirs = (
                [by_reviewer[who][pair].level(dimension).rank for pair in common] for who in (first, second)
            )
            found += _compared(first, second, dimension, ours, theirs, len(Level))
    return found + _with_judges(by_reviewer, judgements)


def _with_judges(by_reviewer: dict[str, dict[str, Review]], judgements: Iterable[Judgement]) -> list[Agreement]:
    said: dict[tuple[str, str, int], dict[str, int]] = defaultdict(dict)
    for judgement in judgements:
        said[judgement.judge, judgement.dimension, judgement.ranks][judgement.dialogue_id] = judgement.rank
    found = []
    for reviewer, reviewed in sorted(by_reviewer.items()):
        for (judge, dimension, ranks), judged in sorted(said.items()):
            common = sorted(reviewed.keys() & judged.keys())
            theirs = [_of(ranks, reviewed[pair].level(dimension)) for pair in common]
            found += _compared(reviewer, judge, dimension, theirs, [judged[pair] for pair in common], ranks)
    return found


def _of(ranks: int, level: Level) -> int:
    return level.rank if ranks == len(Level) else int(level.rank >= Level.SATISFACTORY.rank)


def _compared(
    first: str, second: str, dimension: str, ours: list[int], theirs: list[int], ranks: int
) -> list[Agreement]:
    if not ours:
        return []
    agreed = sum(one == other for one, other in zip(ours, theirs, strict=True)) / len(ours)
    varied = len(set(ours)) > 1 and len(set(theirs)) > 1
    return [Agreement(first, second, dimension, len(ours), agreed, _kappa(ours, theirs, ranks) if varied else None)]


def _kappa(ours: list[int], theirs: list[int], ranks: int) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    kappa = float(cohen_kappa_score(ours, theirs, labels=list(range(ranks)), weights="quadratic"))
    return None if math.isnan(kappa) else kappa
