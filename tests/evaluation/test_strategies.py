"""Strategies side by side, of dialogues written for the test."""

from medsynth_assets.evaluation.reading import Told
from medsynth_assets.evaluation.strategies import of_the_same_notes, strategies


def told(note: str, turns: int, *, is_passed: bool = True, coverage: float | None = 0.9) -> Told:
    text = "\n".join(f"[{('doctor', 'patient')[n % 2]}]: turn {n} of {note}" for n in range(turns))
    return Told(note, text, is_passed, coverage, None, calls=2, tokens=turns * 10, usd=0.5, preferences=[])


def test_only_dialogues_of_the_same_notes_are_compared() -> None:
    """A note that one strategy alone has would make a difference of notes look like one of strategies."""
    sides = {"a": [told("n1", 4), told("n2", 40)], "b": [told("n1", 6)]}
    found = {(f.measure, f.group): f for f in strategies(sides)}
    assert found["strategy_turns", "a"].value == 4
    assert found["strategy_turns", "b"].value == 6
    assert found["strategy_tokens", "b"].value == 60
    assert all(figure.size in (0, 1) for figure in found.values())


def test_without_a_common_note_all_are_shown() -> None:
    """Better than nothing, and the report says so."""
    sides = {"a": [told("n1", 4)], "b": [told("n2", 6), told("n3", 8)]}
    assert of_the_same_notes(sides) is sides


def test_shares_and_means_are_of_what_was_judged() -> None:
    """A dialogue that no check looked at counts for nothing in the mean."""
    sides = {"a": [told("n1", 4, is_passed=False), told("n2", 4, coverage=None)], "b": [told("n1", 4), told("n2", 4)]}
    found = {(f.measure, f.group): f.value for f in strategies(sides)}
    assert found["strategy_passed", "a"] == 0.5
    assert found["strategy_coverage", "a"] == 0.9
    assert found["strategy_unsupported", "a"] is None
    assert ("strategy_preferred", "a") not in found


def test_one_strategy_is_not_compared() -> None:
    """Nothing beside which it could stand."""
    assert list(strategies({"medsynth": [told("n1", 4)]})) == []
