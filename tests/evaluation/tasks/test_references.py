"""References from a release and from files of pairs."""

import json
from pathlib import Path

import polars as pl
import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.references import read_references
from medsynth_assets.evaluation.tasks.task import Task, system_prompt
from tests.evaluation.tasks.conftest import PAIRS


def test_a_release_gives_the_pairs_of_the_split(release: Path) -> None:
    """By the column `split`; files without pairs are passed by."""
    assert list(read_references(release).pairs) == ["J20.9/001", "S86.911A/002"]
    assert list(read_references(release, "train").pairs) == ["J20.9/003"]


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_a_release_may_have_a_file_a_split_and_other_names_for_columns(tmp_path: Path, kind: str) -> None:
    """The file's name then says the split; the first of a validation's usual names counts."""
    for name, rows in {"test": PAIRS[:2], "train": PAIRS[2:], "validation-00000": PAIRS[:1]}.items():
        frame = pl.DataFrame(rows).drop("split").rename({"id": "record_id", "icd10": "icd_code"})
        path = tmp_path / f"{name}.{kind}"
        frame.write_parquet(path) if kind == "parquet" else frame.write_ndjson(path)
    assert list(read_references(tmp_path).pairs) == ["J20.9/001", "S86.911A/002"]
    assert list(read_references(tmp_path, "validation").pairs) == ["J20.9/001"]
    assert read_references(tmp_path, "train").pairs["J20.9/003"].icd10 == "J20.9"


def test_a_release_with_a_folder_a_view_is_read_and_its_prompt_is_known(tmp_path: Path) -> None:
    """Pairs by split in one folder, chat messages in others: what a model is told first is what it was trained with."""
    for view in ("dial2note", "pairs"):
        (tmp_path / view).mkdir()
    chat = [{"record_id": "J20.9/001", "messages": [{"role": "system", "content": "Be a scribe."}]}]
    pl.DataFrame(chat).write_parquet(tmp_path / "dial2note" / "test.parquet")
    pairs = pl.DataFrame(PAIRS[:2]).drop("split").rename({"id": "record_id", "icd10": "icd_code"})
    pairs.write_parquet(tmp_path / "pairs" / "test.parquet")
    assert list(read_references(tmp_path).pairs) == ["J20.9/001", "S86.911A/002"]
    assert system_prompt(Task.DIAL2NOTE, release=tmp_path) == "Be a scribe."
    assert system_prompt(Task.NOTE2DIAL, release=tmp_path) == system_prompt(Task.NOTE2DIAL)


def test_a_file_of_pairs_is_read_whole_and_what_cannot_be_is_told(tmp_path: Path) -> None:
    """A pair without one half, one that is there twice, and a line that is no JSON, each with its number."""
    path = tmp_path / "pairs.jsonl"
    lines = [json.dumps(PAIRS[0]), "{no", json.dumps({"id": "x", "note": "n"}), json.dumps(PAIRS[0])]
    path.write_text("\n".join(lines))
    found = read_references(path)
    assert list(found.pairs) == ["J20.9/001"]
    assert [line.split(":")[0].split(" (")[0] for line in found.bad] == ["reference 2", "reference 3", "reference 4"]


@pytest.mark.parametrize(("split", "said"), [("dev", "no split 'dev'; it has test, train"), ("test", "neither")])
def test_what_is_no_release_is_refused(tmp_path: Path, release: Path, split: str, said: str) -> None:
    """It says what was found."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match=said):
        read_references(release if split == "dev" else empty, split)
