"""Distance to the closest record of another corpus: cosine distance of TF-IDF vectors, by brute force over a sample.

Memory: one chunk of the other corpus as sparse vectors, and a sample x chunk matrix of similarities (1,000 x 2,000 doubles,
16 MB), however long that corpus is.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from medsynth_assets.evaluation.words import words

_CHUNK = 2_000
_FEATURES = 2**18


def nearest_distances(sample: Sequence[str], *others: Iterable[str]) -> list[NDArray[np.float64]]:
    """For each other corpus: of each text of the sample the distance (0 to 1) to the nearest of that corpus; 1 where it is empty."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hashing = HashingVectorizer(analyzer=words, n_features=_FEATURES, alternate_sign=False, norm=None)
    weights = TfidfTransformer(sublinear_tf=True)
    own = weights.fit_transform(hashing.transform(sample))
    found = []
    for other in others:
        best = np.zeros(len(sample))
        stream = iter(other)
        while chunk := list(islice(stream, _CHUNK)):
            likeness = own @ weights.transform(hashing.transform(chunk)).T
            best = np.maximum(best, likeness.max(axis=1).toarray().ravel())
        found.append(1 - np.minimum(best, 1.0))
    return found
