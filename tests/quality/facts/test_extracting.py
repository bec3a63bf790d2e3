"""The facts of a note, and their places in it."""

import pytest

from medsynth_assets.quality.facts.extracting import facts

SENTENCE = "He takes lisinopril 20 mg daily for hypertension."


@pytest.mark.parametrize("before", ["", "He has had a cough for two weeks. "])
def test_a_sentence_read_in_another_note_has_its_place_in_this_one(before: str) -> None:
    """Facts, their parts and their numbers are cut from where they stand."""
    note = f"Subjective:\n{before}{SENTENCE}"
    found = [fact for fact in facts(note) if fact.start >= note.index(SENTENCE)]
    assert "lisinopril" in found[0].text
    for fact in found:
        assert note[fact.start : fact.end] == fact.text
        assert all(fact.start <= part.start < part.end <= fact.end for part in fact.parts)
    assert [note[one.start : one.end] for fact in found for one in fact.quantities][:1] == ["20 mg"]


def test_the_same_sentence_is_another_fact_in_another_section() -> None:
    told, planned = facts(f"Subjective:\n{SENTENCE}\nPlan:\n{SENTENCE}")
    assert (told.section, planned.section) == ("subjective", "plan")
    assert told._replace(section="", kind=planned.kind, start=0, end=0, parts=(), quantities=()) == planned._replace(
        section="", start=0, end=0, parts=(), quantities=()
    )


def test_a_figure_in_a_name_is_no_number() -> None:
    """`G5P5` is said as it is written, never as five of something."""
    (fact,) = facts("Subjective:\nShe is a G5P5 female.")
    assert not fact.quantities
