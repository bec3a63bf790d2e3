"""Inline alternatives."""

import pytest

from medsynth_assets.engines.offline.alternation import first_reading, parse, readings, resolve, resolve_fixed
from medsynth_assets.engines.offline.chooser import Chooser


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Okay.", ["Okay."]),
        ("[So|Now], go.", ["So, go.", "Now, go."]),
        ("A [b|c [d|e]].", ["A b.", "A c d.", "A c e."]),
        ("Well[, yes|].", ["Well, yes.", "Well."]),
        ("[|Really ]good [|] .", ["good.", "good.", "Really good.", "Really good."]),
    ],
)
def test_a_text_has_these_readings(text: str, expected: list[str]) -> None:
    """Brackets nest, alternatives may be empty, spaces are tidied."""
    assert readings(text) == expected
    assert first_reading(text) == expected[0]
    assert {resolve(text, Chooser(seed)) for seed in range(200)} == set(expected)


def test_a_fixed_reading_depends_on_key_and_text_alone() -> None:
    """Whatever was drawn before, a text reads the same for the same case, and differs between cases."""
    text = "[a|b|c|d|e|f|g|h]"
    assert resolve_fixed(text, 5) == resolve_fixed(text, 5)
    assert len({resolve_fixed(text, key) for key in range(100)}) == 8


@pytest.mark.parametrize("text", ["[a", "a]", "[a|b]]", "a | b"])
def test_brackets_that_do_not_match_are_refused(text: str) -> None:
    """A slip in a data file is found when the file is checked, not in a record."""
    with pytest.raises(ValueError, match="bracket"):
        parse(text)
