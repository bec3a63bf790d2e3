"""The four sections: present, in order, not empty, none with another's content."""

import pytest

from medsynth_assets.quality.soap.checking import soap_faults
from medsynth_assets.quality.soap.fault import FaultType
from medsynth_assets.quality.soap.sentences import sections_of

OURS = """Subjective:
Patient reports a sore throat for three days. Denies cough.

Objective:
P: 89, BP: 126/72.
Throat: erythematous without exudate.

Assessment:
Viral pharyngitis.

Plan:
Continue acetaminophen 500 mg as needed. Follow up in one week."""
FREE = """CC
Knee pain.

HPI
He reports knee pain for two weeks.

EXAM
Knee: mild effusion, tender over the medial joint line.

A/P
Osteoarthritis of the knee. Start naproxen 500 mg twice daily."""


@pytest.mark.parametrize("note", [OURS, FREE], ids=["structured", "free-text"])
def test_a_clean_note_has_no_fault(note: str) -> None:
    """Four titles or the many headings of real notes; a pulse of 89 opens no plan."""
    assert soap_faults(note) == []


@pytest.mark.parametrize(
    ("note", "kind", "section"),
    [
        (OURS.replace("Assessment:\nViral pharyngitis.\n\n", ""), FaultType.MISSING, "assessment"),
        (OURS.replace("Viral pharyngitis.", ""), FaultType.EMPTY, "assessment"),
        (
            OURS.split("\n\nPlan:")[1].join(["Plan:", "\n\n"]) + OURS.split("\n\nPlan:")[0],
            FaultType.ORDER,
            "subjective",
        ),
        (FREE.split("EXAM")[0] + "A/P" + FREE.split("A/P")[1], FaultType.MISSING, "objective"),
    ],
    ids=["missing", "empty", "order", "free-text-missing"],
)
def test_what_is_wrong_with_the_sections_is_named(note: str, kind: FaultType, section: str) -> None:
    """The kind of fault and the section."""
    assert (kind, section) in {(fault.type, fault.section) for fault in soap_faults(note)}


@pytest.mark.parametrize(
    ("sentence", "into", "belongs"),
    [
        ("We will start metformin 500 mg twice daily.", "Denies cough.", "plan"),
        ("Lungs are clear to auscultation bilaterally.", "Denies cough.", "objective"),
        ("Color vision is normal in both eyes.", "in one week.", "objective"),
        ("Patient denies fever and chills.", "without exudate.", "subjective"),
        ("Denies nausea and vomiting.", "in one week.", "subjective"),
    ],
)
def test_a_sentence_in_the_wrong_section_is_found(sentence: str, into: str, belongs: str) -> None:
    """An order and a finding in the history, a finding in the plan, a symptom in the examination and in the plan."""
    (fault,) = soap_faults(OURS.replace(into, f"{into} {sentence}"))
    assert (fault.type, fault.belongs, fault.text) == (FaultType.MISPLACED, belongs, sentence)


def test_sentences_without_headings_find_their_sections() -> None:
    """The order of a note helps."""
    bare = [
        "Patient reports a sore throat for three days.",
        "Lungs are clear to auscultation bilaterally.",
        "No edema, regular rate and rhythm.",
        "Start metformin 500 mg twice daily.",
        "Follow up in one week.",
    ]
    assert sections_of(bare) == ["subjective", "objective", "objective", "plan", "plan"]
