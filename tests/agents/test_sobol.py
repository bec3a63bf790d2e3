"""Sobol points, held against scipy's."""

import pytest
from numpy.random import default_rng
from scipy.stats.qmc import Sobol

from medsynth_assets.agents.sobol import DIMENSIONS, scrambled_points


@pytest.mark.parametrize("seed", [0, 1, 12_345])
@pytest.mark.parametrize("count", [1, 2, 8, 16, 1024])
def test_points_are_those_of_scipy(seed: int, count: int) -> None:
    """To the last bit: plans of records that stand were drawn with them."""
    theirs = Sobol(DIMENSIONS, scramble=True, rng=default_rng(seed)).random(count).tolist()
    assert scrambled_points(count, default_rng(seed)) == theirs
