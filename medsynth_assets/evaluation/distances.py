"""Distances between distributions, from counts."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)
Floats = NDArray[np.float64]


def jensen_shannon(one: Mapping[K, float], other: Mapping[K, float]) -> float:
    """Jensen-Shannon distance (Endres and Schindelin 2003), base 2: 0 for equal distributions, 1 for ones without anything in
    common; nan where a side is empty."""
    keys = list({*one, *other})
    p = np.array([one.get(key, 0.0) for key in keys], dtype=np.float64)
    q = np.array([other.get(key, 0.0) for key in keys], dtype=np.float64)
    if not p.sum() or not q.sum():
        return float("nan")
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return float(np.sqrt(max(0.0, divergence)))


def _relative_entropy(p: Floats, q: Floats) -> float:
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())


def kullback_leibler(realised: Mapping[K, float], planned: Mapping[K, float], prior: float = 0.5) -> float:
    """KL(realised || planned) in nats (Kullback and Leibler 1951), from counts of the one and shares of the other.

    prior: pseudo-records that mix the plan's shares with the uniform ones, so that a cell nobody planned costs much and not
    infinitely much (Jeffreys' half a record over all cells). nan where nothing was realised.
    """
    total = sum(realised.values())
    keys = list({*realised, *planned})
    if not total or not sum(planned.values()):
        return float("nan")
    p = np.array([realised.get(key, 0.0) for key in keys]) / total
    q = np.array([planned.get(key, 0.0) for key in keys])
    q = (q / q.sum() * total + prior / len(keys)) / (total + prior)
    some = p > 0
    return float(max(0.0, (p[some] * np.log(p[some] / q[some])).sum()))


def chance_divergence(planned: Mapping[K, float], records: int, draws: int = 200) -> float:
    """What KL comes to, on average, for so many records drawn at random from the plan itself."""
    shares = np.array(list(planned.values()), dtype=np.float64)
    if not records or not shares.sum():
        return float("nan")
    keys = list(planned)
    rows = np.random.default_rng(0).multinomial(records, shares / shares.sum(), draws)
    return float(np.mean([kullback_leibler(dict(zip(keys, row, strict=True)), planned) for row in rows]))


def correlation_drift(one: Floats, other: Floats) -> float:
    """Mean absolute difference of the two correlation matrices above the diagonal; columns that are constant in either are
    left out; nan for fewer than two that are not."""
    some = (one.std(axis=0) > 0) & (other.std(axis=0) > 0)
    if some.sum() < 2:
        return float("nan")
    a, b = (np.atleast_2d(np.corrcoef(side[:, some], rowvar=False)) for side in (one, other))
    above = np.triu_indices(int(some.sum()), 1)
    return float(np.abs(a[above] - b[above]).mean())


def quantiles(values: Sequence[float], at: Sequence[float] = (0.05, 0.5, 0.95)) -> tuple[float, ...]:
    """The values at the shares `at`, nan where there are none."""
    return tuple(float(x) for x in np.quantile(values, at)) if len(values) else (float("nan"),) * len(at)
