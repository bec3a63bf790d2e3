"""How many requests at once the endpoint bears: one more for each round that goes well, a third less when it says slow down.

Additive increase, multiplicative decrease, as TCP does. A round is as many answers as there are places; one that follows a decrease
within a usual latency is the same congestion seen again.
"""

import time
from collections import defaultdict
from collections.abc import Callable

_KEPT = 0.7  # of the places, when the server says slow down
_KEPT_WHEN_SLOW = 0.9  # when it only has become slow
_SLOW = 4.0  # times the usual latency of the same agent, over a whole round
_LEAST_FRAC = 0.25  # of `most`: slowness alone goes no lower, since some answers are simply long
_MEMORY_UP, _MEMORY_DOWN = 0.05, 0.5  # of one round in the usual latency: slow to take slow answers for usual


class Congestion:
    """`places` between 1 and `most`. Starts at `most`: most endpoints bear what a user sets.

    cap: what is ours of `most` where machines share it; it may be 0, and change at any time.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._places = float(most)
        self.cap = most
        self._usual_s: dict[str, float] = {}
        self._round: defaultdict[str, list[float]]
        self._begin_round()
        self._held_until = 0.0

    @property
    def places(self) -> int:
        return min(max(int(self._places), 1), self.cap)

    def slow_down(self) -> None:
        """The server said 429, 503 or 529."""
        self._lower(_KEPT, 1.0)

    def answered(self, agent: str, latency_s: float) -> None:
        self._round[agent].append(latency_s)
        self._answers += 1
        if self._answers < self.places:
            return
        if self._slowness() > _SLOW:
            self._lower(_KEPT_WHEN_SLOW, self._most * _LEAST_FRAC)
        else:
            self._places = min(self._places + 1, self._most)
        self._begin_round()

    def _slowness(self) -> float:
        """Of the round's answers, in usual latencies of their agents; learns what is usual from it."""
        taken, usual = 0.0, 0.0
        for agent, latencies in self._round.items():
            mean = sum(latencies) / len(latencies)
            before = self._usual_s.get(agent, mean)
            taken += mean * len(latencies)
            usual += before * len(latencies)
            self._usual_s[agent] = before + (mean - before) * (_MEMORY_UP if mean > before else _MEMORY_DOWN)
        return taken / usual if usual else 1.0

    def _begin_round(self) -> None:
        self._round, self._answers = defaultdict(list), 0

    def _lower(self, kept: float, least: float) -> None:
        now = self._clock()
        if now < self._held_until:
            return
        used = min(self._places, max(self.cap, 1.0))
        self._places = max(used * kept, min(least, used))
        self._held_until = now + max(self._usual_s.values(), default=1.0)
        self._begin_round()
