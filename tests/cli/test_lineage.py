"""`lineage`, `verify` and `gc` as a person starts them."""

import json

import duckdb
import pytest

from tests.cli.test_answers import answer, too_wide
from tests.conftest import Place


@pytest.mark.parametrize("command", ["lineage", "verify", "gc"])
def test_help_shows_an_example_and_fits_the_terminal(place: Place, command: str) -> None:
    """In 80 columns."""
    text = answer(place, command, "--help")
    assert f"medsynth {command}" in text.partition("Example")[2]
    assert too_wide(text) == []


def test_a_record_is_drawn_as_a_tree_with_a_line_a_node(loaded_place: Place) -> None:
    """Roots, stages and runs; with -v the texts and prompts; markup in a text stays text."""
    text = answer(loaded_place, "lineage", "i10/1")
    assert too_wide(text) == []
    for part in ("I10/001", "drawn from", "prevalence_namcs2019.csv", "● note", "● dialogue", "runs"):
        assert part in text
    assert len(text.splitlines()) < 30
    assert "[doctor]:" in answer(loaded_place, "lineage", "I10/001", "-v")


@pytest.mark.parametrize("form", ["json", "prov-json", "openlineage"])
def test_forms_for_programs_are_json(loaded_place: Place, form: str) -> None:
    """On standard output, nothing else with it."""
    assert json.loads(answer(loaded_place, "lineage", "I10/001", "--format", form))


def test_a_sentence_is_traced(loaded_place: Place) -> None:
    """To the artifact and agent that brought it in."""
    note = json.loads(answer(loaded_place, "show", "I10/001", "--json"))["note"]["content"]["plan"].splitlines()[0]
    assert "introduced in" in answer(loaded_place, "lineage", "I10/001", "--sentence", note)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("lineage", "I10/009"), "nothing is known of I10/009", id="unknown-record"),
        pytest.param(("lineage", "I10/001", "--format", "xml"), "no format 'xml'", id="unknown-format"),
        pytest.param(("lineage", "I10/001", "--at", "noon"), "'noon' is no moment", id="no-moment"),
        pytest.param(("lineage", "I10/001", "--at", "2001-01-01"), "nothing is known", id="before-it-was-made"),
        pytest.param(("verify",), "give a record", id="nothing-to-verify"),
        pytest.param(("verify", "--release", "nowhere"), "nowhere is no release", id="no-release"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(loaded_place: Place, arguments: tuple[str, ...], says: str) -> None:
    """With exit code 2."""
    done = loaded_place.medsynth(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_verify_says_what_holds_and_what_is_broken(loaded_place: Place) -> None:
    """Exit code 0 and 1; in text and as JSON."""
    assert answer(loaded_place, "verify", "I10/001").startswith("holds: 8 artifacts and 6 calls")
    assert "holds:" in answer(loaded_place, "verify", "--all")
    with duckdb.connect(str(loaded_place.warehouse)) as con:
        con.execute("update generation.artifacts set parents = ['x'] where kind = 'note'")
    done = loaded_place.medsynth("verify", "I10/001", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["holds"], told["broken"][0]["link"]) == (1, False, "note")
    assert "I10/001: broken at note" in loaded_place.medsynth("verify", "--all").stdout


def test_gc_removes_what_was_superseded(loaded_place: Place) -> None:
    """Bodies go, verify says so, and what stands is shown as before."""
    again = loaded_place.medsynth("run", "--codes", "I10", "--per-code", "1", "--seed", "5")
    assert again.returncode == 0, again.stderr
    shown = answer(loaded_place, "show", "I10/001")
    assert "removed the bodies of 8 artifacts" in answer(loaded_place, "gc", "--keep", "0")
    assert "8 bodies removed on purpose" in answer(loaded_place, "verify", "I10/001")
    assert answer(loaded_place, "show", "I10/001") == shown
