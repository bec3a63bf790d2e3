"""An endpoint that is down is asked by one request at a time, ever more rarely, while all others wait; then all go on."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_FAILURES = 20  # in a row, over all requests: fewer are bad luck
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Breaker:
    """closed: requests pass. open: none does until the pause is over; then one does, and what it meets decides.

    pause: how the breaker waits; a run that ends cuts it short.
    """

    def __init__(self, pause: Callable[[float], Awaitable[None]], clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._clock = pause, clock
        self._failures = 0
        self._pause_s = _FIRST_PAUSE_S
        self._opened_at: float | None = None
        self._tried_at = 0.0
        self._is_probed = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    @property
    def down_s(self) -> float:
        """How long nothing has been answered; 0 where the endpoint is up."""
        return self._clock() - self._opened_at if self._opened_at is not None else 0.0

    async def passing(self, send: Callable[[], Awaitable[bool]]) -> None:
        """Sends now, or when it is this request's turn to find out whether the endpoint is back.

        send: True where the endpoint has answered anything but a failure of its own.
        """
        if self.is_open:
            async with self._is_probed:
                if self.is_open:  # it may be back since
                    await self._pause(max(self._tried_at + self._pause_s - self._clock(), 0.0))
                    self._met(is_up=await send(), is_probe=True)
                    return
        self._met(is_up=await send(), is_probe=False)

    def _met(self, *, is_up: bool, is_probe: bool) -> None:
        if is_up:
            self._failures, self._opened_at, self._pause_s = 0, None, _FIRST_PAUSE_S
            return
        self._failures += 1
        if is_probe:
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
            self._tried_at = self._clock()
        elif not self.is_open and self._failures >= _FAILURES:
            self._opened_at = self._tried_at = self._clock()
