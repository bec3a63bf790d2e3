"""How many requests and tokens a minute: limits that were set, that the endpoint tells in headers, or that its 429s let guess.

Requests go out evenly, as limits flow in at the provider: who sends a minute's worth at once is refused for the rest of it.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping

_AHEAD_S = 0.5  # as much may go at once after a pause, so that a late timer loses nothing of the rate
_SEEN_S = 5.0  # over which the rate that was let through is measured, where the limit is not told
_BACK_OFF = 0.9  # of the rate, after a 429
_BACK_OFF_S = 1.0  # between two of them
_RECOVERY_A_S = 0.01  # of the rate, for each second without 429: others may have used the same key, and stopped
_NO_LIMIT = float("inf")


class Meter:
    """One limit. `set_a_minute` is the user's, 0 for none; the lower of it and of what is learned counts.

    part: what is ours of a limit that was set or told, where machines share it.
    """

    def __init__(self, set_a_minute: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._set = set_a_minute / 60 or _NO_LIMIT
        self._told = _NO_LIMIT
        self._guessed = _NO_LIMIT
        self.part = 1.0
        self._share = 1.0
        self._share_at = self._next_at = clock()
        self._passed: deque[tuple[float, float]] = deque()
        self._refused_at = -_BACK_OFF_S

    @property
    def rate(self) -> float:
        """A second; infinite where no limit is known."""
        return min(self._known, self._guessed) * self._share_now()

    @property
    def _known(self) -> float:
        return min(self._set, self._told) * self.part

    def book(self, units: float) -> float:
        """The seconds to wait before sending this much, which is counted as sent."""
        now, rate = self._clock(), self.rate
        if rate == _NO_LIMIT:
            return 0.0
        at = max(self._next_at, now - _AHEAD_S)
        self._next_at = at + units / rate
        return max(at - now, 0.0)

    def correct(self, units: float) -> None:
        """So much more (or less) was used than was booked."""
        if self.rate != _NO_LIMIT:
            self._next_at += units / self.rate

    def passed(self, units: float) -> None:
        """So much was let through."""
        now = self._clock()
        self._passed.append((now, units))
        while self._passed[0][0] < now - _SEEN_S:
            self._passed.popleft()

    def told(self, a_minute: float) -> None:
        if a_minute > 0 and self._told != a_minute / 60:
            self._told, self._guessed = a_minute / 60, _NO_LIMIT
            self._share, self._share_at = 1.0, self._clock()
            self._refused_at = self._next_at = self._clock()  # what was sent in ignorance says nothing of this rate

    def refused(self) -> None:
        """A 429: where no limit is known, it is guessed from what was let through; a known one is used less."""
        now = self._clock()
        if now - self._refused_at < _BACK_OFF_S:
            return
        self._refused_at = now
        if self.rate == _NO_LIMIT:
            self._guess(now)
        else:
            self._share, self._share_at = max(self._share_now() * _BACK_OFF, 0.1), now

    def _guess(self, now: float) -> None:
        since = self._passed[0][0] if self._passed else now
        if now - since < 1.0:  # too little seen: the same 429s will come again
            return
        self._guessed = sum(units for _, units in self._passed) / (now - since)
        self._next_at, self._share, self._share_at = now, 1.0, now

    def _share_now(self) -> float:
        # a guess may be too low, and grows beyond itself; a limit that was set or told does not
        most = _NO_LIMIT if self._guessed < self._known else 1.0
        return min(self._share + (self._clock() - self._share_at) * _RECOVERY_A_S, most)


class Pace:
    """Both limits of one endpoint."""

    def __init__(
        self, requests_a_minute: int, tokens_a_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._requests, self._tokens = Meter(requests_a_minute, clock), Meter(tokens_a_minute, clock)

    def take_part(self, part: float) -> None:
        """So much (0 to 1, not 0) of what is allowed a minute is ours."""
        self._requests.part = self._tokens.part = part

    def book(self, tokens: int) -> float:
        """The seconds to wait before one request that is expected to use so many tokens."""
        return max(self._requests.book(1), self._tokens.book(tokens))

    def answered(self, expected_tokens: int, tokens: int) -> None:
        self._tokens.correct(tokens - expected_tokens)
        self._requests.passed(1)
        self._tokens.passed(tokens)

    def refused(self) -> None:
        self._requests.refused()
        if self._tokens.rate != _NO_LIMIT:  # which of both it was is not told; only one is ever guessed
            self._tokens.refused()

    def learn(self, headers: Mapping[str, str]) -> None:
        """From `x-ratelimit-limit-requests` and `-tokens`, where the endpoint sends them."""
        for unit, meter in (("requests", self._requests), ("tokens", self._tokens)):
            told = headers.get(f"x-ratelimit-limit-{unit}", "")
            if told.isdigit():
                meter.told(int(told))
