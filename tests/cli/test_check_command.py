"""`medsynth check`: anyone's pairs from a file."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import Place

NOTE = "Subjective:\nShe has had a cough for five days. Denies fever.\n\nObjective:\nLungs are clear.\n\nAssessment:\nAcute bronchitis.\n\nPlan:\nStart benzonatate 100 mg. <script>alert(1)</script>"
TALK = "Doctor: How long have you had the cough?\nPatient: Five days.\nDoctor: Any fever?\nPatient: No.\nDoctor: Your lungs are clear. It is acute bronchitis."
ROWS = [{"id": f"r{n}", "note": NOTE, "dialogue": TALK, "icd10": "J20.9"} for n in range(3)]


def written(folder: Path, kind: str) -> Path:
    path = folder / f"pairs.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif kind == "csv":
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, list(ROWS[0]))
            writer.writeheader()
            writer.writerows(ROWS)
    else:
        pl.DataFrame(ROWS).write_parquet(path)
    return path


def results(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_every_kind_of_file_gives_a_line_a_pair(place: Place, tmp_path: Path, kind: str) -> None:
    """With places of the uncovered facts in the note, and nothing else amiss."""
    out = tmp_path / "results.jsonl"
    done = place.medsynth("check", str(written(tmp_path, kind)), "--out", str(out))
    assert done.returncode == 0, done.stderr
    found = results(out)
    assert [row["id"] for row in found] == ["r0", "r1", "r2"]
    assert set(found[0]) == {"id", "coverage", "uncovered", "contradicted", "unsupported", "soap", "form", "ms"}
    texts = [NOTE[fact["start"] : fact["end"]] for fact in found[0]["uncovered"]]
    assert texts == [fact["text"] for fact in found[0]["uncovered"]]
    assert any("benzonatate" in text for text in texts)
    assert not any("fever" in text for text in texts)


def test_a_bad_line_is_told_with_its_number_and_left_out(place: Place, tmp_path: Path) -> None:
    """The others are checked; the exit code says that something was not."""
    path = tmp_path / "pairs.jsonl"
    lines = [
        json.dumps(ROWS[0]),
        "{not json",
        json.dumps({"id": "empty"}),
        json.dumps({"id": "odd", "note": 7}),
        "[1]",
        json.dumps(ROWS[1]),
    ]
    path.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\n")
    out = tmp_path / "results.jsonl"
    done = place.medsynth("check", str(path), "--out", str(out))
    assert done.returncode == 1
    assert [row["id"] for row in results(out)] == ["r0", "r1"]
    for number in (2, 3, 4, 5, 7):
        assert f"line {number}:" in done.stderr
    assert "2 checked" in done.stderr
    assert "5 lines not read" in done.stderr


def test_a_line_without_a_dialogue_gets_the_notes_part_and_one_without_a_note_the_form(
    place: Place, tmp_path: Path
) -> None:
    """What can be checked is."""
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        json.dumps({"id": "n", "note": NOTE.split("Plan:")[0]})
        + "\n"
        + json.dumps({"id": "d", "dialogue": TALK})
        + "\n"
    )
    done = place.medsynth("check", str(path))
    note, dialogue = (json.loads(line) for line in done.stdout.splitlines())
    assert [fault["section"] for fault in note["soap"]["faults"]] == ["plan"]
    assert set(dialogue) == {"id", "form", "ms"}


def test_the_page_shows_pairs_side_by_side_and_texts_as_text(place: Place, tmp_path: Path) -> None:
    """Facts are coloured, turns linked, and nothing of a note is code."""
    page = tmp_path / "report.html"
    done = place.medsynth(
        "check", str(written(tmp_path, "jsonl")), "--out", str(tmp_path / "r"), "--html", str(page), "--html-pairs", "2"
    )
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert "<script>" not in text
    assert "&lt;" in text
    assert 'class="unsaid"' in text
    assert 'class="said"' in text
    assert 'href="#p1t3"' in text
    assert 'id="p1t3"' in text
    assert 'id="p2"' in text
    assert 'id="p3"' not in text
    assert "2 of 3 pairs" in text


@pytest.mark.parametrize("name", ["missing.jsonl", "pairs.txt"])
def test_a_file_that_cannot_be_read_is_one_line_and_exit_code_2(place: Place, tmp_path: Path, name: str) -> None:
    """It says what was found and what was wanted."""
    (tmp_path / "pairs.txt").write_text("x")
    done = place.medsynth("check", str(tmp_path / name))
    assert done.returncode == 2
    assert ".parquet" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_many_rows_go_to_workers_and_keep_their_order(place: Place, tmp_path: Path) -> None:
    """Results come in the order of the file whatever their number."""
    path, out = tmp_path / "pairs.jsonl", tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps({**ROWS[0], "id": n}) + "\n" for n in range(150)))
    done = place.medsynth("check", str(path), "--out", str(out), "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in results(out)] == [str(n) for n in range(150)]
