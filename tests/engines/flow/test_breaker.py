"""The breaker: of many requests at a dead endpoint, one asks."""

import asyncio

import pytest

from medsynth_assets.engines.flow.breaker import Breaker
from tests.engines.flow.clock import Clock

pytestmark = pytest.mark.asyncio


class Server:
    def __init__(self) -> None:
        self.is_up, self.asked, self.at_once, self.most_at_once = True, 0, 0, 0

    async def ask(self) -> bool:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return self.is_up


async def broken(clock: Clock, server: Server) -> Breaker:
    breaker = Breaker(clock.sleep, clock)
    server.is_up = False
    for _ in range(20):
        await breaker.passing(server.ask)
    assert breaker.is_open
    return breaker


async def test_failures_here_and_there_open_nothing() -> None:
    """Nineteen in a row and a success between: bad luck."""
    clock, server = Clock(), Server()
    breaker = Breaker(clock.sleep, clock)
    for _ in range(5):
        server.is_up = False
        for _ in range(19):
            await breaker.passing(server.ask)
        server.is_up = True
        await breaker.passing(server.ask)
    assert not breaker.is_open


async def test_while_it_is_open_one_asks_at_a_time_and_ever_more_rarely() -> None:
    """Pauses of 1, 2, 4, 8, 16 and then 30 seconds."""
    clock, server = Clock(), Server()
    breaker = await broken(clock, server)
    server.most_at_once, began = 0, clock.now
    await asyncio.gather(*(breaker.passing(server.ask) for _ in range(7)))
    assert server.most_at_once == 1
    assert clock.now - began == 1 + 2 + 4 + 8 + 16 + 30 + 30
    assert breaker.down_s == clock.now - began


async def test_when_it_is_back_all_go_on() -> None:
    """The one that finds out lets the others through, at once."""
    clock, server = Clock(), Server()
    breaker = await broken(clock, server)
    server.is_up, began = True, clock.now
    await asyncio.gather(*(breaker.passing(server.ask) for _ in range(50)))
    assert (clock.now - began, breaker.is_open, breaker.down_s) == (1.0, False, 0.0)
