"""Longest verbatim runs that synthetic texts share with a corpus, found by winnowing (Schleimer, Wilkerson and Aiken 2003).

A text is represented by the least hash of each window of consecutive word n-grams, a third of its hashes here. A common run of
`window + gram - 1` words always leaves a common fingerprint. Memory: one chunk of the other corpus, at most `most_fingerprints`
of 12 bytes (40 while they are sorted); the synthetic side is streamed past it, once a chunk. 100,000 documents of 1,500 words
are 150 million n-grams, 50 million fingerprints: seven chunks, one after the other.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.words import Hashes, Ids, Vocabulary, gram_hashes, words

Texts = Callable[[], Iterable[tuple[str, str]]]  # id and text; starts over each time it is called
_HOLDERS = 4  # texts of the other corpus that a fingerprint leads to: what everyone says leads to four of them
_PER_TEXT = 3  # texts of the other corpus that one synthetic text is then compared with


class Overlap(NamedTuple):
    """The longest run of words that a synthetic text and one of the other corpus share."""

    id: str
    other: str
    word_count: int
    text: str


def longest_overlaps(synthetic: Texts, other: Texts) -> list[Overlap]:
    """The longest common runs, of at least `gram_words`, the longest first; one for each synthetic text."""
    vocabulary = Vocabulary()
    best: list[tuple[int, str, str]] = []
    for index in _indices(other, vocabulary):
        for id_, text in synthetic():
            for count, holder in index.holders(fingerprints(vocabulary.ids(text))):
                heapq.heappush(best, (count, id_, holder))
                if len(best) > int(_limits()["exact_pairs"]):
                    heapq.heappop(best)
    return _measured(best, synthetic, other)


def fingerprints(ids: Ids) -> Hashes:
    """The winnowed hashes of a text, each once."""
    grams = gram_hashes(ids, int(_limits()["gram_words"]))
    window = min(int(_limits()["window"]), len(grams))
    if not window:
        return grams
    windows = np.lib.stride_tricks.sliding_window_view(grams, window)
    return np.unique(windows.min(axis=1))


class _Index(NamedTuple):
    """Fingerprints of one chunk, sorted, with the text each stands in."""

    hashes: Hashes
    texts: NDArray[np.uint32]
    ids: list[str]

    def holders(self, wanted: Hashes) -> list[tuple[int, str]]:
        """The texts that share most fingerprints with those wanted, and how many."""
        start = np.searchsorted(self.hashes, wanted, "left")
        end = np.minimum(np.searchsorted(self.hashes, wanted, "right"), start + _HOLDERS)
        shared: Counter[int] = Counter()
        for at in np.flatnonzero(end > start):
            shared.update(self.texts[start[at] : end[at]].tolist())
        return [(count, self.ids[text]) for text, count in shared.most_common(_PER_TEXT)]


def _indices(other: Texts, vocabulary: Vocabulary) -> Iterator[_Index]:
    """The other corpus as indices of a bounded size."""
    hashes: list[Hashes] = []
    ids: list[str] = []
    held = 0
    for id_, text in other():
        found = fingerprints(vocabulary.ids(text))
        hashes.append(found)
        ids.append(id_)
        held += len(found)
        if held >= int(_limits()["most_fingerprints"]):
            yield _index(hashes, ids)
            hashes, ids, held = [], [], 0
    if ids:
        yield _index(hashes, ids)


def _index(hashes: list[Hashes], ids: list[str]) -> _Index:
    texts = np.repeat(np.arange(len(ids), dtype=np.uint32), [len(found) for found in hashes])
    every = np.concatenate(hashes)
    order = np.argsort(every, kind="stable")
    return _Index(every[order], texts[order], ids)


def _measured(pairs: list[tuple[int, str, str]], synthetic: Texts, other: Texts) -> list[Overlap]:
    """The exact longest run of each candidate pair, the longest of each synthetic text."""
    ours, theirs = ({pair[at] for pair in pairs} for at in (1, 2))
    texts = {id_: text for id_, text in synthetic() if id_ in ours}
    others = {id_: text for id_, text in other() if id_ in theirs}
    longest: dict[str, Overlap] = {}
    for _, id_, holder in pairs:
        run = common_run(words(texts[id_]), words(others[holder]))
        if id_ not in longest or len(run) > longest[id_].word_count:
            longest[id_] = Overlap(id_, holder, len(run), " ".join(run))
    found = [overlap for overlap in longest.values() if overlap.word_count >= int(_limits()["gram_words"])]
    return sorted(found, key=lambda overlap: (-overlap.word_count, overlap.id))


def common_run(one: list[str], other: list[str]) -> list[str]:
    """The longest run of words that two texts share: bisection over its length, n-gram hashes at each."""
    vocabulary = Vocabulary()
    a, b = (np.array([vocabulary[word] for word in side], dtype=np.uint64) for side in (one, other))
    low, high, at = 0, min(len(a), len(b)), 0
    while low < high:
        middle = (low + high + 1) // 2
        shared = np.flatnonzero(np.isin(gram_hashes(a, middle), gram_hashes(b, middle)))
        if len(shared):
            low, at = middle, int(shared[0])
        else:
            high = middle - 1
    return one[at : at + low]


def _limits() -> dict[str, Any]:
    found: dict[str, Any] = limits()["verbatim"]
    return found
