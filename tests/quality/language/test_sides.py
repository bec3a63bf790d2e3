"""Left and right of the body in speech."""

import pytest

from medsynth_assets.quality.language.sides import sides
from medsynth_assets.quality.language.tokens import tokens


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("my left knee hurts", {"left"}, id="left"),
        pytest.param("all right you're right", set(), id="no-side"),
        pytest.param("i left it at home", set(), id="left-behind"),
        pytest.param("both of my knees", {"both"}, id="both"),
        pytest.param("which ankle left or right", set(), id="choice"),
        pytest.param("is it the right or the left ankle", set(), id="choice-with-articles"),
        pytest.param("my left ankle or maybe the right knee", {"left", "right"}, id="two-places"),
    ],
)
def test_a_side_is_named_of_the_body(text: str, named: set[str]) -> None:
    """Not where a choice between both is asked."""
    assert {side for _, side in sides(tokens(text))} == named
