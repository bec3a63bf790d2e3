"""Readability by sentence length and syllables, with the formulas of Flesch (1948) and Kincaid et al. (1975).

Syllables are counted with Pyphen's hyphenation patterns, which ship with it. (textstat fetches a pronouncing dictionary over
the network when it first meets English.)
"""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

_SENTENCE = re.compile(r"[.!?]+(?=\s|$)|\n+")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")


class Readability(NamedTuple):
    """grade: years of US schooling (Flesch-Kincaid). ease: 0 to 100, the higher the easier (Flesch)."""

    grade: float
    ease: float


def readability(text: str) -> Readability | None:
    """Of a text; None for one without a word."""
    sentences = max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE.split(text)))
    found = _WORD.findall(text)
    if not found:
        return None
    per_sentence = len(found) / sentences
    per_word = sum(map(_syllables, found)) / len(found)
    return Readability(0.39 * per_sentence + 11.8 * per_word - 15.59, 206.835 - 1.015 * per_sentence - 84.6 * per_word)


@lru_cache(maxsize=100_000)
def _syllables(word: str) -> int:
    return len(_patterns().positions(word.lower())) + 1


@cache
def _patterns() -> Any:
    import pyphen

    return pyphen.Pyphen(lang="en_US")
