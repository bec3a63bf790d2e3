"""Where the parts of facts are mentioned."""

import pytest

from medsynth_assets.quality.facts.extracting import parts_of
from medsynth_assets.quality.facts.hearing import Turn, hear
from medsynth_assets.quality.facts.mentioning import NEAR, NOT_SO, WORDS_OF_PHRASE, mentioned

TALK = hear((Turn("doctor", "good morning"), Turn("patient", "i noticed a rash"), *[Turn("doctor", "well")] * 5))


def test_a_mention_counts_less_with_every_turn_away() -> None:
    (rash,) = parts_of("rash")
    found = mentioned(rash, TALK)
    assert [found.near.get(turn, 0.0) for turn in range(7)] == [NEAR[1], *NEAR, 0.0, 0.0]
    assert found.whole == {1: 1.0}


def test_a_mention_against_the_note_counts_less_than_one_as_it_says() -> None:
    (rash,) = parts_of("no rash")
    assert mentioned(rash, TALK).near[1] == NOT_SO
    both = hear((Turn("patient", "there is a rash"), Turn("patient", "i have no rash")))
    assert mentioned(rash, both).near[1] == 1.0


def test_a_phrase_said_by_its_words_alone_is_said_less_wholly() -> None:
    (phrase,) = parts_of("dyspnea")
    assert mentioned(phrase, hear((Turn("patient", "i am short of breath"),))).whole == {0: 1.0}
    (pain,) = (part for part in parts_of("abdominal pain") if len(part.stems) > 1)
    assert mentioned(pain, hear((Turn("patient", "the pain is bad"),))).whole == {0: pytest.approx(WORDS_OF_PHRASE / 2)}


def test_the_place_of_a_phrase_alone_tells_nothing_of_it() -> None:
    """`lower extremities` are named, with or without an edema."""
    (edema,) = (part for part in parts_of("lower extremity edema") if len(part.stems) > 1)
    assert not mentioned(edema, hear((Turn("doctor", "your lower extremities are warm"),))).telling
    assert mentioned(edema, hear((Turn("doctor", "there is edema of your legs"),))).telling


def test_a_part_is_looked_up_once_a_dialogue() -> None:
    (rash,), (again,) = parts_of("rash"), parts_of("a rash")
    assert mentioned(rash, TALK) is mentioned(again, TALK)
    assert mentioned(rash, hear(TALK.turns)) is not mentioned(rash, TALK)
