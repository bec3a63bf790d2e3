"""What the commands answer: text that fits a terminal, JSON for programs."""

import json
from collections.abc import Sequence

import pytest

from tests.conftest import Place


def answer(place: Place, *arguments: str, **variables: str) -> str:
    done = place.medsynth(*arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def too_wide(text: str) -> Sequence[str]:
    return [line for line in text.splitlines() if len(line) > 80]


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "refresh",
        "status",
        "show",
        "explore",
        "sql",
        "check",
        "report",
        "data-docs",
        "knowledge",
        "config",
        "release",
        "evaluate",
        "predict",
        "train",
        "review export",
        "review import",
        "calls export",
        "batches list",
        "lineage",
        "verify",
        "gc",
    ],
)
def test_help_shows_an_example_and_fits_the_terminal(place: Place, command: str) -> None:
    """Every command says how it is used, on lines of its own, in 80 columns."""
    text = answer(place, *command.split(), "--help")
    assert any(f"  medsynth {command}" in line or f" medsynth {command}" in line for line in text.splitlines()[2:])
    assert "Example" in text
    assert too_wide(text) == []


def test_config_masks_the_key(place: Place) -> None:
    """Neither a key nor a password in a URL is shown, in text or JSON; a setting made is."""
    secrets = {"OPENAI_API_KEY": "sk-hidden-key", "OPENAI_BASE_URL": "http://me:hidden-word@host/v1"}
    text = answer(place, "config", MEDSYNTH_PER_CODE="7", **secrets)
    told = json.loads(answer(place, "config", "--json", MEDSYNTH_PER_CODE="7", **secrets))
    assert "hidden" not in text + json.dumps(told)
    assert too_wide(text) == []
    assert told["MEDSYNTH_PER_CODE"] == 7
    assert told["OPENAI_API_KEY"] == "********"


def test_show_tells_one_record(loaded_place: Place) -> None:
    """Scenario, note and dialogue, as panels in 80 columns and as JSON."""
    text = answer(loaded_place, "show", "i10/1")
    assert too_wide(text) == []
    for title in ("I10/001 scenario", "I10/001 note", "I10/001 dialogue", "Subjective:", "[doctor]:"):
        assert title in text
    told = json.loads(answer(loaded_place, "show", "I10/001", "--json"))
    assert told["record_id"] == "I10/001"
    assert {"artifact_id", "engine", "model", "text", "content"} == told["note"].keys()
    assert told["dialogue"]["content"]["turns"]


def test_show_says_which_records_there_are(loaded_place: Place) -> None:
    """A record that does not exist is refused with those that do."""
    done = loaded_place.medsynth("show", "I10/009")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there are I10/001" in done.stderr


def test_status_tells_what_the_warehouse_holds(loaded_place: Place) -> None:
    """Counts as text in 80 columns and as JSON."""
    text = answer(loaded_place, "status", MEDSYNTH_WAREHOUSE="medsynth.duckdb")
    assert too_wide(text) == []
    assert "1, 1, 1" in text
    told = json.loads(answer(loaded_place, "status", "--json"))
    counted = {name: told[name] for name in ("codes_with_records", "scenarios", "notes", "dialogues", "quarantined")}
    assert counted == {"codes_with_records": 1, "scenarios": 1, "notes": 1, "dialogues": 1, "quarantined": 0}
    assert told["codes_by_engine"] == {"offline": 1}
    assert told["cost_usd"] == 0


def test_sql_answers_as_table_and_as_lines_of_json(loaded_place: Place) -> None:
    """A table in 80 columns for people, one object a row for programs."""
    query = "select record_id, note from marts.pairs"
    assert too_wide(answer(loaded_place, "sql", query)) == []
    (line,) = answer(loaded_place, "sql", "--json", query).splitlines()
    assert json.loads(line)["record_id"] == "I10/001"


def test_a_second_run_says_that_everything_is_current(loaded_place: Place) -> None:
    """Nothing is made, and it says so; the code may be written without its dot or in lower case."""
    text = answer(loaded_place, "run", "--codes", "i10", "--per-code", "1")
    assert "Everything is current: 1 pairs of 1 codes" in text
    assert too_wide(text) == []
