"""Places: no more than the limit, and the most urgent first."""

import asyncio

import pytest

from medsynth_assets.engines.flow.places import Places, Urgency

pytestmark = pytest.mark.asyncio


class Crowd:
    """Requests that hold their places until they are let go."""

    def __init__(self, limit: int) -> None:
        self.places = Places(limit)
        self.began: list[str] = []
        self.go = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, urgency: Urgency = (0, 0)) -> None:
        self.go[name] = asyncio.Event()

        async def hold() -> None:
            async with self.places.place(urgency):
                self.began.append(name)
                await self.go[name].wait()

        self.tasks[name] = asyncio.create_task(hold())
        await settle()

    async def finish(self, name: str) -> None:
        self.go[name].set()
        await self.tasks[name]
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_most_urgent_goes_first_and_of_equals_the_first_come() -> None:
    """The rank decides, then how far the slot still has to go, then the order of asking."""
    crowd = Crowd(1)
    await crowd.ask("a")
    for name, urgency in (("late", (2, 0)), ("third", (1, 1)), ("first", (1, 0)), ("second", (1, 0))):
        await crowd.ask(name, urgency)
    for name in ("a", "first", "second", "third", "late"):
        await crowd.finish(name)
    assert crowd.began == ["a", "first", "second", "third", "late"]


async def test_a_higher_limit_lets_more_in_at_once_and_a_lower_one_fewer_later() -> None:
    """The places over a lowered limit run out; nobody is thrown out."""
    crowd = Crowd(1)
    for name in "abcd":
        await crowd.ask(name)
    crowd.places.limit = 3
    await settle()
    assert crowd.began == ["a", "b", "c"]
    crowd.places.limit = 1
    await crowd.finish("a")
    await crowd.finish("b")
    assert (crowd.began, crowd.places.taken) == (["a", "b", "c"], 1)
    await crowd.finish("c")
    assert crowd.began[-1] == "d"


async def test_who_gives_up_waiting_takes_no_place() -> None:
    """Neither one that still waits, nor one that was just given its place."""
    crowd = Crowd(1)
    for name in ("a", "waits", "given", "next"):
        await crowd.ask(name)
    crowd.tasks["waits"].cancel()
    await settle()
    crowd.go["a"].set()
    await asyncio.sleep(0)  # `a` leaves, `given` has its place but has not run yet
    crowd.tasks["given"].cancel()
    await settle()
    assert "next" in crowd.began
    assert crowd.places.taken == 1
