"""A release as those read it who get one: Hugging Face's `datasets` and MLCommons' `mlcroissant`, offline."""

import json
import logging
from pathlib import Path

import pytest

from tests.release.conftest import Releasing


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.mark.usefixtures("offline")
def test_load_dataset_reads_every_configuration(releasing: Releasing, tmp_path: Path) -> None:
    """The directory alone, or with the name of a view; splits as in the manifest."""
    import datasets

    releasing("v1")
    cache = str(tmp_path / "cache")
    pairs = datasets.load_dataset(str(tmp_path / "v1"), cache_dir=cache)
    assert {name: split.num_rows for name, split in pairs.items()} == {"train": 4, "validation": 2}
    assert pairs["validation"]["record_id"][:] == ["E11.9/003", "I10/001"]
    for task, last in (("dial2note", "note"), ("note2dial", "dialogue")):
        loaded = datasets.load_dataset(str(tmp_path / "v1"), task, cache_dir=cache)
        assert [message["role"] for message in loaded["train"][0]["messages"]] == ["system", "user", "assistant"]
        assert loaded["train"][0]["messages"][2]["content"] == pairs["train"][0][last]
    published = datasets.load_dataset(str(tmp_path / "v1"), "medsynth", cache_dir=cache, split="train")
    assert published.column_names == ["Note", "Dialogue", "ICD10", "ICD10_desc"]


def test_croissant_is_valid_and_reads_the_records(
    releasing: Releasing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """mlcroissant finds neither error nor warning, has the responsible-AI fields, and yields the records of every set."""
    import mlcroissant

    made = releasing("v1")
    with caplog.at_level(logging.WARNING):
        dataset = mlcroissant.Dataset(jsonld=tmp_path / "v1" / "croissant.json")
    issues = dataset.metadata.issues
    assert (set(issues.errors), set(issues.warnings), caplog.messages) == (set(), set(), [])
    assert any("Not clinically validated" in limit for limit in dataset.metadata.data_limitations)
    for field in ("data_biases", "data_use_cases", "data_social_impact", "personal_sensitive_information",
                  "data_collection", "machine_annotation_tools", "data_release_maintenance_plan"):  # fmt: skip
        assert getattr(dataset.metadata, field), field
    hashes = {entry.path: entry.sha256 for entry in made.manifest.files}
    assert all(hashes[file.name] == file.sha256 for file in dataset.metadata.distribution)
    assert len(dataset.metadata.record_sets) == 8
    for record_set in dataset.metadata.record_sets:
        view, _, split = record_set.name.partition("-")
        lines = (tmp_path / "v1" / view / f"{split}.jsonl").read_text("utf-8").splitlines()
        records = list(dataset.records(record_set.id))
        assert len(records) == len(lines)
        if view == "dial2note":
            said = [
                message[f"{record_set.id}/messages/content"].decode()
                for message in records[0][f"{record_set.id}/messages"]
            ]
            assert said == [message["content"] for message in json.loads(lines[0])["messages"]]
