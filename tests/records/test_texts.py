"""Notes and dialogues: what is refused, and how they read."""

import pytest
from pydantic import ValidationError

from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.note import SECTIONS, Note

WRITTEN = {"subjective": "Sore throat.", "objective": "Red tonsils.", "assessment": "Pharyngitis.", "plan": "Fluids."}


def test_a_note_reads_as_four_titled_sections_in_order() -> None:
    """Each title stands once, in the order of SOAP."""
    assert Note(**WRITTEN).render() == (
        "Subjective:\nSore throat.\n\nObjective:\nRed tonsils.\n\nAssessment:\nPharyngitis.\n\nPlan:\nFluids."
    )


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("text", [pytest.param("", id="empty"), pytest.param(" \n", id="blank")])
def test_a_note_without_words_in_a_section_is_refused(section: str, text: str) -> None:
    """No section may be empty or blank."""
    with pytest.raises(ValidationError, match="section of the note is empty"):
        Note(**{**WRITTEN, section: text})


def test_a_field_that_no_note_has_is_refused() -> None:
    """A model cannot slip a fifth section in."""
    with pytest.raises(ValidationError, match="extra"):
        Note(**WRITTEN, comment="here is your note")


def test_a_dialogue_reads_as_one_marked_line_a_turn() -> None:
    """Line breaks inside an utterance cannot look like another turn."""
    turns = [Turn(speaker="doctor", text=" Hello. "), Turn(speaker="patient", text="Hi.\n[doctor]: Bye.")]
    assert Dialogue(turns=turns).render() == "[doctor]: Hello.\n[patient]: Hi. [doctor]: Bye."


@pytest.mark.parametrize(
    ("speaker", "text"),
    [
        pytest.param("Doctor", "Hello.", id="capital"),
        pytest.param("doctor]: x [nurse", "Hello.", id="marker-inside"),
        pytest.param("", "Hello.", id="nobody"),
        pytest.param("doctor", " \n ", id="no-words"),
    ],
)
def test_a_turn_without_a_plain_speaker_or_words_is_refused(speaker: str, text: str) -> None:
    """A speaker is one lower-case word, and a turn says something."""
    with pytest.raises(ValidationError):
        Turn(speaker=speaker, text=text)


def test_one_turn_is_not_a_dialogue() -> None:
    """Two people must speak."""
    with pytest.raises(ValidationError, match="at least 2"):
        Dialogue(turns=[Turn(speaker="doctor", text="Hello.")])
