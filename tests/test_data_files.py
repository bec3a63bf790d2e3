"""YAML files: parsed once, kept as JSON under the hash of their text."""

from importlib import resources
from pathlib import Path

import pytest
import yaml

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
    only.write_text('{"content": ["kept"], "dates": []}')
    assert read_yaml(file) == ["kept"]


def test_an_edited_file_is_another_file(tmp_path: Path, kept: Path) -> None:
    """However little was changed."""
    read_yaml(written(tmp_path / "a.yaml", "a: 1"))
    assert read_yaml(written(tmp_path / "a.yaml", "a: 2")) == {"a": 2}
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("text", ["2026-01-02", "a: 2026-01-02", "- {a: [1, {b: 2026-01-02}], c: '2026-01-02'}"])
def test_dates_are_kept_as_dates(tmp_path: Path, kept: Path, text: str) -> None:
    """And a text that looks like one as a text."""
    file = written(tmp_path / "a.yaml", text)
    parsed = read_yaml(file)
    assert len(list(kept.iterdir())) == 1
    assert read_yaml(file) == parsed == yaml.safe_load(text)


def test_the_whole_knowledge_base_is_kept(kept: Path) -> None:
    """Its dates of review among it: one file that is not, costs every start."""
    folder = resources.files("medsynth_assets.clinical") / "knowledge"
    shipped = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    for file in shipped:
        read_yaml(file)
    assert len(list(kept.iterdir())) == len({file.read_text("utf-8") for file in shipped})


@pytest.mark.parametrize("text", ["at: 2026-01-02 10:00:00", "{1: number, b: text}"])
def test_what_json_cannot_hold_is_parsed_each_time(tmp_path: Path, kept: Path, text: str) -> None:
    """Times would come back as text, and keys that are numbers, too."""
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
