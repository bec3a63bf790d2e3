"""Engine openai-batch against a scripted endpoint: parked, sent, landed, each answer paid once."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from medsynth_assets.agents.asking import ANSWERS
from medsynth_assets.engines.batch_engine import BatchEngine
from medsynth_assets.engines.batches import Landed
from medsynth_assets.engines.contract import Failed, Parked, Reply, Request
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.engines.stores import ledger_of
from medsynth_assets.errors import EngineDown
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.scenario import Scenario
from tests.engines.conftest import KEY, note_request, settings_for
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import BatchPlay, Play, Script, http, play

pytestmark = pytest.mark.asyncio
PRICE = {"input": 1000.0, "cached_input": 100.0, "output": 10.0}

# a process that is killed after the provider made the batch and before that was noted
_KILLED = """
import asyncio, json, os, sys
from tests.engines.conftest import note_request, settings_for
from tests.engines.test_batches import engine_for_test

async def killed(url, store):
    engine = engine_for_test(settings_for(url, **json.loads(store)))
    for ordinal in (1, 2):
        try:
            await engine.answer(note_request(ordinal))
        except Exception:
            pass
    claimed = engine.batches.parking.claim("submission-of-the-dead", 100, 10**6)
    if sys.argv[3] == "created":
        await engine.batches._create(claimed)
    os._exit(9)

asyncio.run(killed(sys.argv[1], sys.argv[2]))
"""

BatchEngineAt = Callable[..., contextlib.AbstractAsyncContextManager[BatchEngine]]


def engine_for_test(settings: Any) -> BatchEngine:
    return BatchEngine(settings, ledger_of(settings))


def at_once_for(url: str, store: dict[str, str]) -> OpenAIEngine:
    settings = settings_for(url, **store)
    return OpenAIEngine(settings, ledger_of(settings))


@pytest.fixture
def batch_at(scripted_openai: ScriptedOpenAI, any_store: dict[str, str]) -> BatchEngineAt:
    """An engine at the endpoint; all of one test share a warehouse's ledger."""

    @contextlib.asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[BatchEngine]:
        engine = engine_for_test(settings_for(scripted_openai.url, **any_store, **settings))
        try:
            yield engine
        finally:
            await engine.close()

    return opened


async def ask(engine: OpenAIEngine, *requests: Request[Any]) -> list[Reply[Any] | Failed | None]:
    """What is answered; None for what is parked."""

    async def one(request: Request[Any]) -> Reply[Any] | Failed | None:
        try:
            return await engine.answer(request)
        except Parked:
            return None

    return [await one(request) for request in requests]


async def land(engine: BatchEngine) -> list[Landed]:
    """Send what waits, and land what has ended."""
    await engine.batches.submit()
    return [await engine.batches.land(batch, ANSWERS) for batch in await engine.batches.poll()]


async def ask_and_land(engine: BatchEngine, *requests: Request[Any]) -> list[Landed]:
    assert await ask(engine, *requests) == [None] * len(requests)
    return await land(engine)


async def test_a_parked_request_is_answered_when_its_batch_is_in_at_half_the_price(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """Nothing is sent by itself; the batch's answer is a call like any other, at the batch price and named as such."""
    async with batch_at(prices={"gpt-4o": PRICE}) as engine:
        (landed,) = await ask_and_land(engine, note_request(1), note_request(2))
        first, second = await ask(engine, note_request(1), note_request(2))
    async with batch_at(prices={"gpt-4o": PRICE}) as another:
        (again,) = await ask(another, note_request(1))
    assert scripted_openai.chats == []
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert again == first
    (call,) = first.calls
    full = (call.input_tokens * 1000 + call.output_tokens * 10) / 1e6
    assert call.cost_usd == pytest.approx(full / 2)
    assert (call.engine, call.status, call.latency_ms, engine.name) == ("openai-batch", "ok", 7000.0, "openai")
    assert landed.statuses == {"ok": 2}
    assert landed.cost_usd == pytest.approx(2 * call.cost_usd)
    assert list(scripted_openai.batches.answered.values()) == [1, 1]


async def test_a_request_in_a_batch_is_what_would_have_been_sent_at_once(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt, any_store: dict[str, str]
) -> None:
    """Same body, so an answer of one engine serves the other: switching to or from batches makes nothing stale."""
    async with batch_at() as engine:
        await ask_and_land(engine, note_request(1))
        at_once = at_once_for(scripted_openai.url, any_store)
        (reused,) = await ask(at_once, note_request(1))
        await ask(at_once, note_request(2))
        await at_once.close()
        (known,) = await ask(engine, note_request(2))
    assert isinstance(reused, Reply)
    assert isinstance(known, Reply)
    (in_batch,) = [line["body"] for line in scripted_openai.batches.requests_of("batch_1")]
    (sent,) = [chat["body"] for chat in scripted_openai.chats]
    assert {**in_batch, "seed": 0} == {**sent, "seed": 0}


async def test_a_request_is_parked_once_and_sent_once(scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt) -> None:
    """Asked by two engines and again while its batch is out, it is in one batch."""
    scripted_openai.script = Script(batches=[BatchPlay(after_polls=1)])
    async with batch_at() as engine, batch_at() as other:
        await ask(engine, note_request(1))
        await ask(other, note_request(1))
        assert await land(engine) == []
        await ask(other, note_request(1))
        assert len(await land(other)) == 1
        assert isinstance((await ask(engine, note_request(1)))[0], Reply)
    assert len(scripted_openai.batches.batches) == 1
    assert list(scripted_openai.batches.answered.values()) == [1]


async def test_a_malformed_answer_has_its_repair_in_the_next_batch(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """The repair goes on from the answer, as it does at once."""
    scripted_openai.script = Script(plays={"*": [play("malformed")]})
    async with batch_at() as engine:
        (first,) = await ask_and_land(engine, note_request())
        (second,) = await ask_and_land(engine, note_request())
        (reply,) = await ask(engine, note_request())
    assert (first.statuses, second.statuses) == ({"malformed": 1}, {"ok": 1})
    assert isinstance(reply, Reply)
    assert [(call.status, call.attempt) for call in reply.calls] == [("malformed", 1), ("ok", 2)]
    (repair,) = scripted_openai.batches.requests_of("batch_2")
    assert "plan: Field required" in repair["body"]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("chosen", "reason", "paid"),
    [
        pytest.param(play("refusal"), "refusal", 1, id="refused"),
        pytest.param(play("length"), "truncated", 1, id="cut-off"),
        pytest.param(play("empty"), "empty", 1, id="empty"),
        pytest.param(http(400, "too long"), "http_400", 0, id="bad-request"),
        pytest.param(http(400, code="content_filter"), "refusal", 0, id="prompt-filtered"),
    ],
)
async def test_one_that_fails_leaves_the_others_of_its_batch_alone(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt, chosen: Play, reason: str, paid: int
) -> None:
    """Its slot fails with the reason and its call; the next try is a new request in the next batch."""
    scripted_openai.script = Script(plays={"*": [chosen]})
    async with batch_at() as engine:
        (landed,) = await ask_and_land(engine, note_request(1), note_request(2))
        failed, good = await ask(engine, note_request(1), note_request(2))
        assert isinstance(failed, Failed)
        assert isinstance(good, Reply)
        assert (failed.reason, [call.status for call in failed.calls]) == (reason, [reason])
        await ask_and_land(engine, note_request(1, edition=1))
        (again,) = await ask(engine, note_request(1, edition=1))
    assert (sum(landed.statuses.values()), landed.refused) == (1 + paid, 1 - paid)
    assert isinstance(again, Reply)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(batches=[BatchPlay(ends="expired", answered_frac=0.5)]), id="expired-half-way"),
        pytest.param(Script(plays={"*": [play("ok"), http(500)]}), id="one-server-error"),
        pytest.param(Script(plays={"*": [play("ok"), http(429)]}), id="one-rate-limited"),
        pytest.param(Script(plays={"*": [play("ok"), play("hang")]}), id="one-unanswered"),
    ],
)
async def test_what_a_batch_did_not_serve_goes_into_the_next(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt, script: Script
) -> None:
    """The answered half is kept and not asked again."""
    scripted_openai.script = script.model_copy(deep=True)  # a script remembers where it is
    async with batch_at() as engine:
        (landed,) = await ask_and_land(engine, note_request(1), note_request(2))
        assert (landed.statuses, landed.requeued) == ({"ok": 1}, 1)
        await ask_and_land(engine, note_request(2))
        answers = await ask(engine, note_request(1), note_request(2))
    assert all(isinstance(answer, Reply) for answer in answers)
    assert sorted(scripted_openai.batches.answered.values()) == [1, 1]
    assert len(scripted_openai.batches.requests_of("batch_2")) == 1


async def test_what_no_batch_serves_is_given_up_with_the_last_reason(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """After max_retries + 1 batches its slot goes to quarantine, and says why."""
    scripted_openai.script = Script(rates=[(1.0, http(503, "overloaded"))])
    async with batch_at(max_retries=1) as engine:
        for _ in range(2):
            await ask_and_land(engine, note_request())
        (failed,) = await ask(engine, note_request())
    assert isinstance(failed, Failed)
    assert failed.reason == "unavailable"
    assert "2 batches" in failed.detail
    assert "overloaded" in failed.detail


async def test_a_batch_that_fails_validation_says_why_and_its_requests_wait_again(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """A full queue at the provider is no fault of the requests."""
    scripted_openai.script = Script(batches=[BatchPlay(ends="failed", error="token_limit_exceeded")])
    async with batch_at() as engine:
        (landed,) = await ask_and_land(engine, note_request())
        assert "token_limit_exceeded" in landed.batch.told
        assert landed.requeued == engine.batches.parking.waiting_count() == 1
        await ask_and_land(engine, note_request())
        assert isinstance((await ask(engine, note_request()))[0], Reply)


async def test_a_batch_holds_one_model_and_no_more_requests_than_allowed(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """Five notes and a scenario of another model, two a batch: four batches, all accepted by the provider."""
    scenario = note_request(1, Agent.SCENARIO_PROVIDER, Scenario)
    async with batch_at(batch_requests=2, models={"scenario_provider": "o4-mini"}) as engine:
        landed = await ask_and_land(engine, *map(note_request, range(1, 4)), scenario, *map(note_request, range(4, 6)))
    assert [one.batch.request_count for one in landed] == [2, 2, 1, 1]
    assert [one.batch.provider_status for one in landed] == ["completed"] * 4
    assert sum(sum(one.statuses.values()) for one in landed) == 6


async def test_a_model_that_wants_another_form_gets_it_in_the_next_batch(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """What a batch taught is remembered by later processes; the refusals cost nothing and quarantine nothing."""
    scripted_openai.script = Script(refuses=["max_tokens", "temperature"])
    for _ in range(2):
        async with batch_at() as engine:
            await ask_and_land(engine, note_request(1), note_request(2))
    async with batch_at() as engine:
        await ask_and_land(engine, note_request(1), note_request(2), note_request(3))
        answers = await ask(engine, *map(note_request, (1, 2, 3)))
    assert all(isinstance(answer, Reply) for answer in answers)
    assert set(scripted_openai.batches.answered.values()) == {1}


async def test_a_cancelled_batch_keeps_what_was_answered_and_drops_the_rest(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """What was paid for lands; the rest is sent again only when it is asked for again."""
    scripted_openai.script = Script(batches=[BatchPlay(ends="never", answered_frac=0.5)])
    async with batch_at() as engine:
        assert await ask_and_land(engine, note_request(1), note_request(2)) == []
        (out,) = engine.batches.parking.batches("open")
        await engine.batches.cancel(out)
        (landed,) = await land(engine)
        assert (landed.statuses, landed.requeued, landed.batch.provider_status) == ({"ok": 1}, 0, "cancelled")
        assert await land(engine) == []
        good, dropped = await ask(engine, note_request(1), note_request(2))
        assert isinstance(good, Reply)
        assert dropped is None
        await land(engine)
        assert isinstance((await ask(engine, note_request(2)))[0], Reply)
    assert sorted(scripted_openai.batches.answered.values()) == [1, 1]


async def test_a_batch_whose_creation_was_lost_on_the_way_is_found_and_not_made_twice(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """The provider made it and its answer did not arrive: the provider's list knows it by our name."""
    scripted_openai.batches.drops_next_creation = True
    async with batch_at() as engine:
        (landed,) = await ask_and_land(engine, note_request())
    assert landed.statuses == {"ok": 1}
    assert len(scripted_openai.batches.batches) == 1


@pytest.mark.parametrize("moment", ["claimed", "created"])
async def test_a_submission_of_a_killed_process_is_finished_by_the_next(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt, any_store: dict[str, str], moment: str
) -> None:
    """Killed before or after the provider made the batch: afterwards there is one batch, and each answer is paid once."""
    root = Path(__file__).parents[2]
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _KILLED, scripted_openai.url, json.dumps(any_store), moment],
        cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False, timeout=120,
    )  # fmt: skip
    assert killed.returncode == 9
    async with batch_at() as engine:
        (landed,) = await land(engine)
        answers = await ask(engine, note_request(1), note_request(2))
    assert landed.batch.submission_id == "submission-of-the-dead"
    assert all(isinstance(answer, Reply) for answer in answers)
    assert len(scripted_openai.batches.batches) == 1
    assert list(scripted_openai.batches.answered.values()) == [1, 1]


async def test_a_landing_that_was_cut_short_is_finished_by_the_next(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """Half of the answers are in the ledger, the batch is still open: landed again, each is there once."""
    async with batch_at() as engine:
        await ask(engine, note_request(1), note_request(2))
        await engine.batches.submit()
        first, _ = engine.batches.parking.requests_of(engine.batches.parking.batches()[0].submission_id)
        engine.batches.parking.land([first.call._replace(answer="{}", status="ok")])
        (landed,) = await land(engine)
        assert landed.statuses == {"ok": 1}
        assert engine.batches.parking.batches("open", "ended") == []


async def test_the_other_engine_does_not_pay_for_what_is_out_in_a_batch(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt, any_store: dict[str, str]
) -> None:
    """A request that is out is parked for engine openai, too; one that only waits is taken out of the park and sent."""
    scripted_openai.script = Script(batches=[BatchPlay(after_polls=1)])
    at_once = at_once_for(scripted_openai.url, any_store)
    async with batch_at() as engine:
        await ask(engine, note_request(1))
        await engine.batches.submit()
        await ask(engine, note_request(2))
        out, waiting = await ask(at_once, note_request(1), note_request(2))
        await land(engine)
        await land(engine)
    await at_once.close()
    assert out is None
    assert isinstance(waiting, Reply)
    assert len(scripted_openai.chats) == 1
    assert len(scripted_openai.batches.answered) == 1


async def test_an_endpoint_without_batches_is_told_in_one_line_and_keeps_what_waits(
    scripted_openai: ScriptedOpenAI, batch_at: BatchEngineAt
) -> None:
    """Neither the key nor a traceback is shown; the same process sends its requests when the endpoint is there."""
    url = scripted_openai.url.removesuffix("/v1") + "/elsewhere"
    async with batch_at(OPENAI_BASE_URL=url, max_retries=0) as engine:
        await ask(engine, note_request())
        with pytest.raises(EngineDown, match="batch") as down:
            await engine.batches.submit()
    assert KEY not in str(down.value)
    assert "\n" not in str(down.value)
    async with batch_at() as engine:
        await land(engine)
        assert isinstance((await ask(engine, note_request()))[0], Reply)
