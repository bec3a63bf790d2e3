"""What no likeness of words makes good: numbers and drugs that are not said, a history that is only asked for."""

import pytest

from medsynth_assets.quality.facts.covering import match
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.hearing import Turn, hear
from medsynth_assets.quality.facts.judging import is_wholly_said

SMALL_TALK = tuple(Turn("patient", "we drove past the old mill on the way") for _ in range(8))


def is_said(note: str, *turns: str) -> bool:
    """Whether rules let the one fact of a note pass before a dialogue."""
    heard = hear(tuple(Turn("patient", text) for text in turns))
    (fact,) = facts(note)
    return is_wholly_said(fact, match(fact, heard), heard)


@pytest.mark.parametrize(("day", "expected"), [("april tenth", True), ("may tenth", False), ("april second", False)])
def test_a_day_of_the_year_is_said_wherever_it_is_named(day: str, expected: bool) -> None:
    """The biopsy is told in one turn, its date far from it."""
    note = "Subjective:\nThe mole was biopsied on 04/10/2021."
    talk = ("the mole was biopsied", *(turn.text for turn in SMALL_TALK), f"i went there on {day}")
    assert is_said(note, *talk) is expected


@pytest.mark.parametrize(("said", "expected"), [("fifteen years", True), ("twelve years", False), ("fifteen", False)])
def test_a_number_with_its_unit_stands_for_a_fact_in_other_words(said: str, expected: bool) -> None:
    """No word of the fact is said, only its number; without its unit that is no more than a number."""
    assert is_said("Subjective:\n15 years since last usage.", f"i have been clean for over {said} now") is expected
