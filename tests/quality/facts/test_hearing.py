"""A turn is read by its words once; what it answers, and whether it is answered, is of its place."""

from medsynth_assets.quality.facts.hearing import Turn, Voice, hear, utterance

ASKED = Turn("doctor", "do you have any chest pain ?")


def voices(*turns: Turn) -> list[Voice]:
    """How each mention of pain is said."""
    return [hit.voice for hit in hear(turns).hits["pain"]]


def test_a_question_kept_from_another_dialogue_is_answered_by_its_own() -> None:
    """The same words are denied, affirmed and left open, whichever was heard before."""
    assert voices(ASKED, Turn("patient", "no")) == [Voice.DENIED]
    assert voices(ASKED, Turn("patient", "yes")) == [Voice.AFFIRMED]
    assert voices(ASKED) == [Voice.ASKED]
    assert voices(ASKED, Turn("patient", "no")) == [Voice.DENIED]


def test_a_few_words_are_a_question_only_before_a_plain_no() -> None:
    brief = Turn("doctor", "okay pain")
    assert voices(brief, Turn("patient", "no")) == [Voice.DENIED]
    assert voices(brief, Turn("patient", "let me see")) == [Voice.AFFIRMED]
    assert voices(Turn("patient", "okay pain"), Turn("doctor", "no")) == [Voice.AFFIRMED]


def test_the_phrases_over_a_word_are_those_that_hold_it() -> None:
    said = utterance("i get short of breath on stairs")
    assert set(said.phrases_over(2)) == set(said.phrases_over(4)) != set()
    assert not set(said.phrases_over(6)) & set(said.phrases_over(2))


def test_a_quantity_said_twice_is_kept_once_with_both_turns() -> None:
    heard = hear((Turn("doctor", "take 20 mg"), Turn("patient", "twenty milligrams"), Turn("doctor", "yes")))
    assert [(one.value, one.unit, turns) for one, turns in heard.quantities] == [(20, "mg", [0, 1])]
