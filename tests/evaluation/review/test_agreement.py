"""Agreement between reviewers, and with judges."""

import pytest

from medsynth_assets.evaluation.review.agreement import Agreement, agreements
from medsynth_assets.records.review import DIMENSIONS, Level, Review
from medsynth_assets.warehouse.review_store import Judgement
from tests.evaluation.review.conftest import review

LEVELS = list(Level)


def rated(reviewer: str, *ranks: int) -> list[Review]:
    """Factuality of records 1, 2, 3, ...; the rest is satisfactory."""
    return [review(f"I10/{n:03d}", reviewer, factuality=LEVELS[rank]) for n, rank in enumerate(ranks, 1)]


def of(found: list[Agreement], dimension: str) -> Agreement:
    (one,) = (row for row in found if row.dimension == dimension)
    return one


def test_kappa_is_weighted_by_the_square_of_the_distance() -> None:
    """Worked by hand, from the squared distances seen and those of all combinations."""
    found = of(agreements([*rated("Hall", 0, 1, 2, 3), *rated("Ode", 0, 1, 3, 3)], []), "factuality")
    # squared distances: observed 0+0+1+0 = 1; expected over all 16 combinations of {0,1,2,3} and {0,1,3,3}: 48/4 = 12
    assert found.kappa == pytest.approx(1 - 1 / 12)
    assert (found.pair_count, found.agreed_frac, found.first, found.second) == (4, 0.75, "Hall", "Ode")


def test_only_pairs_in_common_count_and_a_constant_rater_has_no_kappa() -> None:
    """Three of five; all satisfactory says nothing beyond that they agree."""
    found = agreements([*rated("Hall", 0, 1, 2), *rated("Ode", 0, 1, 2, 3, 3)], [])
    assert {row.pair_count for row in found} == {3}
    assert of(found, "factuality").kappa == 1
    assert (of(found, "realism").kappa, of(found, "realism").agreed_frac) == (None, 1)
    assert {row.dimension for row in found} == set(DIMENSIONS)
    assert agreements(rated("Hall", 1, 2), []) == []


def test_judges_are_compared_on_their_own_scale() -> None:
    """Yes or no with satisfied or not; four levels with four levels."""
    reviews = rated("Hall", 0, 1, 2, 3)
    yes_no = [Judgement(f"d-I10/{n:03d}", "judge", "factuality", said, 2) for n, said in enumerate((0, 0, 1, 1), 1)]
    levels = [Judgement(f"d-I10/{n:03d}", "juror", "factuality", said, 4) for n, said in enumerate((3, 2, 1, 0), 1)]
    found = {row.second: row for row in agreements(reviews, [*yes_no, *levels])}
    assert (found["judge"].kappa, found["judge"].agreed_frac) == (1, 1)
    assert found["juror"].kappa == pytest.approx(-1)
