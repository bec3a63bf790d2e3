"""Near-duplicates by MinHash and locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman and Ullman, ch. 3).

Memory: 4 bytes a permutation and 8 a band for each text, and the shingles of one chunk. 100,000 texts against 100,000 with
128 permutations and 16 bands: 200,000 x (512 + 128) bytes = 128 MB, whatever their length. Nothing is compared with everything:
texts are compared that share a band, a bounded number of neighbours in each.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.words import Vocabulary, gram_hashes


class Sketches(NamedTuple):
    """The MinHash signatures of some texts: ids in order, a row of permutations each."""

    ids: list[str]
    rows: NDArray[np.uint32]


class Likeness(NamedTuple):
    """Two texts by their ids, and their estimated Jaccard index over word shingles (0 to 1)."""

    one: str
    other: str
    jaccard: float


def sketches(texts: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> Sketches:
    """Signatures of (id, text), a chunk of texts in memory at a time. Texts to be compared share the vocabulary."""
    ids: list[str] = []
    parts: list[NDArray[np.uint32]] = []
    stream = iter(texts)
    while chunk := list(islice(stream, int(_limits()["chunk"]))):
        ids += [id_ for id_, _ in chunk]
        parts.append(_signatures([text for _, text in chunk], vocabulary))
    width = int(_limits()["permutations"])
    return Sketches(ids, np.concatenate(parts) if parts else np.empty((0, width), dtype=np.uint32))


def _signatures(texts: list[str], vocabulary: Vocabulary) -> NDArray[np.uint32]:
    import rensa

    shingles = []
    for text in texts:
        ids = vocabulary.ids(text)
        shingles.append(gram_hashes(ids, min(int(_limits()["shingle_words"]), max(1, len(ids)))))
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in shingles])]).astype(np.uint64)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        np.concatenate(shingles), offsets, int(_limits()["permutations"]), int(limits()["seed"])
    )
    return np.array(matrix.to_rows(), dtype=np.uint32)


def within(side: Sketches) -> list[Likeness]:
    """Pairs of texts of one side that are near-duplicates, the likeliest first; each text with its bucket's neighbours only."""
    return _likely(side, side, _shared(side.rows, side.rows, same=True))


def between(one: Sketches, other: Sketches) -> list[Likeness]:
    """Pairs of a text of one side and one of the other that are near-duplicates, the likeliest first."""
    return _likely(one, other, _shared(one.rows, other.rows, same=False))


def _shared(one: NDArray[np.uint32], other: NDArray[np.uint32], *, same: bool) -> Iterator[NDArray[np.int64]]:
    """Candidate pairs, (n, 2) row numbers, a band at a time."""
    size = one.shape[1] // int(_limits()["bands"])
    most = int(_limits()["bucket_neighbours"])
    for start in range(0, one.shape[1], size):
        left, right = (_keys(side[:, start : start + size]) for side in (one, other))
        order = np.argsort(right, kind="stable")
        ordered = right[order]
        first = np.searchsorted(ordered, left, "left")
        after = np.searchsorted(ordered, left, "right")
        if same:  # those after oneself in the bucket's order
            place = np.empty(len(order), dtype=np.int64)
            place[order] = np.arange(len(order))
            first = place + 1
        for step in range(most):
            rows = np.flatnonzero(first + step < after)
            if not len(rows):
                break
            yield np.column_stack([rows, order[first[rows] + step]])


def _keys(band: NDArray[np.uint32]) -> NDArray[np.uint64]:
    keys = np.zeros(len(band), dtype=np.uint64)
    for column in range(band.shape[1]):
        keys = (keys ^ band[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _likely(one: Sketches, other: Sketches, candidates: Iterator[NDArray[np.int64]]) -> list[Likeness]:
    found: dict[tuple[int, int], float] = {}
    for pairs in candidates:
        jaccard = (one.rows[pairs[:, 0]] == other.rows[pairs[:, 1]]).mean(axis=1)
        near = jaccard >= float(_limits()["threshold"])
        for (a, b), value in zip(pairs[near].tolist(), jaccard[near].tolist(), strict=True):
            found[min(a, b) if one is other else a, max(a, b) if one is other else b] = value
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Likeness(one.ids[a], other.ids[b], value) for (a, b), value in ranked]


def _limits() -> dict[str, Any]:
    found: dict[str, Any] = limits()["near_duplicates"]
    return found
