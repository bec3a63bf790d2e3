"""`medsynth evaluate`: figures of a file of predictions."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sacrebleu

from medsynth_assets.cli.evaluate_command import evaluate
from medsynth_assets.errors import UsageError
from tests.conftest import Place
from tests.evaluation.tasks.conftest import NOTE, OTHER, TALK, TALK_OF_OTHER, release, write_predictions

__all__ = ["release"]
NOTHING = dict.fromkeys(("out", "records", "wordnet", "bertscore", "bertscore_layer")) | {"stemmer": False}


def test_figures_records_and_a_table_of_80_columns(place: Place, release: Path, tmp_path: Path) -> None:
    """A whole file of predictions: exit code 0, the packages' BLEU, a row of scores a record."""
    written = {"J20.9/001": NOTE.replace("five", "six"), "S86.911A/002": OTHER}
    predictions = write_predictions(tmp_path / "p.csv", "generated_note", written)
    out, records = tmp_path / "figures.json", tmp_path / "records.parquet"
    done = place.medsynth(
        "evaluate", "--task", "dial2note", "--predictions", str(predictions), "--references", str(release),
        "--out", str(out), "--records", str(records),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    bleu = sacrebleu.corpus_bleu(list(written.values()), [[NOTE, OTHER]]).score
    assert round(figures["figures"]["bleu"]["value"], 4) == round(bleu, 4)
    assert f"{bleu:.4f}" in done.stdout
    assert figures["counts"] == {"records": 2, "missing": 0, "unknown": 0, "duplicate": 0, "empty": 0}
    rows = pl.read_parquet(records)
    assert rows["id"].to_list() == list(written)
    assert rows["rouge1"].mean() == pytest.approx(figures["figures"]["rouge1"]["value"])
    assert "modules exact, stem" in done.stdout
    assert max(map(len, done.stdout.splitlines()[:16])) <= 80


def test_missing_unknown_and_duplicate_ids_are_told_and_the_rest_is_scored(
    place: Place, release: Path, tmp_path: Path
) -> None:
    """With counts, exit code 1 and figures of what is there."""
    path = tmp_path / "p.csv"
    frame = pl.DataFrame({"id": ["J20.9/001", "J20.9/001", "who"], "generated_dialogue": [TALK, "x", TALK_OF_OTHER]})
    frame.write_csv(path)
    done = place.medsynth(
        "evaluate", "--task", "note2dial", "--predictions", str(path), "--references", str(release),
        "--out", str(tmp_path / "figures.csv"),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "missing: 1 references without a prediction, left out of the figures: S86.911A/002" in done.stderr
    assert "unknown: 1" in done.stderr
    assert "duplicate: 1" in done.stderr
    figures = dict(pl.read_csv(tmp_path / "figures.csv").select("score", "value").iter_rows())
    assert figures["bleu"] == pytest.approx(100)
    assert figures["turns"] == 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"task": "dial2dial"}, "there are dial2note and note2dial", id="no-such-task"),
        pytest.param({"task": "note2dial"}, "wanted id and generated_dialogue", id="other-column"),
        pytest.param({"task": "dial2note", "split": "dev"}, "no split 'dev'", id="no-such-split"),
        pytest.param({"task": "dial2note", "wordnet": Path()}, "no WordNet at", id="no-wordnet"),
        pytest.param({"task": "dial2note", "bertscore": Path()}, r"not installed|no model", id="no-model"),
        pytest.param({"task": "dial2note", "out": Path("x.txt")}, "none of .json, .csv", id="kind-of-file"),
        pytest.param({"task": "dial2note"}, "none of the 1 ids", id="nobody-known"),
    ],
)
def test_what_cannot_be_done_is_refused(release: Path, tmp_path: Path, options: dict[str, Any], said: str) -> None:
    """It says what was found and wanted."""
    predictions = write_predictions(tmp_path / "p.csv", "generated_note", {"who": NOTE})
    with pytest.raises(UsageError, match=said):
        evaluate(predictions=predictions, references=release, **{"split": "test", **NOTHING, **options})
