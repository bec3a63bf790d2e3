"""Form of dialogues and notes."""

import pytest

from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.form import FormType, dialogue_form, note_form

GOOD = "[doctor]: What brings you in?\n[patient]: My knee.\n[doctor]: Since when?\n[patient]: Two days."


def test_a_plain_dialogue_has_no_fault() -> None:
    """Nor has one in the other usual marking."""
    assert dialogue_form(turns_of(GOOD)) == []
    assert dialogue_form(turns_of(GOOD.replace("[", "").replace("]", ""))) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("[doctor]: That is M25.561 in the book.", FormType.CODE),
        ("[doctor]: Here is the revised dialogue.", FormType.TASK),
        ("[doctor]: Hello [patient name], sit down.", FormType.TEMPLATE),
        ("[doctor]: **Assessment:**", FormType.HEADING),
        ("[patient]: Call me at 617-555-0123.", FormType.IDENTIFIER),
        ("[patient]: It is jane.doe@example.com.", FormType.IDENTIFIER),
        ("[patient]: My social is 123-45-6789.", FormType.IDENTIFIER),
        ("[patient]: Medical record number 1234567.", FormType.IDENTIFIER),
        ("[patient]: I live at 12 Maple Street, Boston.", FormType.IDENTIFIER),
        ("[patient]: It stands on www.clinic.example.", FormType.IDENTIFIER),
        ("[patient]: Fine. Doctor: Good.", FormType.SPEAKER),
        ("[doctor]: AS AN AI I listen.", FormType.TASK),
        ("[doctor]: I can't generate a note.", FormType.TASK),
        ("[doctor]: ICD10 has it.", FormType.TASK),
        ("[doctor]: Certainly! Here we go.", FormType.TASK),
        ("[doctor]: End of Transcript", FormType.TASK),
        ("[doctor]: Your name is XX.", FormType.TEMPLATE),
        ("[patient]: My pain is N/A.", FormType.TEMPLATE),
        ("[doctor]: Next visit tbd, then.", FormType.TEMPLATE),
        ("[doctor]: Take {{drug}}.", FormType.TEMPLATE),
    ],
)
def test_each_fault_is_found_in_its_turn(line: str, kind: FormType) -> None:
    """And no other fault beside it."""
    assert [(fault.type, fault.turn) for fault in dialogue_form(turns_of(f"{GOOD}\n{line}"))] == [(kind, 4)]


@pytest.mark.parametrize("text", ["Poison control: 1-800-222-1222.", "BP 120/80, MRI of L4-L5.", "Take 500 mg on 3/4."])
def test_what_only_looks_like_an_identifier_is_none(text: str) -> None:
    """A service's free number, measures and levels of the spine."""
    assert note_form(text) == []


def test_a_text_without_speakers_is_one_fault_of_the_whole() -> None:
    """Nobody is marked, and there are too few turns."""
    assert {fault.type for fault in dialogue_form(turns_of("Once upon a time."))} >= {FormType.SPEAKER, FormType.LENGTH}
