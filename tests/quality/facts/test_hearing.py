"""How what is said in a dialogue is meant: so, not so, asked, left open, or only supposed."""

import pytest

from medsynth_assets.quality.facts.hearing import Turn, Voice, hear


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


def test_a_word_inside_a_longer_phrase_of_its_meaning_says_nothing_of_its_own() -> None:
    """`appetite` alone denies a poor one; in `poor appetite` it does not."""
    assert voices("=decreased appetite", "so", "i have a poor appetite .") == {Voice.AFFIRMED}
