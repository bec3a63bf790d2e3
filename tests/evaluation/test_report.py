"""The report end to end: the command over a warehouse with one record, beside corpora written for the test."""

import json
import re
from pathlib import Path

import polars as pl

from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.measures import measures, shown
from medsynth_assets.evaluation.page import Listing, Page, render
from medsynth_assets.warehouse.file import WarehouseFile
from tests.conftest import Place
from tests.evaluation.corpora import record


def write(path: Path, records: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in records))
    return path


def test_the_command_writes_one_page_and_its_numbers(loaded_place: Place) -> None:
    """A copy of the dataset's own record given as sensitive is found; nothing on the page points to the network."""
    with WarehouseFile(loaded_place.warehouse).reading() as con:
        row = con.execute("select note, dialogue from marts.pairs").fetchone()
    assert row
    real = [{"id": str(n), "note": made.note, "dialogue": made.dialogue} for n in range(45) for made in (record(n),)]
    reference = write(loaded_place.folder / "real.jsonl", real)
    copied = {"id": "copied", "note": row[0], "dialogue": row[1]}
    sensitive = write(loaded_place.folder / "sensitive.jsonl", [*real[:5], copied])
    done = loaded_place.medsynth(
        "report", "--reference", str(reference), "--sensitive", str(sensitive), "--out", "r.html"
    )
    assert done.returncode == 0, done.stderr
    numbers = pl.read_parquet(loaded_place.folder / "r.parquet")
    assert set(numbers["dimension"]) == {str(dimension) for dimension in Dimension if dimension != Dimension.UTILITY}
    assert set(numbers["measure"]) <= set(measures())
    value = {(m, s, g): v for m, s, g, v in numbers.select("measure", "subject", "group", "value").rows()}
    assert value["longest_verbatim", "sensitive.jsonl", ""] > 200
    assert value["near_duplicates_of_sensitive", "note", ""] == 1
    assert value["calls_per_record", "", "all stages"] >= 6
    assert value["wasted_share", "calls", ""] == 0
    assert value["violations", "accepted", "age_and_sex_fit_the_code"] == 0
    page = (loaded_place.folder / "r.html").read_text()
    assert page.count("<svg") > 8
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "I10/001" in page
    assert "too few" in page  # records to learn from


def test_a_holdout_without_a_sensitive_corpus_is_refused(loaded_place: Place) -> None:
    """One line, exit code 2."""
    done = loaded_place.medsynth("report", "--holdout", "unseen.jsonl")
    assert done.returncode == 2
    assert "--sensitive" in done.stderr


def test_texts_of_the_corpora_are_escaped() -> None:
    """A record's text is data on the page."""
    nasty = "<img src=x onerror=alert(1)>"
    page = Page("t", "s", {}, {Dimension.PRIVACY: [Listing("found", ("record",), [(nasty,)])]})
    drawn = render(page, [Figure(Dimension.PRIVACY, "longest_verbatim", nasty, "", 3.0, size=2)])
    assert nasty not in drawn
    assert "&lt;img" in drawn


def test_labels_inside_plots_are_escaped() -> None:
    """Group names reach the SVG as text."""
    figures = [Figure(Dimension.FIDELITY, "group_share", "sex", name, 0.5, 0.4) for name in ("<b>a</b>", "b")]
    drawn = render(Page("t", "s", {}, {}), figures)
    assert "<svg" in drawn
    assert "<b>a</b>" not in drawn


def test_every_measure_has_a_definition_and_a_source() -> None:
    """What the page says of each number."""
    assert all(m.title and m.definition.endswith((".", ")")) and m.source and m.unit for m in measures().values())


def test_numbers_are_written_as_people_read_them() -> None:
    """By unit; a dash where there is none."""
    assert shown(None, "share") == shown(float("nan"), "count") == "–"
    assert shown(0.1234, "share") == "12.3%"
    assert shown(0.00042, "share") == "0.04%"
    assert shown(1234, "tokens") == "1,234"
    assert shown(0.01234, "usd") == "$0.0123"
