"""A straggler is asked a second time, and the first answer counts. Costs what the second asking costs, so off by default."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def first_of_two(ask: Callable[[], Awaitable[T]], after_s: float, is_free: Callable[[], bool]) -> tuple[T, bool]:
    """What `ask` brings, and whether it was asked twice: again where nothing came `after_s`, and there is room.

    The one that is not needed is cancelled; what it raises is not looked at.
    """
    first = asyncio.ensure_future(ask())
    asked = [first]
    try:
        await asyncio.wait(asked, timeout=after_s)
        if not first.done() and is_free():
            asked.append(asyncio.ensure_future(ask()))
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        return (first if first in done else asked[-1]).result(), len(asked) > 1
    finally:
        for asking in asked:
            asking.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
