"""Checks that read English have nothing to say of a dialogue in another language."""

import json

import pytest

from medsynth_assets.checks.examining import NOT_APPLICABLE, examine
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.records.artifact import Stage
from medsynth_assets.warehouse.file import WarehouseFile
from tests.lineage.conftest import _audited, _generated, audited

__all__ = ["_audited", "_generated", "audited"]

TURNS = [{"speaker": ("doctor", "patient")[n % 2], "text": f"Phrase numéro {n}, sans rapport."} for n in range(30)]
BOUND = {c.name for c in suite("dialogues").checks if c.is_language_bound}


def test_every_check_of_dialogues_declares_whether_it_reads_english() -> None:
    """Nobody has to guess for a new check."""
    assert all(isinstance(check.body["meta"].get("language_bound"), bool) for check in suite("dialogues").checks)
    assert "note_facts_are_said" in BOUND
    assert "speakers_alternate" not in BOUND


@pytest.mark.parametrize("language", ["fr", "en-GB"])
def test_a_language_bound_check_is_not_applicable_to_another_language_and_no_failure(
    audited: WarehouseFile, language: str
) -> None:
    """The same French words fail coverage as English, and as French pass the gate with the reason; form is judged in both."""
    text = "\n".join(f"[{turn['speaker']}]: {turn['text']}" for turn in TURNS)
    with audited.writing() as con:
        tagged = "json_merge_patch(parameters, ?)"
        con.execute(
            f"update generation.recipes set parameters = {tagged}", [json.dumps({"dialogue_language": language})]
        )
        con.execute("update generation.artifacts set text = ? where kind = 'dialogue'", [text])
        con.execute("delete from quality.check_results")
    examine(audited, ("I10",), Stage.DIALOGUES, "run-french")
    with audited.reading() as con:
        rows = con.execute("select check_name, is_passed, observed, explanation from quality.check_results").fetchall()
    said = {name: (passed, observed, why) for name, passed, observed, why in rows}
    assert said["speakers_alternate"] == (True, "1", "")
    passed, observed, why = said["note_facts_are_said"]
    if language == "fr":
        assert (passed, observed) == (True, NOT_APPLICABLE)
        assert "the dialogue is in fr" in why
        assert {name for name, (_, seen, _) in said.items() if seen == NOT_APPLICABLE} == BOUND
    else:
        assert not passed
