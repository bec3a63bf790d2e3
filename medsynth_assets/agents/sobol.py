"""Points of scrambled Sobol sequences: the same as those of `scipy.stats.qmc.Sobol`, whose import takes a second of each start.

Direction numbers: Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections", table new-joe-kuo-6.
Scrambling: a random lower triangular matrix a dimension, and a random shift (Matousek 1998, "On the L2-discrepancy for anchored
boxes").
"""

from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

_BITS = 30
_PRIMITIVE = (  # by dimension after the first: coefficients of the polynomial between its ends, and the first direction numbers
    (0, (1,)), (1, (1, 3)), (1, (1, 3, 1)), (2, (1, 1, 1)), (1, (1, 1, 3, 3)), (4, (1, 3, 5, 13)), (2, (1, 1, 5, 5, 17)),
)  # fmt: skip
DIMENSIONS = 1 + len(_PRIMITIVE)


def scrambled_points(count: int, rng: Generator) -> list[list[float]]:
    """The first `count` points in `DIMENSIONS` dimensions, each coordinate in [0, 1). rng: decides the scrambling."""
    rng = rng.spawn(1)[0]  # as scipy does
    powers = 1 << np.arange(_BITS, dtype=np.uint32)
    shift = rng.integers(2, size=(DIMENSIONS, _BITS), dtype=np.uint32) @ powers
    triangles = np.tril(rng.integers(2, size=(DIMENSIONS, _BITS, _BITS), dtype=np.uint32))
    triangles[:, range(_BITS), range(_BITS)] = 1

    needed = max(count - 1, 1).bit_length()
    bits = _directions()[:, :needed, None] >> np.arange(_BITS - 1, -1, -1, dtype=np.uint32) & 1  # the highest first
    directions = (bits @ triangles.transpose(0, 2, 1) & 1) @ powers[::-1]

    order = np.arange(count, dtype=np.uint32)
    gray = order ^ order >> 1
    points = np.tile(shift, (count, 1))
    for bit in range(needed):
        points ^= np.where((gray >> bit & 1)[:, None] == 1, directions[:, bit], 0).astype(points.dtype)
    found: list[list[float]] = (points * 2.0**-_BITS).tolist()
    return found


@cache
def _directions() -> NDArray[np.uint32]:
    """By dimension and bit of a point's number in Gray code: what that bit turns over."""
    numbers = [[1] * _BITS]
    for coefficients, first in _PRIMITIVE:
        degree, found = len(first), list(first)
        for n in range(degree, _BITS):
            new = found[n - degree] ^ found[n - degree] << degree
            for step in range(1, degree):
                new ^= (coefficients >> degree - 1 - step & 1) * found[n - step] << step
            found.append(new)
        numbers.append(found)
    return np.array([[m << _BITS - 1 - n for n, m in enumerate(of)] for of in numbers], dtype=np.uint32)
