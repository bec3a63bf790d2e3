"""From codes to partition ranges: Dagster runs a contiguous stretch of partitions in one run."""

from collections.abc import Collection, Sequence
from itertools import groupby


def partition_ranges(
    partitions: Sequence[str], allowed: Collection[str], wanted: Sequence[str], most: int
) -> list[tuple[str, str]]:
    """First and last partition of each run: together they hold every wanted code, and none that is not allowed.

    partitions: all, in Dagster's order. wanted: in order of importance; the range with the most important one comes
    first. A range has at most `most` partitions.
    """
    allowed, places = set(allowed), {code: place for place, code in enumerate(wanted)}
    found: list[tuple[int, str, str]] = []
    for is_allowed, group in groupby(partitions, key=lambda code: code in allowed):
        codes = list(group) if is_allowed else []
        for start in range(0, len(codes), most):
            hot = [code for code in codes[start : start + most] if code in places]
            if hot:
                found.append((min(places[code] for code in hot), hot[0], hot[-1]))
    return [(first, last) for _, first, last in sorted(found)]
