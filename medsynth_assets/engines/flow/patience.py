"""How long an answer may take: by how long answers of the same agent take, `request_timeout_s` at most.

A call that will never be answered is so given up after seconds where answers take tenths of one, and after minutes where they take
one. What is under way when that is learned is given up by it, too.
"""

import asyncio
import statistics
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LEAST_SEEN = 20  # answers of an agent, before they say anything
_KEPT = 200  # of the newest
_TIMES_MEDIAN = 8.0
_TIMES_LONGEST = 2.0
_LEAST_S = 5.0  # a pause of the network or of a busy server is no reason to pay twice
_LOOKED_EACH_S = 0.5


class Patience:
    """`most_s` until enough is known. Doubled with each try, so that an answer that is merely long comes through at last."""

    def __init__(self, most_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_s, self._clock = most_s, clock
        self._seen: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._limit_s: dict[str, float] = {}
        self._under_way: dict[asyncio.Timeout, tuple[str, int, float]] = {}
        self._looked_at = clock()

    def limit_s(self, agent: str, tries: int = 0) -> float:
        """tries: how often this request was given up before."""
        return min(self._limit_s.get(agent, self._most_s) * float(2**tries), self._most_s)

    def usual_s(self, agent: str) -> float:
        """The median of the newest answers; `most_s` until enough is known."""
        seen = self._seen.get(agent, ())
        return statistics.median(seen) if len(seen) >= _LEAST_SEEN else self._most_s

    def answered(self, agent: str, latency_s: float) -> None:
        seen = self._seen[agent]
        seen.append(latency_s)
        now = self._clock()
        if len(seen) == _LEAST_SEEN or now - self._looked_at >= _LOOKED_EACH_S:
            self._looked_at = now
            self._learn()

    @contextmanager
    def limiting(self, agent: str, tries: int) -> Iterator[asyncio.Timeout]:
        """An `asyncio.timeout` to be entered, which gets shorter as more is learned."""
        limit = asyncio.timeout(self.limit_s(agent, tries))
        self._under_way[limit] = agent, tries, self._clock()
        try:
            yield limit
        finally:
            del self._under_way[limit]

    def _learn(self) -> None:
        for agent, seen in self._seen.items():
            if len(seen) >= _LEAST_SEEN:
                usual = max(_TIMES_MEDIAN * statistics.median(seen), _TIMES_LONGEST * max(seen))
                self._limit_s[agent] = max(usual, _LEAST_S)
        loop_now, now = asyncio.get_running_loop().time(), self._clock()
        for limit, (agent, tries, began) in self._under_way.items():
            ends_at = loop_now + max(began + self.limit_s(agent, tries) - now, 0.0)
            when = limit.when()
            if when is not None and ends_at < when and not limit.expired():
                limit.reschedule(ends_at)
