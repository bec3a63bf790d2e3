"""Hedging: a straggler is asked again, where there is room."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from medsynth_assets.engines.flow.hedging import first_of_two

pytestmark = pytest.mark.asyncio


def asking(*seconds: float) -> tuple[Callable[[], Awaitable[int]], list[str]]:
    """The n-th asking answers n after so many seconds; what became of each is noted."""
    told: list[str] = []

    async def ask() -> int:
        number = len(told)
        told.append("asked")
        try:
            await asyncio.sleep(seconds[number])
        except asyncio.CancelledError:
            told[number] = "cancelled"
            raise
        told[number] = "answered"
        return number

    return ask, told


@pytest.mark.parametrize(
    ("seconds", "has_room", "answer", "told"),
    [
        pytest.param((0.0,), True, (0, False), ["answered"], id="quick"),
        pytest.param((30.0, 0.0), True, (1, True), ["cancelled", "answered"], id="straggler"),
        pytest.param((0.1, 30.0), True, (0, True), ["answered", "cancelled"], id="first-after-all"),
        pytest.param((0.1,), False, (0, False), ["answered"], id="no-room"),
    ],
)
async def test_the_first_answer_counts(
    seconds: tuple[float, ...], has_room: bool, answer: tuple[int, bool], told: list[str]
) -> None:
    """Whichever of the two it is; the other is not waited for."""
    ask, became = asking(*seconds)
    assert await first_of_two(ask, 0.02, lambda: has_room) == answer
    assert became == told


async def test_who_is_cancelled_leaves_nothing_asked() -> None:
    """A run that ends."""
    ask, became = asking(30.0, 30.0)
    task = asyncio.create_task(first_of_two(ask, 0.01, lambda: True))
    while len(became) < 2:
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert became == ["cancelled", "cancelled"]
