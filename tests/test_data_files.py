"""YAML files: parsed once, kept as JSON under the hash of their text."""

from pathlib import Path

import pytest

from medsynth_assets.data_files import read_yaml


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "medsynth" / "yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_what_was_parsed_is_read_from_the_cache(tmp_path: Path, kept: Path) -> None:
    """Shown by a cache that says otherwise than the file."""
    file = written(tmp_path / "a.yaml", "- {b: 1, a: [x, 2.5, true, null]}\n")
    assert read_yaml(file) == [{"b": 1, "a": ["x", 2.5, True, None]}]
    (only,) = kept.iterdir()
    only.write_text('["kept"]')
    assert read_yaml(file) == ["kept"]


def test_an_edited_file_is_another_file(tmp_path: Path, kept: Path) -> None:
    """However little was changed."""
    read_yaml(written(tmp_path / "a.yaml", "a: 1"))
    assert read_yaml(written(tmp_path / "a.yaml", "a: 2")) == {"a": 2}
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("text", ["at: 2026-01-02", "{1: number, b: text}"])
def test_what_json_cannot_hold_is_parsed_each_time(tmp_path: Path, kept: Path, text: str) -> None:
    """Dates would come back as text, and keys that are numbers, too."""
    file = written(tmp_path / "a.yaml", text)
    assert read_yaml(file) == read_yaml(file)
    assert not kept.exists()


def test_a_broken_cache_and_one_that_cannot_be_written_are_done_without(tmp_path: Path, kept: Path) -> None:
    """Half a file, and a file where the folder would be."""
    file = written(tmp_path / "a.yaml", "a: 1")
    read_yaml(file)
    (only,) = kept.iterdir()
    only.write_text('{"a":')
    assert read_yaml(file) == {"a": 1}
    only.unlink()
    kept.rmdir()
    kept.write_text("in the way")
    assert read_yaml(file) == {"a": 1}
