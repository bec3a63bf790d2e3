"""Stems, asked for by many threads at once, as pages and runs do."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from medsynth_assets.quality.language.tokens import stem

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
