"""Coverage: which facts of a note are said in its dialogue."""

import pytest

from medsynth_assets.quality.coverage import coverage
from medsynth_assets.records.note import Note

NOTE = Note(
    subjective="She has had a cough for five days. Denies fever. Takes lisinopril 10 mg by mouth once daily.",
    objective="Vitals: BP 152/94 mmHg.\nLungs: clear to auscultation bilaterally.",
    assessment="Acute bronchitis.",
    plan="1. Start benzonatate 100 mg for cough.\n2. Follow up in 2 weeks.",
)
TURNS = [
    "So how long have you had this cough?",
    "Five days now.",
    "Any fever?",
    "No.",
    "What are you taking?",
    "Just the lisinopril, 10 milligrams, once a day.",
    "Your blood pressure is 152 over 94.",
    "Oh.",
    "Your lungs sound clear.",
    "This is acute bronchitis.",
    "I'll start you on benzonatate, 100 milligrams, for the cough.",
    "Okay.",
    "Come back in two weeks.",
]


def uncovered(turns: list[str], **lay: str) -> list[str]:
    return [fact.text for fact in coverage(NOTE, turns, lay).uncovered]


def test_a_note_that_is_said_in_plain_words_is_covered() -> None:
    """Spoken numbers, units and lay words count as the charted ones."""
    found = coverage(NOTE, TURNS)
    assert found.fraction == 1.0
    assert len(found.facts) == 8


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("lisinopril", "lisinopril"),
        ("152 over", "152/94"),
        ("benzonatate", "benzonatate"),
        ("bronchitis", "bronchitis"),
    ],
)
def test_a_fact_nobody_says_is_named(without: str, missing: str) -> None:
    """Take out the turn that says it, and that fact is uncovered, and no other."""
    left = uncovered([turn for turn in TURNS if without not in turn])
    assert len(left) == 1
    assert missing in left[0]


def test_the_right_words_with_another_number_do_not_cover() -> None:
    """A dose is its number: 20 milligrams does not say 10 mg."""
    changed = [turn.replace("10 milligrams", "20 milligrams") for turn in TURNS]
    assert [text for text in uncovered(changed) if "lisinopril" in text]


def test_a_known_lay_form_covers_the_term() -> None:
    """What the knowledge base calls a term aloud counts as the term."""
    note = NOTE.model_copy(update={"subjective": "Reports epistaxis."})
    turns = ["I get nosebleeds a lot.", *TURNS]
    assert [f.text for f in coverage(note, turns).uncovered] == ["Reports epistaxis"]
    assert coverage(note, turns, {"epistaxis": "nosebleeds"}).uncovered == ()


def test_another_visits_dialogue_covers_little() -> None:
    """The measure tells a pair from two strangers."""
    stranger = ["How is the knee?", "It clicks on the stairs.", "Let's get an x-ray.", "Fine.", "And some therapy."]
    assert coverage(NOTE, stranger).fraction < 0.3


def test_a_covered_fact_points_to_its_turn() -> None:
    """The turn given lies where the fact is said."""
    fact = next(f for f in coverage(NOTE, TURNS).facts if "benzonatate" in f.text)
    assert fact.turn is not None
    assert abs(fact.turn - 10) <= 2
