"""Texts as words, words as numbers, runs of words as hashes: what measures of wording stand on."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+(?:['’/.-]\w+)*")
_SPEAKER = re.compile(r"^(?:\[[\w-]{1,40}\]|[A-Za-z][\w-]{0,24}): ", re.MULTILINE)

Ids = NDArray[np.uint64]
Hashes = NDArray[np.uint64]


def words(text: str) -> list[str]:
    """Words in lower case without punctuation, and without the names of speakers."""
    return _WORD.findall(_SPEAKER.sub("", text).lower())


def terms(text: str) -> list[str]:
    """Words and pairs of neighbouring ones: what the linear models look at."""
    found = words(text)
    return [*found, *(f"{a} {b}" for a, b in pairwise(found))]


class Vocabulary(dict[str, int]):
    """A number for each word, given as it first comes; texts that are compared share one vocabulary."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self) + 1
        return number

    def ids(self, text: str) -> Ids:
        """The numbers of a text's words."""
        found = words(text)
        return np.fromiter(map(self.__getitem__, found), dtype=np.uint64, count=len(found))


def gram_hashes(ids: Ids, n: int) -> Hashes:
    """A hash for each run of n words, in order; empty for a shorter text. Equal runs have equal hashes."""
    if len(ids) < n:
        return np.empty(0, dtype=np.uint64)
    total = np.zeros(len(ids) - n + 1, dtype=np.uint64)
    for k in range(n):
        total = (total ^ _mixed(ids[k : len(ids) - n + 1 + k])) * _ODD
    return _mixed(total)


_ODD = np.uint64(0x9E3779B97F4A7C15)


def _mixed(values: Ids) -> Ids:
    """splitmix64's finalizer (Steele, Lea and Flood 2014): neighbouring numbers far apart."""
    x = values * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def distinct_share(texts: Sequence[Ids], n: int) -> float:
    """Distinct-n (Li et al. 2016): different runs of n words over all of them; nan where there is none."""
    grams = [gram_hashes(text, n) for text in texts]
    running = sum(map(len, grams))
    return len(np.unique(np.concatenate(grams))) / running if running else float("nan")


def common_share(texts: Sequence[Ids], n: int, frac: float) -> float:
    """Share of running n-grams that occur in more than `frac` of the texts (at least two of them)."""
    grams = [gram_hashes(text, n) for text in texts]
    running = sum(map(len, grams))
    if not running:
        return float("nan")
    unique, counts = np.unique(np.concatenate([np.unique(g) for g in grams]), return_counts=True)
    common = unique[counts > max(1, len(texts) * frac)]
    return sum(int(np.isin(g, common).sum()) for g in grams) / running
