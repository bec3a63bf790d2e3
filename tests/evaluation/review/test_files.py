"""What is exported can be filled in and read back."""

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.review.exporting import labeling_config, write_csv, write_label_studio
from medsynth_assets.evaluation.review.importing import Read, read_reviews
from medsynth_assets.records.review import DIMENSIONS, Level
from tests.evaluation.review.conftest import NOW, candidate

SAMPLE = [candidate(f"I10/{n:03d}") for n in (1, 2, 3)]
HIDDEN = ("openai", "gpt-4o", "warned", "dose")


def read(path: Path) -> Read:
    return read_reviews(path, "Hall", NOW)


def filled(path: Path, *verdicts: dict[str, str]) -> Path:
    """The export, with these verdicts written into its rows by a spreadsheet."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | verdict for row, verdict in zip(rows, verdicts, strict=True))
    return path


def test_a_csv_is_filled_in_and_read_back(tmp_path: Path) -> None:
    """Any case, or 1 to 4; a row without verdicts waits; what was read is named by its artifacts."""
    write_csv(tmp_path / "r.csv", SAMPLE, is_blinded=True)
    words = dict(zip(DIMENSIONS, ("excellent", " POOR ", "1", "4"), strict=True)) | {"comment": "so, so"}
    found = read(filled(tmp_path / "r.csv", words, {}, {}))
    ((place, first),) = found.reviews
    assert (place, found.bad, found.open_count) == ("line 2", [], 2)
    assert [first.level(name) for name in DIMENSIONS] == [
        Level.EXCELLENT, Level.POOR, Level.UNACCEPTABLE, Level.EXCELLENT,
    ]  # fmt: skip
    assert (first.note_id, first.dialogue_id, first.comment) == ("n-I10/001", "d-I10/001", "so, so")
    assert (first.reviewer, first.is_blinded, first.unacceptable) == ("Hall", True, ["soap"])


def test_lines_that_do_not_fit_are_told_with_their_numbers(tmp_path: Path) -> None:
    """An unknown level, a dimension left out; notes of several lines do not shift the count."""
    write_csv(tmp_path / "r.csv", SAMPLE, is_blinded=False)
    whole = dict.fromkeys(DIMENSIONS, "Excellent")
    found = read(filled(tmp_path / "r.csv", whole | {"soap": "Good"}, whole | {"realism": ""}, whole))
    assert len(found.reviews) == 1
    lines = (tmp_path / "r.csv").read_text().splitlines()
    starts = [n for n, line in enumerate(lines, 1) if line.startswith("I10/")]
    assert [said.split(":")[0] for said in found.bad] == [f"line {starts[0]}", f"line {starts[1]}"]
    assert "soap is 'Good'" in found.bad[0]
    assert "realism is ''" in found.bad[1]


def test_a_blinded_reviewer_sees_neither_engine_nor_checks(tmp_path: Path) -> None:
    """In no file of the export; another reviewer sees them."""
    for is_blinded in (True, False):
        write_csv(tmp_path / "r.csv", SAMPLE, is_blinded=is_blinded)
        config = write_label_studio(tmp_path / "r.json", SAMPLE, is_blinded=is_blinded)
        for path in (tmp_path / "r.csv", tmp_path / "r.json"):
            assert all((hidden in path.read_text("utf-8-sig")) is not is_blinded for hidden in HIDDEN)
        assert ("$origin" in config.read_text()) is not is_blinded


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """A model's answer that a spreadsheet would compute is text there."""
    write_csv(tmp_path / "r.csv", [candidate(note="=HYPERLINK(1)")], is_blinded=True)
    assert "'=HYPERLINK(1)" in (tmp_path / "r.csv").read_text("utf-8-sig")


def test_label_studio_gets_what_its_config_names(tmp_path: Path) -> None:
    """Every $value of the config is in each task; turns are author and text; four levels a dimension."""
    write_label_studio(tmp_path / "r.json", SAMPLE, is_blinded=False)
    tasks = json.loads((tmp_path / "r.json").read_text())
    view = ElementTree.fromstring(labeling_config(is_blinded=False))
    named = {tag.get("value", "")[1:] for tag in view.iter() if tag.get("value", "").startswith("$")}
    assert named
    assert all(named <= task["data"].keys() for task in tasks)
    assert tasks[0]["data"]["turns"] == [{"author": "doctor", "text": "Hello."}, {"author": "patient", "text": "Hi."}]
    choices = {tag.get("name"): [c.get("value") for c in tag] for tag in view.iter("Choices")}
    assert choices == {name: list(Level) for name in DIMENSIONS}


def annotation(level: str, person: int = 1, at: str = "2026-11-21T10:00:00Z", **changed: Any) -> dict[str, Any]:
    results = [{"from_name": name, "type": "choices", "value": {"choices": [level]}} for name in DIMENSIONS]
    results.append({"from_name": "comment", "type": "textarea", "value": {"text": ["why", "not"]}})
    return {"result": results, "completed_by": person, "created_at": at, "was_cancelled": False, **changed}


def test_label_studios_export_is_read(tmp_path: Path) -> None:
    """Of one person's annotations of a task the newest; skipped ones wait; two people's are not mixed; JSON-MIN, too."""
    write_label_studio(tmp_path / "r.json", [*SAMPLE, candidate("I10/004")], is_blinded=True)
    tasks = json.loads((tmp_path / "r.json").read_text())
    tasks[0]["annotations"] = [annotation("Poor"), annotation("Excellent", at="2026-11-22T10:00:00Z")]
    tasks[1]["annotations"] = [annotation("Poor", was_cancelled=True)]
    tasks[2]["annotations"] = [annotation("Poor"), annotation("Poor", person=2)]
    tasks[3] = {**tasks[3]["data"], **dict.fromkeys(DIMENSIONS, "Poor")}
    (tmp_path / "r.json").write_text(json.dumps([*tasks, 7]))
    found = read(tmp_path / "r.json")
    assert [(place, r.record_id, r.realism) for place, r in found.reviews] == [
        ("task 1", "I10/001", Level.EXCELLENT),
        ("task 4", "I10/004", Level.POOR),
    ]
    assert found.reviews[0][1].comment == "why\nnot"
    assert all(r.is_blinded for _, r in found.reviews)
    assert found.open_count == 1
    assert [said.split(":")[0] for said in found.bad] == ["task 3", "task 5"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("r.csv", "record_id,factuality\n", "no column note_id"),
        ("r.json", "{", "not JSON"),
        ("r.json", "{}", "no list of tasks"),
        ("r.txt", "x", "no reviews at"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    """It says what was found and wanted."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=said):
        read(tmp_path / name)
