"""Registers of speech."""

import re

import pytest

from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.register import register_of, spoken_in


def always(text: str, register: str) -> set[str]:
    return {spoken_in(text, register, Chooser(seed)) for seed in range(60)}


def test_a_formal_speaker_may_write_words_out_and_a_casual_one_runs_them_together() -> None:
    """Both say the same."""
    assert "I am going to check it." in always("I'm going to check it.", "formal")
    assert "I'm gonna check it." in always("I'm going to check it.", "casual")
    assert not any("gonna" in text or "I am" in text for text in always("I'm going to check it.", ""))


@pytest.mark.parametrize("text", ["Don't you sleep?", "Isn't that enough?", "I don't.", "Haven't we met?"])
def test_inverted_and_final_contractions_stay(text: str) -> None:
    """`Do not you sleep?` is no English."""
    assert always(text, "formal") == {text}


@pytest.mark.parametrize("register", ["formal", "casual", ""])
def test_no_number_side_or_negation_is_touched(register: str) -> None:
    """The facts of a sentence survive every register."""
    text = "You don't have a fracture, so I'd like to keep the left knee at 20 milligrams twice a day, not more."
    for said in always(text, register):
        assert re.search(r"(don't|do not) have", said)
        assert all(fact in said for fact in ("left knee", "20 milligrams", "twice a day", "not more"))


def test_speakers_differ() -> None:
    """All registers occur."""
    assert {register_of(Chooser(seed)) for seed in range(100)} == {"formal", "casual", ""}
