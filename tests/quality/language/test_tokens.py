"""Words of a text with their places."""

import pytest

from medsynth_assets.quality.language.tokens import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She doesn't take 2.5 mg, OK?", ["she", "does", "n't", "take", "2.5", "mg", ",", "ok", "?"]),
        ("COVID-19 and A1c at C5-6", ["covid-19", "and", "a1c", "at", "c5-6"]),
        ("left-sided pain’s gone", ["left", "sided", "pain’s", "gone"]),
        ("İyi is fine", ["iyi", "is", "fine"]),
    ],
)
def test_words_are_in_lower_case_where_they_stand(text: str, words: list[str]) -> None:
    """`İ` has two characters in lower case; what follows it keeps its place."""
    found = tokens(text)
    assert [token.word for token in found] == words
    assert [text[token.start : token.end].lower().replace("i̇", "i") for token in found] == words
