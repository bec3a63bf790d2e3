"""How what is asked is meant by its answer: so, not so, left open, or taken for granted."""

import pytest

from medsynth_assets.quality.facts.hearing import Turn, hear
from medsynth_assets.quality.facts.mention import Voice


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
        pytest.param(
            "=asthma", ("how often does the asthma wake you ?", "twice a week"), Voice.AFFIRMED, id="presumed"
        ),
        pytest.param("=asthma", ("do you use a spray for your asthma ?", "no ."), Voice.AFFIRMED, id="owned"),
        pytest.param("=asthma", ("do you have asthma ?", "my sister does ."), Voice.OPEN, id="open"),
        pytest.param("=asthma", ("how about your asthma ?", "not in a while ."), Voice.AFFIRMED, id="asked-of-yours"),
        pytest.param("=rash", ("any fever along with the rash ?", "no no fever"), Voice.AFFIRMED, id="beside-it"),
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


def test_a_no_stands_where_what_follows_it_is_only_like_what_was_asked() -> None:
    """`no, just a bit of a cough` names what was asked; to be tired on sundays is less than fatigue."""
    talk = (Turn("doctor", "any fatigue ?"), Turn("patient", "no i am only tired on sundays"))
    assert hear(talk).hits["=fatigue"][0].voice is Voice.DENIED
    talk = (Turn("doctor", "any coughing ?"), Turn("patient", "no just a bit of a cough"))
    assert hear(talk).hits["=cough"][0].voice is Voice.AFFIRMED
