"""Predictions matched with references."""

from pathlib import Path

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.predictions import matched, read_predictions
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task
from tests.evaluation.tasks.conftest import write_predictions

KNOWN = {name: Reference(name, f"note {name}", f"talk {name}") for name in ("a", "b", "c")}


def test_nothing_is_dropped_without_being_told() -> None:
    """Missing, unknown, twice and empty; of two the first counts, the order is that of the references."""
    found = matched([("c", "one"), ("c", "two"), ("z", "x"), ("a", "  ")], KNOWN)
    assert [(pair.reference.id, pair.predicted) for pair in found.pairs] == [("a", "  "), ("c", "one")]
    assert (found.missing, found.unknown, found.duplicate, found.empty) == (["b"], ["z"], ["c"], ["a"])
    assert not found.is_whole
    assert matched([(name, "x") for name in KNOWN], KNOWN).is_whole


def test_the_shared_tasks_csv_is_read_as_it_is(tmp_path: Path) -> None:
    """Line breaks, quotes and commas in texts; ids that look like numbers stay as they are written."""
    path = write_predictions(
        tmp_path / "p.csv", "generated_note", {"007": 'She said "no", twice.\nPlan: rest', "8": ""}
    )
    assert read_predictions(path, Task.DIAL2NOTE) == [("007", 'She said "no", twice.\nPlan: rest'), ("8", "")]


@pytest.mark.parametrize(("text", "said"), [("id,note\n1,x\n", "wanted id and generated_note"), ("", "cannot be read")])
def test_a_file_without_the_columns_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """It says which columns there are, and which were wanted."""
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_predictions(path, Task.DIAL2NOTE)
