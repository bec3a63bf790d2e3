"""Patience: as long as answers take, and no longer than it was set."""

import asyncio

import pytest

from medsynth_assets.engines.flow.patience import Patience
from tests.engines.flow.clock import Clock

pytestmark = pytest.mark.asyncio


async def test_the_limit_follows_the_answers_of_each_agent() -> None:
    """Eight medians, or twice the longest; five seconds at least, what was set at most."""
    patience = Patience(120.0, Clock())
    for _ in range(20):
        patience.answered("scenario_judge", 0.2)
        patience.answered("dialogue_generator", 10.0)
        patience.answered("note_writer", 1.0)
    patience.answered("note_writer", 30.0)
    patience.look()
    limits = [patience.limit_s(agent) for agent in ("scenario_judge", "dialogue_generator", "note_writer", "other")]
    assert limits == [5.0, 80.0, 60.0, 120.0]


async def test_each_try_is_given_twice_the_time() -> None:
    """An answer that is merely long comes through at last."""
    patience = Patience(120.0, Clock())
    for _ in range(20):
        patience.answered("scenario_judge", 0.2)
    patience.look()
    assert [patience.limit_s("scenario_judge", tries) for tries in range(6)] == [5, 10, 20, 40, 80, 120]


async def test_a_few_answers_say_nothing_yet() -> None:
    patience = Patience(120.0, Clock())
    for _ in range(19):
        patience.answered("scenario_judge", 0.2)
    patience.look()
    assert patience.limit_s("scenario_judge") == 120.0


async def test_what_was_under_way_before_it_was_learned_is_given_up_too() -> None:
    """It began with two minutes; when answers turn out to take 0.2 s, five are enough."""
    clock = Clock()
    patience = Patience(120.0, clock)

    async def wait_long() -> None:
        with patience.limiting("scenario_judge", 0) as limit:
            async with limit:
                await asyncio.sleep(30)

    waiting = asyncio.create_task(wait_long())
    await asyncio.sleep(0)
    for _ in range(20):
        patience.answered("scenario_judge", 0.2)
    for _ in range(11):
        clock.now += 0.5
        patience.look()
    with pytest.raises(TimeoutError):
        await waiting


async def test_time_in_which_the_process_stood_still_does_not_count() -> None:
    """A minute between two looks: the answer may be there, unread."""
    clock = Clock()
    patience = Patience(120.0, clock)
    for _ in range(20):
        patience.answered("scenario_judge", 0.2)
    with patience.limiting("scenario_judge", 0) as limit:
        async with limit:
            clock.now += 60
            patience.look()
            await asyncio.sleep(0.01)
