"""A dialogue as it is heard: a turn is read by its words once; whether it asks, and what answers it, is of its place."""

from medsynth_assets.quality.facts.hearing import Turn, hear
from medsynth_assets.quality.facts.mention import Voice

ASKED = Turn("doctor", "do you have any chest pain ?")


def of_pain(*turns: Turn) -> list[Voice]:
    """How each mention of pain is said."""
    return [hit.voice for hit in hear(turns).hits["pain"]]


def test_a_question_kept_from_another_dialogue_is_answered_by_its_own() -> None:
    """The same words are denied, affirmed and left open, whichever was heard before."""
    assert of_pain(ASKED, Turn("patient", "no")) == [Voice.DENIED]
    assert of_pain(ASKED, Turn("patient", "yes")) == [Voice.AFFIRMED]
    assert of_pain(ASKED) == [Voice.ASKED]
    assert of_pain(ASKED, Turn("patient", "no")) == [Voice.DENIED]


def test_a_few_words_are_a_question_only_before_a_plain_no() -> None:
    brief = Turn("doctor", "okay pain")
    assert of_pain(brief, Turn("patient", "no")) == [Voice.DENIED]
    assert of_pain(brief, Turn("patient", "let me see")) == [Voice.AFFIRMED]
    assert of_pain(Turn("patient", "okay pain"), Turn("doctor", "no")) == [Voice.AFFIRMED]


def test_a_quantity_said_twice_is_kept_once_with_both_turns() -> None:
    heard = hear((Turn("doctor", "take 20 mg"), Turn("patient", "twenty milligrams"), Turn("doctor", "yes")))
    assert [(one.value, one.unit, turns) for one, turns in heard.quantities] == [(20, "mg", [0, 1])]


def test_the_turns_around_some_are_of_the_dialogue_and_in_order() -> None:
    heard = hear((ASKED, Turn("patient", "no"), Turn("doctor", "good"), Turn("patient", "yes"), Turn("doctor", "bye")))
    assert heard.around((4, 0)) == [0, 1, 3, 4]
