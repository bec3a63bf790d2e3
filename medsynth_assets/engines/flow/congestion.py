"""How many requests at once the endpoint bears: one more for each round that goes well, a third less when it says slow down.

Additive increase, multiplicative decrease, as TCP does. A round is as many answers as there are places; one that follows a decrease
within a usual latency is the same congestion seen again.
"""

import time
from collections.abc import Callable

_KEPT = 0.7  # of the places, when the server says slow down
_KEPT_WHEN_SLOW = 0.9  # when it only has become slow
_SLOW = 4.0  # times the usual latency of the same agent, over a whole round
_LEAST_FRAC = 0.25  # of `most`: slowness alone goes no lower, since some answers are simply long
_MEMORY = 0.05  # of one answer, in the usual latency


class Congestion:
    """`places` between 1 and `most`. Starts at `most`: most endpoints bear what a user sets."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._places = float(most)
        self._usual_s: dict[str, float] = {}
        self._round: list[float] = []
        self._held_until = 0.0

    @property
    def places(self) -> int:
        return max(int(self._places), 1)

    def slow_down(self) -> None:
        """The server said 429, 503 or 529."""
        self._lower(_KEPT, 1.0)

    def answered(self, agent: str, latency_s: float) -> None:
        usual = self._usual_s.setdefault(agent, latency_s)
        self._round.append(latency_s / usual if usual else 1.0)
        # quick to believe in quick answers, slow to take slow ones for usual
        self._usual_s[agent] = usual + (latency_s - usual) * (_MEMORY if latency_s > usual else 4 * _MEMORY)
        if len(self._round) < self.places:
            return
        slowness, self._round = sum(self._round) / len(self._round), []
        if slowness > _SLOW:
            self._lower(_KEPT_WHEN_SLOW, self._most * _LEAST_FRAC)
        else:
            self._places = min(self._places + 1, self._most)

    def _lower(self, kept: float, least: float) -> None:
        now = self._clock()
        if now < self._held_until:
            return
        self._places = max(self._places * kept, min(least, self._places))
        self._held_until = now + max(self._usual_s.values(), default=1.0)
        self._round = []
