"""How long an answer may take: by how long answers of the same agent take, `request_timeout_s` at most.

A call that will never be answered is so given up after seconds where answers take tenths of one, and after minutes where they take
one. What is under way when that is learned is given up by it, too. Time in which this process itself stood still does not count:
the answer may be there, unread.
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
_LOOKED_EACH_S = 0.25
_COUNTED_S = 2 * _LOOKED_EACH_S  # of the time between two looks, at most


class Patience:
    """`most_s` until enough is known. Doubled with each try, so that an answer that is merely long comes through at last."""

    def __init__(self, most_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_s, self._clock = most_s, clock
        self._seen: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._limit_s: dict[str, float] = {}
        self._under_way: dict[asyncio.Timeout, tuple[str, int, float]] = {}
        self._awake_s = 0.0
        self._looked_at = clock()
        self._looks = False

    def limit_s(self, agent: str, tries: int = 0) -> float:
        """tries: how often this request was given up before."""
        return min(self._limit_s.get(agent, self._most_s) * float(2**tries), self._most_s)

    def usual_s(self, agent: str) -> float:
        """The median of the newest answers; `most_s` until enough is known."""
        seen = self._seen.get(agent, ())
        return statistics.median(seen) if len(seen) >= _LEAST_SEEN else self._most_s

    def answered(self, agent: str, latency_s: float) -> None:
        self._seen[agent].append(latency_s)

    @contextmanager
    def limiting(self, agent: str, tries: int) -> Iterator[asyncio.Timeout]:
        """An `asyncio.timeout`, to be entered: of `most_s`, or less as more is learned."""
        limit = asyncio.timeout(self._most_s)
        if not self._looks:
            self._looks, self._looked_at = True, self._clock()
            asyncio.get_running_loop().call_later(_LOOKED_EACH_S, self.look)
        self._under_way[limit] = agent, tries, self._awake_s
        try:
            yield limit
        finally:
            del self._under_way[limit]

    def look(self) -> None:
        """End what has taken too long; again in a moment, as long as anything is under way."""
        now = self._clock()
        self._awake_s += min(now - self._looked_at, _COUNTED_S)
        self._looked_at = now
        for agent, seen in self._seen.items():
            if len(seen) >= _LEAST_SEEN:
                usual = max(_TIMES_MEDIAN * statistics.median(seen), _TIMES_LONGEST * max(seen))
                self._limit_s[agent] = max(usual, _LEAST_S)
        loop = asyncio.get_running_loop()
        for limit, (agent, tries, began_s) in self._under_way.items():
            if self._awake_s - began_s >= self.limit_s(agent, tries) and not limit.expired():
                limit.reschedule(loop.time())
        self._looks = bool(self._under_way)
        if self._looks:
            loop.call_later(_LOOKED_EACH_S, self.look)
