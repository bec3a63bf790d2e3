"""One limit over all machines: parts that add up to it while engines come, go and die."""

import asyncio
import random
import subprocess
import sys
from typing import Any

import pytest

from medsynth_assets.engines.contract import Reply
from medsynth_assets.engines.flow.sharing import LAPSE_S, NOTHING, Other, Part, Sharing, share_of, within
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.engines.stores import ledger_of
from medsynth_assets.settings import Settings
from tests.engines.conftest import note_request, scripted_openai, settings_for
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script

__all__ = ["scripted_openai"]


@pytest.mark.parametrize(("limit", "engines"), [(32, 1), (32, 3), (7, 7), (10, 4)])
def test_shares_add_up_to_the_limit(limit: int, engines: int) -> None:
    """Those that joined first have what does not divide."""
    shares = [share_of(limit, rank, engines) for rank in range(engines)]
    assert sum(share.places for share in shares) == limit
    assert shares[0].places - shares[-1].places in (0, 1)
    assert sum(share.rate_frac for share in shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("others", "gets"),
    [
        pytest.param([], Part(10, 1.0), id="alone"),
        pytest.param([Part(10, 1.0)], NOTHING, id="another-still-has-all"),
        pytest.param([Part(8, 0.5)], Part(2, 0.5), id="another-still-waits-for-answers"),
        pytest.param([Part(5, 1.0)], NOTHING, id="places-and-no-rate"),
        pytest.param([Part(5, 0.5)], Part(5, 0.5), id="another-has-its-share"),
        pytest.param([Part(1, 1 / 11)] * 10, Part(1, 1 / 11), id="more-engines-than-places"),
    ],
)
def test_no_more_is_taken_than_the_others_leave(others: list[Part], gets: Part) -> None:
    """A share is waited for until it is free; where there are too few places, each has one."""
    there = [Other(number, holds) for number, holds in enumerate(others)]
    assert within(share_of(10, len(others), len(others) + 1), 10, there) == gets


class Engine:
    """Of a test: uses what it is given, and by and by."""

    def __init__(self, settings: Settings, limit: int, draw: random.Random) -> None:
        self.part, self.busy, self._draw = NOTHING, 0, draw
        self.sharing = Sharing(settings.catalog, "http://model", limit, self._use, lambda: self.busy)

    def _use(self, part: Part) -> None:
        self.part = part

    def work(self) -> None:
        """Some answers come, and as much is asked as there are places."""
        self.busy -= self._draw.randint(0, self.busy)
        if self.busy < self.part.places:
            self.busy = self._draw.randint(self.busy, self.part.places)


@pytest.mark.slow
def test_the_sum_stays_within_the_limit_whoever_comes_and_goes(lake_store: dict[str, str]) -> None:
    """At every step of a long random course; and once things are quiet, all of the limit is used."""
    settings, draw, limit = Settings.model_validate(lake_store), random.Random(5), 12
    engines: list[Engine] = []
    for _ in range(600):
        chosen = draw.random()
        if chosen < 0.03 and len(engines) < limit:
            engines.append(Engine(settings, limit, draw))
        elif chosen < 0.05 and engines:
            gone = engines.pop(draw.randrange(len(engines)))
            gone.sharing.join()
            gone.sharing.leave()
        elif engines:
            one = draw.choice(engines)
            one.sharing.beat()
            one.work()
        assert sum(max(one.busy, one.part.places) for one in engines) <= limit
        assert sum(one.part.rate_frac for one in engines) <= 1 + 1e-9
    assert len(engines) > 2
    for one in engines * 5:
        one.busy = 0
        one.sharing.beat()
    assert sum(one.part.places for one in engines) == limit
    assert sum(one.part.rate_frac for one in engines) == pytest.approx(1)


@pytest.mark.slow
def test_the_part_of_a_dead_engine_is_given_away_when_it_was_silent_for_long_enough(lake_store: dict[str, str]) -> None:
    """Not before, since it may only be slow; and one that comes back takes its place in the line anew."""
    settings, draw = Settings.model_validate(lake_store), random.Random(5)
    dead, living = Engine(settings, 8, draw), Engine(settings, 8, draw)
    for one in [dead, living] * 3:
        one.sharing.beat()
    assert (dead.part.places, living.part.places) == (4, 4)
    psycopg = pytest.importorskip("psycopg")

    def silent_for(seconds: float) -> None:
        with psycopg.connect(settings.catalog) as con:
            con.execute(
                "update medsynth_calls.engines set beat_at = clock_timestamp() - %s * interval '1 second' where joined = "
                "(select min(joined) from medsynth_calls.engines)",
                [seconds],
            )

    silent_for(LAPSE_S - 5)
    living.sharing.beat()
    assert living.part.places == 4
    silent_for(LAPSE_S + 1)
    living.sharing.beat()
    assert living.part == Part(8, 1.0)
    for one in [dead, living] * 3:
        one.sharing.beat()
    assert (living.part, dead.part) == (Part(4, 0.5), Part(4, 0.5))


@pytest.mark.slow
def test_who_is_started_again_after_a_kill_does_not_wait_for_the_dead(lake_store: dict[str, str]) -> None:
    """A process of the same machine can be asked whether it lives."""
    joining = (
        "import sys, os; from medsynth_assets.engines.flow.sharing import Sharing\n"
        "Sharing(sys.argv[1], 'http://model', 8, print, lambda: 8).beat(); sys.stdout.flush(); os._exit(9)"
    )
    settings = Settings.model_validate(lake_store)
    killed = subprocess.run(
        [sys.executable, "-c", joining, settings.catalog], capture_output=True, text=True, check=False
    )
    assert killed.stdout == "Part(places=8, rate_frac=1.0)\n"
    again = Engine(settings, 8, random.Random(5))
    again.sharing.beat()
    assert again.part == Part(8, 1.0)


@pytest.mark.slow
@pytest.mark.asyncio
async def test_two_engines_keep_one_limit_and_all_is_answered(
    scripted_openai: ScriptedOpenAI, lake_store: dict[str, str]
) -> None:
    """The endpoint never sees more at once than is set, however many ask; and an engine alone has all of it."""
    scripted_openai.script = Script(latency_s=0.2)

    def engine() -> OpenAIEngine:
        settings = settings_for(scripted_openai.url, **lake_store, concurrency=6)
        return OpenAIEngine(settings, ledger_of(settings))

    async def asked(one: OpenAIEngine, ordinals: range) -> list[Any]:
        try:
            return await asyncio.gather(*(one.answer(note_request(ordinal)) for ordinal in ordinals))
        finally:
            await one.close()

    first, second = engine(), engine()
    begun = asyncio.create_task(asked(first, range(1, 121)))
    while not scripted_openai.chats:
        await asyncio.sleep(0.05)
    replies = [*await asked(second, range(201, 231)), *await begun]
    assert all(isinstance(reply, Reply) for reply in replies)
    assert len(scripted_openai.chats) == 150
    assert scripted_openai.most_in_flight == 6


@pytest.mark.slow
@pytest.mark.asyncio
async def test_an_engine_that_ends_without_a_place_does_not_hang(
    scripted_openai: ScriptedOpenAI, lake_store: dict[str, str]
) -> None:
    """Another has all places and keeps them: what waits for one gives up."""
    settings = settings_for(scripted_openai.url, **lake_store, concurrency=2)
    engine = OpenAIEngine(settings, ledger_of(settings))
    holder = Sharing(settings.catalog, engine._credentials.endpoint, 2, lambda _: None, lambda: 2)
    holder.beat()
    waiting = [asyncio.create_task(engine.answer(note_request(ordinal))) for ordinal in (1, 2, 3)]
    await asyncio.sleep(1)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(10):
        await engine.close()
    assert scripted_openai.chats == []
