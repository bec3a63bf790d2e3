"""This project's measures of predictions."""

from medsynth_assets.evaluation.tasks.grounding import MEASURES, grounded
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task
from tests.evaluation.tasks.conftest import NOTE, OTHER, TALK, TALK_OF_OTHER

REFERENCE = Reference("J20.9/001", NOTE, TALK, "J20.9")


def test_the_reference_note_states_its_own_facts_and_another_does_not() -> None:
    """Coverage is of the reference's facts, support of the prediction's in the dialogue."""
    own, other = grounded(Task.DIAL2NOTE, REFERENCE, NOTE), grounded(Task.DIAL2NOTE, REFERENCE, OTHER)
    assert own["fact_coverage"] == 1
    assert own["support"] > 0.8 > 0.3 > other["support"]
    assert other["fact_coverage"] < 0.3
    assert (own["soap_faults"], own["contradictions"]) == (0, 0)


def test_a_wrong_dose_is_neither_covered_nor_supported_but_contradicted() -> None:
    """One character of a dose."""
    wrong = grounded(Task.DIAL2NOTE, REFERENCE, NOTE.replace("100 mg", "200 mg"))
    right = grounded(Task.DIAL2NOTE, REFERENCE, NOTE)
    assert wrong["contradictions"] > 0
    assert wrong["fact_coverage"] < right["fact_coverage"]
    assert wrong["support"] < right["support"]


def test_a_note_without_a_section_has_a_fault_of_its_form() -> None:
    """As the project's own notes are judged."""
    assert grounded(Task.DIAL2NOTE, REFERENCE, NOTE.partition("Plan:")[0])["soap_faults"] == 1


def test_a_dialogue_is_held_against_the_note_it_was_made_from() -> None:
    """Its own says the facts; another one says its own beside them."""
    own, other = grounded(Task.NOTE2DIAL, REFERENCE, TALK), grounded(Task.NOTE2DIAL, REFERENCE, TALK_OF_OTHER)
    assert own["fact_coverage"] > 0.8 > other["fact_coverage"]
    assert other["unsupported"] > own["unsupported"] == 0
    assert own["turns"] == 5


def test_every_measure_is_there_for_a_prediction_without_text() -> None:
    """It covers and supports nothing."""
    for task in Task:
        found = grounded(task, REFERENCE, "")
        assert list(found) == list(MEASURES[task])
        assert found["fact_coverage"] == found.get("support", 0) == 0
