"""`release` as a person starts it: make, list, diff, verify, and what lineage says afterwards."""

import json

import pytest

from tests.cli.test_answers import answer, too_wide
from tests.conftest import Place


@pytest.mark.parametrize("command", ["diff", "list"])
def test_help_shows_an_example_and_fits_the_terminal(place: Place, command: str) -> None:
    """Of the subcommands, too."""
    text = answer(place, "release", command, "--help")
    assert f"medsynth release {command}" in text.partition("Example")[2]
    assert too_wide(text) == []


def test_a_release_is_made_listed_verified_and_compared(loaded_place: Place) -> None:
    """With what to run next; lineage names the release, and a second one differs in what was made since."""
    told = answer(loaded_place, "release", "--out", "releases/v1")
    assert told.startswith("v1: 1 pairs of 1 codes in releases/v1")
    assert "medsynth verify --release releases/v1" in told
    assert answer(loaded_place, "verify", "--release", "releases/v1").startswith("holds: root ")
    assert "proof of 0 steps" in answer(loaded_place, "verify", "I10/001", "--release", "releases/v1")
    assert "release v1" in answer(loaded_place, "lineage", "I10/001")
    assert answer(loaded_place, "verify", "I10/001").startswith("holds:")

    again = loaded_place.medsynth("run", "--codes", "I10", "--per-code", "2")
    assert again.returncode == 0, again.stderr
    answer(loaded_place, "release", "--out", "v2", "--name", "second")
    text = answer(loaded_place, "release", "diff", "releases/v1", "second")
    assert "v1 to second: 1 added, 0 changed, 0 moved, 0 withdrawn" in text
    assert too_wide(text) == []
    found = json.loads(answer(loaded_place, "release", "diff", "v1", "v2", "--format", "json"))
    assert found["counts"]["added"] == 1
    assert found["changes"][0] | {"now_id": ""} == {
        "sort": "added", "record_id": "I10/002", "why": "made since", "was_id": "", "now_id": "",
    }  # fmt: skip
    listed = json.loads(answer(loaded_place, "release", "list", "--json"))
    assert [(one["name"], one["record_count"]) for one in listed] == [("v1", 1), ("second", 2)]
    assert too_wide(answer(loaded_place, "release", "list")) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((), "give --out with a directory", id="no-directory"),
        pytest.param(("--out", "dagster"), "dagster is not empty", id="taken"),
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
def test_what_cannot_be_done_is_refused_in_one_line(loaded_place: Place, arguments: tuple[str, ...], says: str) -> None:
    """With exit code 2."""
    done = loaded_place.medsynth("release", *arguments)
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
