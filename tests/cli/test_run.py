"""`medsynth run`: which partitions, in which runs."""

import pytest

from medsynth_assets.assets.partitions import partition_ranges
from tests.conftest import Place

ORDER = ["A", "B", "C", "D", "E", "F"]


@pytest.mark.parametrize(
    ("selected", "stale", "most", "ranges"),
    [
        pytest.param("ABC", "ABC", 9, [("A", "C")], id="contiguous-codes-are-one-run"),
        pytest.param("ABEF", "ABEF", 9, [("A", "B"), ("E", "F")], id="a-gap-splits"),
        pytest.param("ABCDEF", "CE", 9, [("C", "E")], id="current-ends-are-left-out"),
        pytest.param(
            "ABCDEF", "ABCDEF", 2, [("A", "B"), ("C", "D"), ("E", "F")], id="no-run-is-longer-than-the-setting"
        ),
        pytest.param("ABCDEF", "", 9, [], id="nothing-stale-no-run"),
        pytest.param("ABEF", "F", 9, [("F", "F")], id="only-what-is-stale"),
    ],
)
def test_runs_are_ranges_of_selected_partitions_that_hold_something_stale(
    selected: str, stale: str, most: int, ranges: list[tuple[str, str]]
) -> None:
    """A range run takes whole stretches of Dagster's order, never a partition that was not asked for."""
    assert partition_ranges(ORDER, set(selected), set(stale), most) == ranges


def test_a_chapter_is_its_partitions(loaded_place: Place) -> None:
    """`--chapter 10` makes the respiratory codes among the top codes, and nothing else; again, nothing."""
    run = ("run", "--chapter", "10", "--per-code", "1")
    done = loaded_place.medsynth(*run, MEDSYNTH_TOP_CODES="25")
    assert done.returncode == 0, done.stdout + done.stderr
    made = loaded_place.medsynth("sql", "--json", "select distinct icd_code from marts.pairs order by all")
    assert [line.split('"')[3] for line in made.stdout.splitlines()] == ["I10", "J06.9", "J30.9", "J44.9"]
    assert "Everything is current" in loaded_place.medsynth(*run, MEDSYNTH_TOP_CODES="25").stdout
