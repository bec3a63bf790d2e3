"""How what is said in a dialogue is meant: so, not so, asked, left open, or only supposed. A turn is read by its words once;
what it answers, and whether it is answered, is of its place."""

import pytest

from medsynth_assets.quality.facts.hearing import Turn, Voice, hear, utterance

ASKED = Turn("doctor", "do you have any chest pain ?")


def voices(meaning: str, *talk: str) -> set[Voice]:
    """How a meaning is said where doctor and patient speak in turn, the doctor first."""
    turns = tuple(Turn("patient" if n % 2 else "doctor", text) for n, text in enumerate(talk))
    return {hit.voice for hit in hear(turns).hits[meaning]}


@pytest.mark.parametrize(
    ("meaning", "talk", "voice"),
    [
        pytest.param("=fever", ("any fever ?", "no ."), Voice.DENIED, id="plain-no"),
        pytest.param("=fever", ("any fever ?", "at night no not really"), Voice.DENIED, id="no-at-last"),
        pytest.param(
            "=fever", ("any fever or anything like that no i slept well", "okay"), Voice.DENIED, id="own-turn"
        ),
        pytest.param("=fever", ("call me if you get a fever", "okay"), Voice.SUPPOSED, id="condition"),
        pytest.param(
            "=asthma", ("how often does the asthma wake you ?", "twice a week"), Voice.AFFIRMED, id="presumed"
        ),
        pytest.param("=asthma", ("do you use a spray for your asthma ?", "no ."), Voice.AFFIRMED, id="owned"),
        pytest.param("=asthma", ("do you have asthma ?", "my sister does ."), Voice.OPEN, id="open"),
        pytest.param("=asthma", ("how about your asthma ?", "not in a while ."), Voice.AFFIRMED, id="asked-of-yours"),
        pytest.param("=rash", ("any fever along with the rash ?", "no no fever"), Voice.AFFIRMED, id="beside-it"),
        pytest.param(
            "=rash", ("okay", "i have n't had any trouble i do have a rash"), Voice.AFFIRMED, id="any-under-a-denial"
        ),
    ],
)
def test_an_answer_decides_how_a_question_is_meant(meaning: str, talk: tuple[str, ...], voice: Voice) -> None:
    """What a question takes for granted is so, whatever the answer."""
    assert voices(meaning, *talk) == {voice}


def test_what_a_closed_answer_leaves_out_of_a_list_is_denied() -> None:
    """`that's it` closes the list; without it the rest stays open."""
    asked = "any fever , rash , or cough ?"
    assert voices("=fever", asked, "a bit of a cough , that's it .") == {Voice.DENIED}
    assert voices("=fever", asked, "a bit of a cough .") == {Voice.OPEN}
    assert voices("=fever", asked, "a bit of a cough but nothing out of the ordinary .") == {Voice.OPEN}


def test_a_word_inside_a_longer_phrase_of_its_meaning_says_nothing_of_its_own() -> None:
    """`appetite` alone denies a poor one; in `poor appetite` it does not."""
    assert voices("=decreased appetite", "so", "i have a poor appetite .") == {Voice.AFFIRMED}


def test_a_no_stands_where_what_follows_it_is_only_like_what_was_asked() -> None:
    """`no, just a bit of a cough` names what was asked; to be tired on sundays is less than fatigue."""
    talk = (Turn("doctor", "any fatigue ?"), Turn("patient", "no i am only tired on sundays"))
    assert next(hit.voice for hit in hear(talk).hits["=fatigue"]) is Voice.DENIED
    talk = (Turn("doctor", "any coughing ?"), Turn("patient", "no just a bit of a cough"))
    assert next(hit.voice for hit in hear(talk).hits["=cough"]) is Voice.AFFIRMED


def test_a_word_that_is_absent_in_a_phrase_is_not_denied_by_itself() -> None:
    """`no energy` is fatigue; `energy` in another sentence says nothing of it."""
    assert voices("=fatigue", "so", "i have no energy .") == {Voice.AFFIRMED}
    assert "=fatigue" not in hear((Turn("patient", "i put some energy into it ."),)).hits


def test_a_word_said_twice_on_end_is_one() -> None:
    assert voices("=dyspnea on exertion", "so", "shortness of breath with with exertion .") == {Voice.AFFIRMED}


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


def test_the_phrases_over_a_word_are_those_that_hold_it() -> None:
    said = utterance("i get short of breath on stairs")
    assert set(said.phrases_over(2)) == set(said.phrases_over(4)) != set()
    assert not set(said.phrases_over(6)) & set(said.phrases_over(2))


def test_a_quantity_said_twice_is_kept_once_with_both_turns() -> None:
    heard = hear((Turn("doctor", "take 20 mg"), Turn("patient", "twenty milligrams"), Turn("doctor", "yes")))
    assert [(one.value, one.unit, turns) for one, turns in heard.quantities] == [(20, "mg", [0, 1])]
