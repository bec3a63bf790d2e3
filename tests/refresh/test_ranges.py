"""Partition ranges: contiguous, allowed, the most important first."""

import pytest

from medsynth_assets.refresh.ranges import partition_ranges

ALL = list("abcdefgh")


@pytest.mark.parametrize(
    ("allowed", "wanted", "most", "ranges"),
    [
        pytest.param(ALL, "bd", 9, [("b", "d")], id="one-stretch-over-what-is-current"),
        pytest.param(ALL, "hab", 3, [("h", "h"), ("a", "b")], id="the-most-important-range-first"),
        pytest.param("abdefgh", "bd", 9, [("b", "b"), ("d", "d")], id="not-over-what-is-not-allowed"),
        pytest.param(ALL, "abcd", 2, [("a", "b"), ("c", "d")], id="at-most-so-long"),
        pytest.param(ALL, "", 2, [], id="nothing-wanted"),
    ],
)
def test_ranges_hold_what_is_wanted(allowed: str, wanted: str, most: int, ranges: list[tuple[str, str]]) -> None:
    """Every wanted code is in one range, none that is not allowed is in any."""
    assert partition_ranges(ALL, allowed, list(wanted), most) == ranges
