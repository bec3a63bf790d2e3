"""`release` as a person starts it: make, list, diff, verify, and what lineage says afterwards."""

import json
import shutil
from pathlib import Path

import pytest

from medsynth_assets.warehouse.file import WarehouseFile
from tests.cli.test_answers import answer, too_wide
from tests.conftest import Place
from tests.lineage.conftest import _generated  # noqa: F401  _pairs stands on it
from tests.release.conftest import _pairs  # noqa: F401


@pytest.mark.parametrize("command", ["diff", "list"])
def test_help_shows_an_example_and_fits_the_terminal(place: Place, command: str) -> None:
    """Of the subcommands, too."""
    text = answer(place, "release", command, "--help")
    assert f"medsynth release {command}" in text.partition("Example")[2]
    assert too_wide(text) == []


@pytest.fixture
def stocked(place: Place, _pairs: Path) -> Place:  # noqa: F811
    """A place with six pairs that pass the gate."""
    shutil.copyfile(_pairs, place.warehouse)
    return place


def test_a_release_is_made_listed_verified_and_compared(stocked: Place) -> None:
    """With what to run next; lineage names the release, and a second one differs in what was taken back since."""
    told = answer(stocked, "release", "--out", "releases/v1")
    assert told.startswith("v1: 6 pairs of 2 codes in releases/v1")
    assert "medsynth verify --release releases/v1" in told
    assert answer(stocked, "verify", "--release", "releases/v1").startswith("holds: root ")
    assert "proof of 3 steps" in answer(stocked, "verify", "I10/001", "--release", "releases/v1")
    assert "release v1" in answer(stocked, "lineage", "I10/001")

    with WarehouseFile(stocked.warehouse).writing() as con:
        con.execute(
            "insert into generation.withdrawals by name select note_id as artifact_id, record_id, '[b]wrong[/b]' as reason,"
            " 'dr-a' as reviewer from marts.pairs where record_id = 'I10/002'"
        )
    assert "Left out: 1 pairs withdrawn." in answer(stocked, "release", "--out", "v2", "--name", "second")
    text = answer(stocked, "release", "diff", "releases/v1", "second")
    assert "v1 to second: 0 added, 0 changed, 0 moved, 1 withdrawn" in text
    assert "withdrawn by dr-a: [b]wrong[/b]" in text
    assert too_wide(text) == []
    found = json.loads(answer(stocked, "release", "diff", "v1", "v2", "--format", "json"))
    assert found["counts"]["withdrawn"] == 1
    assert found["changes"][0] | {"was_id": ""} == {
        "sort": "withdrawn", "record_id": "I10/002", "why": "withdrawn by dr-a: [b]wrong[/b]", "was_id": "", "now_id": "",
    }  # fmt: skip
    listed = json.loads(answer(stocked, "release", "list", "--json"))
    assert [(one["name"], one["record_count"]) for one in listed] == [("v1", 6), ("second", 5)]
    assert too_wide(answer(stocked, "release", "list")) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((), "give --out with a directory", id="no-directory"),
        pytest.param(("--out", "."), "is not empty", id="taken"),
        pytest.param(("--out", "v1", "--codes", "Z99.9"), "no gated pair of Z99.9", id="unknown-code"),
        pytest.param(
            ("--out", "v1", "--system-prompt", "mine.md"),
            "no task 'mine' for a system prompt; there are dial2note, note2dial",
            id="prompt-of-what",
        ),
        pytest.param(("diff", "v1", "v2"), "no release v1", id="unknown-release"),
        pytest.param(("diff", "v1", "v2", "--format", "xml"), "no format 'xml'", id="unknown-format"),
        pytest.param(("--name", "x", "list"), "do not go with: medsynth release list", id="options-of-another"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(stocked: Place, arguments: tuple[str, ...], says: str) -> None:
    """With exit code 2."""
    done = stocked.medsynth("release", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_release_of_nothing_says_so(place: Place) -> None:
    """Exit code 1, one line, and no directory."""
    done = place.medsynth("release", "--out", "v1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing to release: no warehouse at" in done.stderr
    assert not (place.folder / "v1").exists()
    assert "no release yet; make one with" in answer(place, "release", "list")
