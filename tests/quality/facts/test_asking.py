"""What a turn asks by its words alone."""

import pytest

from medsynth_assets.quality.facts.asking import asked, asked_briefly
from medsynth_assets.quality.language.tokens import tokens


def question(text: str) -> str | None:
    """The words of a turn that ask."""
    found = tokens(text)
    one = asked(text, found)
    return one and " ".join(token.word for token in found[one.first : one.last])


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        pytest.param("good . any fever ?", "any fever ?", id="the-sentence-with-the-mark"),
        pytest.param("take it at night , okay ?", None, id="a-tag"),
        pytest.param(
            "any fever ? " + "so i will tell you what we found in your blood last week and why", None, id="tells"
        ),
        pytest.param("i see do you have any fever", "do you have any fever", id="no-mark"),
        pytest.param("any fever or anything like that no i slept well", "any fever or anything like that", id="own-no"),
        pytest.param("let me know if you have a fever .", None, id="a-statement"),
    ],
)
def test_a_turn_asks_at_its_end(text: str, asks: str | None) -> None:
    assert question(text) == asks


def test_a_few_words_that_state_nothing_ask_if_a_plain_no_follows() -> None:
    assert asked_briefly(tokens("okay coughing headache")) is not None
    assert asked_briefly(tokens("i have a headache")) is None
