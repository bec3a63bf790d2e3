"""Latencies: quantiles within a fifth, a plot that shows every bucket, a size that does not grow."""

import random

from medsynth_assets.assets.latencies import Latencies


def latencies(*taken_ms: float) -> Latencies:
    found = Latencies()
    for taken in taken_ms:
        found.add(taken)
    return found


def test_quantiles_are_right_within_a_fifth() -> None:
    """Of ten thousand calls, against the sorted list."""
    random.seed(1)
    taken = sorted(random.lognormvariate(5, 1) for _ in range(10_000))
    found = latencies(*taken)
    for share in (0.5, 0.95):
        exact = taken[int(share * len(taken)) - 1]
        assert exact - 1 <= found.quantile_ms(share) <= exact * 1.2 + 1
    assert len(found._counts) < 100


def test_the_plot_runs_from_the_quickest_to_the_slowest() -> None:
    """A rare bucket is low but there, an empty one is blank."""
    assert latencies(*[100.0] * 100, 200.0).plot() == "108 ms `█   ▁` 215 ms"


def test_no_calls_are_no_plot() -> None:
    """The offline engine sends nothing."""
    assert (latencies().plot(), latencies().quantile_ms(0.5)) == ("", 0)
