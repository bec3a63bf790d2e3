"""Agreement between judges: Krippendorff's alpha over what they said of the same things.

Krippendorff, "Content Analysis: An Introduction to Its Methodology" (4th ed., 2019), chapter 12. Grades are ordinal; supports
and preferences nominal. Any number of judges; what one of them did not judge is missing, not a disagreement.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Level = Literal["ordinal", "nominal"]


class Said(NamedTuple):
    """What one judge said of one thing."""

    judge: str
    thing: str
    value: str


def alpha(said: Iterable[Said], domain: tuple[str, ...], level: Level) -> float | None:
    """1: they agree on everything; 0: as by chance; below: they contradict each other.

    None where it is not defined: fewer than two judges of any one thing, or everything got the same value.
    """
    import krippendorff  # here, because numpy costs a moment that other commands do not need to wait
    import numpy as np

    by_judge: dict[str, dict[str, float]] = {}
    things: dict[str, int] = {}
    for judge, thing, value in said:
        by_judge.setdefault(judge, {})[thing] = float(domain.index(value))
        things[thing] = things.get(thing, 0) + 1
    shared = [thing for thing, count in things.items() if count > 1]
    table = np.array([[values.get(thing, np.nan) for thing in shared] for values in by_judge.values()])
    if not shared or len(np.unique(table[~np.isnan(table)])) < 2:
        return None
    places = [float(n) for n in range(len(domain))]
    return round(float(krippendorff.alpha(reliability_data=table, level_of_measurement=level, value_domain=places)), 4)
