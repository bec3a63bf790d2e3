"""The rules of flow/ at work in the engine, over real HTTP."""

import asyncio
import time

import pytest

from medsynth_assets.engines.contract import Reply
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.errors import EngineDown
from tests.engines.conftest import EngineAt, note_request
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import OK, Script, http, play

pytestmark = pytest.mark.asyncio


async def ask(engine: OpenAIEngine, first: int, count: int) -> list[Reply]:
    replies = await asyncio.gather(*(engine.answer(note_request(n)) for n in range(first, first + count)))
    assert all(isinstance(reply, Reply) for reply in replies)
    return replies


async def test_a_setting_takes_the_headers_away(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Who does not want a gateway to see record ids."""
    async with engine_at(scripted_openai.url, request_headers=False) as engine:
        await ask(engine, 1, 1)
    assert not [name for name in scripted_openai.chats[0]["headers"] if name.startswith("x-medsynth")]


async def test_the_most_urgent_request_is_sent_first(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """One place; of three that wait the lowest rank goes first."""
    scripted_openai.script = Script(latency_s=0.05)
    async with engine_at(scripted_openai.url, concurrency=1) as engine:
        ranks = {1: 0, 2: 3, 3: 1, 4: 2}
        await asyncio.gather(*(engine.answer(note_request(n)._replace(urgency=(rank, 0))) for n, rank in ranks.items()))
    sent = [chat["headers"]["x-medsynth-record"][-1] for chat in scripted_openai.chats]
    assert sent == ["1", "3", "4", "2"]


async def test_a_told_limit_is_kept_without_refusals(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Once an answer has told it: 25 requests at 600 a minute, hardly one of them refused, and none lost."""
    scripted_openai.script = Script(requests_per_minute=600, burst_s=1.0)
    async with engine_at(scripted_openai.url, concurrency=20) as engine:
        await ask(engine, 1, 1)
        began = time.monotonic()
        await ask(engine, 2, 25)
        assert (
            time.monotonic() - began >= 1.4
        )  # of 2.5 s, the second's worth that the bucket held and what may go ahead
    assert len(scripted_openai.chats) <= 26 + 5


async def test_an_untold_limit_loses_no_request(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Only 429s say that there is one."""
    scripted_openai.script = Script(requests_per_minute=600, burst_s=1.0, tells_limits=False)
    async with engine_at(scripted_openai.url, concurrency=20) as engine:
        await ask(engine, 1, 25)


async def test_a_set_limit_is_kept(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """300 a minute: twelve requests take two seconds, less what may go ahead."""
    async with engine_at(scripted_openai.url, requests_per_minute=300) as engine:
        await ask(engine, 1, 12)
    at = [chat["at"] for chat in scripted_openai.chats]
    assert max(at) - min(at) >= 1.5


async def test_a_server_that_is_overrun_gets_fewer_at_once(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """After a 429 the next round is smaller."""
    scripted_openai.script = Script(plays={"*": [http(429, headers={"retry-after-ms": "10"})]}, latency_s=0.05)
    async with engine_at(scripted_openai.url, concurrency=10) as engine:
        await ask(engine, 1, 1)
        assert engine._endpoint._places.limit == 7
        await ask(engine, 2, 30)
    assert scripted_openai.most_in_flight <= 9


async def test_an_answer_that_never_comes_is_given_up_by_what_others_take(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Twenty answers in no time: the next is waited for some seconds, not for the ten minutes that are set."""
    scripted_openai.script = Script(plays={"*": [*[OK] * 20, play("hang")]})
    async with engine_at(scripted_openai.url, request_timeout_s=600.0) as engine:
        await ask(engine, 1, 20)
        async with asyncio.timeout(60):
            (reply,) = await ask(engine, 21, 1)
    assert [call.status for call in reply.calls] == ["timeout", "ok"]


async def test_an_endpoint_that_was_down_is_asked_by_few_and_then_by_all(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Twenty failures in a row; then one request a second finds out when it is back, and nothing is lost."""
    async with engine_at(scripted_openai.url, concurrency=30) as engine:
        await ask(engine, 1, 1)
        scripted_openai.script = Script(rates=[(1.0, http(500, headers={"retry-after-ms": "1"}))])
        asked = asyncio.create_task(ask(engine, 2, 30))
        while not engine._endpoint._breaker.is_open:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)  # what was under way is back
        sent = len(scripted_openai.chats)
        await asyncio.sleep(1.2)
        assert len(scripted_openai.chats) - sent <= 2
        scripted_openai.script = Script()
        await asked


async def test_an_outage_that_lasts_ends_the_run(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Beyond MEDSYNTH_OUTAGE_S, with the setting named."""
    async with engine_at(scripted_openai.url, concurrency=30, outage_s=0.5, max_retries=100) as engine:
        await ask(engine, 1, 1)
        scripted_openai.script = Script(rates=[(1.0, http(500, headers={"retry-after-ms": "1"}))])
        with pytest.raises(EngineDown, match="MEDSYNTH_OUTAGE_S"):
            await ask(engine, 2, 30)


async def test_a_straggler_is_asked_again_where_that_is_wanted(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """With hedging on, long before any time-out."""
    scripted_openai.script = Script(plays={"*": [*[OK] * 20, play("hang")]}, latency_s=0.02)
    async with engine_at(scripted_openai.url, hedge_after=5.0) as engine:
        await ask(engine, 1, 20)
        (reply,) = await ask(engine, 21, 1)
    assert [call.status for call in reply.calls] == ["ok"]
    assert len(scripted_openai.chats) == 22
