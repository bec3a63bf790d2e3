"""The file that predictions are gathered in."""

from pathlib import Path

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.prediction_file import PredictionFile
from medsynth_assets.evaluation.tasks.predictions import read_predictions
from medsynth_assets.evaluation.tasks.task import Task

TEXT = 'She said "no",\r\nthen left.\u2028Plan: rest\n'


def test_what_is_appended_is_read_back_and_put_in_order(tmp_path: Path) -> None:
    """As it was written, line ends and quotes included; the rows of others stay."""
    path = tmp_path / "new" / "p.csv"
    file = PredictionFile(path, Task.DIAL2NOTE)
    for name in ("b", "other", "a"):
        file.append(name, TEXT)
    again = PredictionFile(path, Task.DIAL2NOTE)
    assert again.texts == dict.fromkeys(("b", "other", "a"), TEXT)
    again.put_in_order(["a", "b", "c"])
    assert [name for name, _ in read_predictions(path, Task.DIAL2NOTE)] == ["a", "b", "other"]


@pytest.mark.parametrize("lost", range(1, 14))
def test_a_row_that_a_killed_run_did_not_finish_is_let_go(tmp_path: Path, lost: int) -> None:
    """Wherever it was cut, inside quotes or out; the rows before it stay."""
    path = tmp_path / "p.csv"
    file = PredictionFile(path, Task.DIAL2NOTE)
    file.append("a", TEXT)
    file.append("b", 'x\n"y"\nz')
    path.write_bytes(path.read_bytes()[:-lost])
    assert PredictionFile(path, Task.DIAL2NOTE).texts == {"a": TEXT}
    assert list(PredictionFile(path, Task.DIAL2NOTE).texts) == ["a"]


def test_a_row_without_text_is_asked_for_again_and_another_file_is_left_alone(tmp_path: Path) -> None:
    """The predictions of the other task are not written over."""
    path = tmp_path / "p.csv"
    path.write_text("id,generated_note\na,\nb,text\n")
    assert PredictionFile(path, Task.DIAL2NOTE).texts == {"b": "text"}
    before = path.read_bytes()
    with pytest.raises(UsageError, match="id, generated_note; wanted id, generated_dialogue"):
        PredictionFile(path, Task.NOTE2DIAL)
    assert path.read_bytes() == before
