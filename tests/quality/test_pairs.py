"""A note and its dialogue: what is said, said otherwise, or said beside it."""

import pytest

from medsynth_assets.quality.facts.contradicting import Difference
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.fact import Kind
from medsynth_assets.quality.facts.hearing import Turn
from medsynth_assets.quality.pairs import Pair

NOTE = """Subjective:
She has had a cough for five days. Denies fever. Takes lisinopril 10 mg by mouth once daily.

Objective:
Vitals: BP 152/94 mmHg.
Lungs: clear to auscultation bilaterally.

Assessment:
Acute bronchitis.

Plan:
1. Start benzonatate 100 mg for cough.
2. Follow up in 2 weeks."""
TALK = (
    ("doctor", "So how long have you had this cough?"), ("patient", "Five days now."), ("doctor", "Any fever?"), ("patient", "No."),
    ("doctor", "What are you taking?"), ("patient", "Just the lisinopril, 10 milligrams, once a day."),
    ("doctor", "Your blood pressure is one fifty two over ninety four."), ("patient", "Oh."),
    ("doctor", "Your lungs sound clear."), ("doctor", "This is acute bronchitis."),
    ("doctor", "I'll start you on benzonatate, a hundred milligrams, for the cough."), ("patient", "Okay."), ("doctor", "Come back in two weeks."),
)  # fmt: skip


def pair(note: str = NOTE, talk: tuple[tuple[str, str], ...] = TALK) -> Pair:
    return Pair(note, tuple(Turn(*turn) for turn in talk))


def uncovered(found: Pair) -> list[str]:
    return [judged.fact.text for judged in found.uncovered]


def test_a_note_that_is_said_in_plain_words_is_covered() -> None:
    """Spoken numbers, lay words, and an answer to a question count as the charted ones."""
    assert uncovered(pair()) == []
    assert pair().contradicted == ()


def test_facts_are_places_of_the_note_with_kinds() -> None:
    """Each fact is a span; what kind it is follows from where it stands and what it says."""
    found = facts(NOTE)
    assert all(NOTE[fact.start : fact.end] == fact.text for fact in found)
    kinds = {fact.text: fact.kind for fact in found}
    assert kinds["Denies fever"] is Kind.NEGATION
    assert kinds["Start benzonatate 100 mg for cough"] is Kind.MEDICATION
    assert kinds["Follow up in 2 weeks"] is Kind.FOLLOW_UP
    assert kinds["Acute bronchitis"] is Kind.DIAGNOSIS


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("lisinopril", "lisinopril"), ("one fifty two", "152/94"), ("benzonatate", "benzonatate"),
        ("acute bronchitis", "bronchitis"), ("two weeks", "2 weeks"), ("sound clear", "auscultation"),
    ],
)  # fmt: skip
def test_a_fact_nobody_says_is_named(without: str, missing: str) -> None:
    """Take out the turn that says it, and that fact is uncovered, and no other."""
    left = uncovered(pair(talk=tuple(turn for turn in TALK if without not in turn[1])))
    assert len(left) == 1
    assert missing in left[0]


def test_a_question_without_its_answer_denies_nothing() -> None:
    """`Any fever?` alone does not say that there is none."""
    assert uncovered(pair(talk=tuple(turn for turn in TALK if turn[1] != "No."))) == ["Denies fever"]


def test_a_history_that_is_asked_for_and_never_answered_is_not_said() -> None:
    """Every word of the fact stands in a question; nobody says that it is so."""
    note = "Subjective:\nShe avoids dairy products."
    asked = (("doctor", "And do you avoid dairy products?"), ("doctor", "Let me look at your chart."))
    assert uncovered(pair(note, asked)) == ["She avoids dairy products"]
    assert uncovered(pair(note, (asked[0], ("patient", "Yes, I do."), asked[1]))) == []


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("lisinopril 10 mg", "lisinopril 40 mg", Difference.DOSE),
        ("five days", "nine days", Difference.NUMBER),
        ("lisinopril 10 mg", "metformin 10 mg", Difference.DRUG),
        ("Denies fever", "Reports fever", Difference.NEGATION),
    ],
)
def test_what_is_said_otherwise_is_a_contradiction(old: str, new: str, kind: Difference) -> None:
    """A number, dose, drug or denial that differs is told with both texts, and is not covered."""
    changed = pair(NOTE.replace(old, new))
    (found,) = changed.contradicted
    assert found.kind is kind
    assert new.split()[-1] in found.note_text or new.split()[0] in found.note_text
    assert found.note_text in uncovered(changed)


def test_the_other_side_is_a_contradiction() -> None:
    """The left knee is not the right one."""
    talk = (("doctor", "What brings you in?"), ("patient", "My right knee hurts when I climb stairs."))
    note = "Subjective:\nPain in the {} knee when climbing stairs."
    assert pair(note.format("right"), talk).contradicted == ()
    assert [c.kind for c in pair(note.format("left"), talk).contradicted] == [Difference.SIDE]


def test_the_right_number_with_another_meaning_does_not_cover() -> None:
    """Two weeks of cough do not say when to come back."""
    talk = tuple(turn for turn in TALK if "two weeks" not in turn[1])
    talk = (("patient", "My sister visited two weeks ago."), *talk)
    assert uncovered(pair(talk=talk)) == ["Follow up in 2 weeks"]


@pytest.mark.parametrize(
    "statement",
    [
        "I'm also starting you on warfarin, five milligrams every evening.",
        "Your hemoglobin came back at nine point two.",
        "The MRI shows a small tumor.",
    ],
)
def test_a_statement_the_note_does_not_have_is_unsupported(statement: str) -> None:
    """A drug, a value or a finding of the dialogue alone; a question is no statement."""
    assert pair().unsupported == ()
    (found,) = pair(talk=(*TALK, ("doctor", statement))).unsupported
    assert found.turn == len(TALK)
    assert pair(talk=(*TALK, ("doctor", "Do you take warfarin?"), ("patient", "No."))).unsupported == ()


def test_a_known_lay_form_covers_the_term() -> None:
    """What the knowledge base calls a term aloud counts as the term."""
    note = "Subjective:\nReports zygomatic dysplasia."
    talk = (("doctor", "And?"), ("patient", "My cheek looks odd in the mirror."))
    assert not Pair(note, tuple(Turn(*t) for t in talk)).facts[0].is_covered
    lay = {"zygomatic dysplasia": "cheek that looks odd"}
    assert Pair(note, tuple(Turn(*t) for t in talk), lay).facts[0].is_covered


def test_another_visits_dialogue_covers_little() -> None:
    """The measure tells a pair from two strangers."""
    stranger = (
        ("doctor", "How is the knee?"),
        ("patient", "It clicks on the stairs."),
        ("doctor", "Let's get an x-ray."),
    )
    assert pair(talk=stranger).coverage_frac < 0.3


def test_a_covered_fact_points_to_its_turns() -> None:
    """Question and answer both say it."""
    (fever,) = [judged for judged in pair().facts if judged.fact.text == "Denies fever"]
    assert fever.turns == (2, 3)


@pytest.mark.parametrize(
    ("note", "answer"),
    [
        ("Denies numbness.", "A little bit of numbness, but nothing tingling."),
        ("Reports tingling.", "A little bit of numbness, but nothing tingling."),
        ("Denies numbness.", "Yes."),
        ("Reports tingling.", "No, not that I've noticed."),
    ],
)
def test_an_answer_decides_each_thing_it_was_asked(note: str, answer: str) -> None:
    """What an answer names counts as it names it; what it does not, as it answers."""
    talk = (("doctor", "Do you have any numbness or tingling?"), ("patient", answer))
    assert uncovered(pair(f"Subjective:\n{note}", talk)) == [note.rstrip(".")]


def test_a_question_without_an_answer_says_nothing() -> None:
    """Asked is not told."""
    talk = (("doctor", "Do you have any chest pain?"), ("doctor", "Let me look at your knee."), ("patient", "Sure."))
    assert uncovered(pair("Subjective:\nDenies chest pain.", talk)) == ["Denies chest pain"]


@pytest.mark.parametrize("value", ["5", "3"])
def test_a_class_is_no_amount(value: str) -> None:
    """Type 2 diabetes is not a third problem of diabetes, nor type 5."""
    talk = (("doctor", "For your third problem of your type two diabetes, you are doing well."), ("patient", "Okay."))
    assert uncovered(pair("Assessment:\nType 2 diabetes.", talk)) == []
    assert uncovered(pair(f"Assessment:\nType {value} diabetes.", talk)) == [f"Type {value} diabetes"]
