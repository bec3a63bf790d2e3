"""Distances between distributions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medsynth_assets.evaluation.distances import chance_divergence, correlation_drift, jensen_shannon, kullback_leibler

Counts = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50), min_size=1)


@given(Counts, Counts)
def test_jensen_shannon_is_symmetric_and_between_0_and_1(one: dict[str, float], other: dict[str, float]) -> None:
    """The distance is the same both ways, 0 only for the same distribution."""
    distance = jensen_shannon(one, other)
    assert distance == pytest.approx(jensen_shannon(other, one))
    assert 0 <= distance <= 1
    assert jensen_shannon(one, {key: 7 * value for key, value in one.items()}) == pytest.approx(0, abs=1e-7)


def test_jensen_shannon_of_nothing_in_common_is_1() -> None:
    """Base 2: disjoint distributions are at distance 1."""
    assert jensen_shannon({"a": 3}, {"b": 5}) == pytest.approx(1)


def test_kl_is_that_of_the_textbook_without_a_prior() -> None:
    """KL(p || q) in nats."""
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert kullback_leibler({"a": 75, "b": 25}, {"a": 0.5, "b": 0.5}, prior=0) == pytest.approx(expected)


def test_a_cell_nobody_planned_costs_much_and_not_infinitely_much() -> None:
    """The prior keeps the figure finite, and it still stands out."""
    planned = {"a": 0.5, "b": 0.5}
    stray = kullback_leibler({"a": 45, "b": 45, "c": 10}, planned)
    assert math.isfinite(stray)
    assert stray > 10 * kullback_leibler({"a": 52, "b": 48}, planned)


def test_chance_falls_as_records_are_added() -> None:
    """About (cells - 1) / 2n, the mean of the G statistic."""
    planned = dict.fromkeys("abcdefgh", 0.125)
    assert chance_divergence(planned, 1_000) == pytest.approx(7 / 2_000, rel=0.3)
    assert chance_divergence(planned, 100) > chance_divergence(planned, 10_000)


def test_correlation_drift_sees_a_broken_correlation() -> None:
    """Shuffling one column breaks what tied it to the other; constant columns are left out."""
    draw = np.random.default_rng(1)
    first = draw.normal(size=500)
    tied = np.column_stack([first, first + draw.normal(scale=0.1, size=500), np.ones(500)])
    loose = np.column_stack([first, draw.permutation(tied[:, 1]), np.ones(500)])
    assert correlation_drift(tied, tied) == 0
    assert correlation_drift(tied, loose) > 0.8
    assert math.isnan(correlation_drift(tied[:, 2:], loose[:, 2:]))
