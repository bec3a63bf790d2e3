"""Seeded choices: the only source of chance in the offline engine."""

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Weighted(Protocol):
    @property
    def weight(self) -> float: ...


W = TypeVar("W", bound=Weighted)


class Chooser:
    """Choices that depend on the seed alone: same seed, same sequence, on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def chance(self, p: float) -> bool:
        return self._random.random() < p

    def one(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """Between `least` and `most` of the options, in the order given."""
        count = min(len(options), self.whole(least, most))
        chosen = sorted(self._random.sample(range(len(options)), count))
        return [options[i] for i in chosen]

    def weighted(self, options: Sequence[W]) -> W:
        return pick_at(options, self._random.random())

    def whole(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low + 1))

    def between(self, low: float, high: float, decimals: int) -> float:
        return round(low + self._random.random() * (high - low), decimals)

    def shuffled(self, options: Sequence[T]) -> list[T]:
        return self._random.sample(options, len(options))


def pick_at(options: Sequence[W], draw: float) -> W:
    """The option at `draw` (0 to 1) of the cumulated weights."""
    left = draw * sum(option.weight for option in options)
    for option in options:
        left -= option.weight
        if left < 0:
            return option
    return options[-1]
