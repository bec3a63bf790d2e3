"""Words of a text with their places, and their stems, which many threads ask for at once."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from medsynth_assets.quality.language.tokens import stem, tokens

WORDS = [f"{head}{tail}" for head, tail in product(
    ("hospital", "generous", "conspic", "inflamm", "tender", "relation", "operat", "sensib", "measur", "diabet"),
    ("ization", "iveness", "ationally", "fulness", "ities", "izers", "ingly", "edness", "ements", "able"),
)]  # fmt: skip


@pytest.fixture
def threads_that_take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("threads_that_take_turns_often")
def test_threads_get_the_same_stems_as_one() -> None:
    """The stemmer keeps the word that it works on; two words at once would be mixed."""
    anew = stem.__wrapped__
    alone = [anew(word) for word in WORDS]
    with ThreadPoolExecutor(8) as crew:
        for found in crew.map(lambda _: [anew(word) for word in WORDS], range(24)):
            assert found == alone


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
