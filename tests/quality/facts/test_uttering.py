"""What a turn says by its words alone."""

import pytest

from medsynth_assets.quality.facts.mention import Voice
from medsynth_assets.quality.facts.uttering import utterance


def told(meaning: str, text: str) -> set[Voice]:
    """How a turn tells a meaning; nothing where it does not name it."""
    said = utterance(text)
    return {voice for named, voice in zip(said.meanings, said.told, strict=True) if named == meaning}


@pytest.mark.parametrize(
    ("meaning", "text", "voice"),
    [
        pytest.param("=fever", "call me if you get a fever", Voice.SUPPOSED, id="condition"),
        pytest.param("=rash", "i have no rash", Voice.DENIED, id="denied"),
        pytest.param("=rash", "i have n't had any trouble i do have a rash", Voice.AFFIRMED, id="any-under-a-denial"),
    ],
)
def test_a_turn_tells_what_is_so_what_is_not_and_what_may_come_to_be(meaning: str, text: str, voice: Voice) -> None:
    assert told(meaning, text) == {voice}


def test_a_word_inside_a_longer_phrase_of_its_meaning_says_nothing_of_its_own() -> None:
    """`appetite` alone denies a poor one; in `poor appetite` it does not."""
    assert told("=decreased appetite", "i have a poor appetite .") == {Voice.AFFIRMED}


def test_a_word_that_is_absent_in_a_phrase_is_not_denied_by_itself() -> None:
    """`no energy` is fatigue; `energy` in another sentence says nothing of it."""
    assert told("=fatigue", "i have no energy .") == {Voice.AFFIRMED}
    assert told("=fatigue", "i put some energy into it .") == set()


def test_a_word_said_twice_on_end_is_one() -> None:
    assert told("=dyspnea on exertion", "shortness of breath with with exertion .") == {Voice.AFFIRMED}


def test_the_phrases_over_a_word_are_those_that_hold_it() -> None:
    said = utterance("i get short of breath on stairs")
    assert set(said.phrases_over(2)) == set(said.phrases_over(4)) != set()
    assert not set(said.phrases_over(6)) & set(said.phrases_over(2))
