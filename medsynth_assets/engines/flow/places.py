"""Places: how many requests may be under way at once, and which of those that wait is next."""

import asyncio
import heapq
import itertools
from types import TracebackType

Urgency = tuple[int, int]  # lower goes first


class Places:
    """`limit` places; it may change at any time, and those beyond a lower one run out by and by."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._order = itertools.count()
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []

    @property
    def limit(self) -> int:
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._give_out()

    @property
    def taken(self) -> int:
        return self._taken

    @property
    def is_one_free(self) -> bool:
        """Whether one more would neither wait nor go before another."""
        return self._taken < self._limit and not self._waiting

    def place(self, urgency: Urgency) -> "_Place":
        """To be entered with `async with`. Of those that wait, the lowest urgency goes first, and of equals the first come."""
        return _Place(self, urgency)

    async def take(self, urgency: Urgency) -> None:
        if self.is_one_free:
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        self._give_out()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self._taken -= 1
        self._give_out()

    def _give_out(self) -> None:
        while self._waiting and self._taken < self._limit:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._taken += 1
                turn.set_result(None)


class _Place:
    def __init__(self, places: Places, urgency: Urgency) -> None:
        self._places, self._urgency = places, urgency

    async def __aenter__(self) -> None:
        await self._places.take(self._urgency)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.leave()
