"""The OpenAI engine against a scripted endpoint: real HTTP, nothing of the client patched."""

import asyncio
import datetime as dt
import email.utils
import json
import time
from typing import Any

import pytest

from medsynth_assets.engines.contract import Failed, Reply
from medsynth_assets.errors import ConfigError, EngineDown
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.records.verdict import Verdict
from tests.engines.conftest import KEY, EngineAt, note_request
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Play, Script, http, play
from tests.scripted_openai.serving import listening

pytestmark = pytest.mark.asyncio


def plays(*listed: Play) -> Script:
    return Script(plays={"*": list(listed)})


@pytest.mark.parametrize(
    ("agent", "answer_type"),
    [
        (Agent.SCENARIO_PROVIDER, Scenario),
        (Agent.SCENARIO_JUDGE, Verdict),
        (Agent.NOTE_WRITER, Note),
        (Agent.NOTE_POLISHER, Note),
        (Agent.DIALOGUE_GENERATOR, Dialogue),
        (Agent.DIALOGUE_POLISHER, Dialogue),
    ],
)
async def test_every_agent_gets_its_typed_answer(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt, agent: Agent, answer_type: type[Any]
) -> None:
    """The answer has the type asked for, and one call says so."""
    async with engine_at(scripted_openai.url) as engine:
        reply = await engine.answer(note_request(agent=agent, answer_type=answer_type))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, answer_type)
    assert [(call.status, call.attempt, call.agent) for call in reply.calls] == [("ok", 1, agent)]


async def test_a_request_carries_schema_seed_sampling_and_who_it_is_for(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Everything that decides the answer is in the request, with the record and agent in its headers."""
    async with engine_at(scripted_openai.url) as engine:
        await engine.answer(note_request(ordinal=3))
    sent = scripted_openai.chats[0]
    body, headers = sent["body"], sent["headers"]
    assert (body["model"], body["seed"], body["temperature"], body["max_tokens"]) == (
        "gpt-4o",
        1003,
        0.9,
        8000,
    )
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert (headers["x-medsynth-record"], headers["x-medsynth-agent"]) == ("E11.9/003", "note_writer")


async def test_an_agent_may_have_a_model_of_its_own(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """The model set for an agent is asked; the others fall back to the common one."""
    async with engine_at(scripted_openai.url, models={"note_writer": "gpt-4o-mini"}) as engine:
        reply = await engine.answer(note_request())
        assert engine.model_for(Agent.NOTE_POLISHER) == "gpt-4o"
    assert scripted_openai.chats[0]["body"]["model"] == reply.calls[0].model == "gpt-4o-mini"


async def test_a_malformed_answer_is_repaired_with_its_errors(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """The second request goes on with the first answer and what was wrong with it."""
    scripted_openai.script = plays(play("malformed"))
    async with engine_at(scripted_openai.url) as engine:
        reply = await engine.answer(note_request())
    assert isinstance(reply, Reply)
    assert [(call.status, call.attempt) for call in reply.calls] == [("malformed", 1), ("ok", 2)]
    *_, answered, corrected = scripted_openai.chats[1]["body"]["messages"]
    assert answered == {"role": "assistant", "content": reply.calls[0].answer}
    assert "- plan: Field required" in corrected["content"]
    assert reply.calls[1].messages == scripted_openai.chats[1]["body"]["messages"]


async def test_an_answer_in_a_code_fence_is_read(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Models without structured output wrap JSON in a fence; that is no reason to pay for a repair."""
    scripted_openai.script = plays(play("fenced"))
    async with engine_at(scripted_openai.url) as engine:
        reply = await engine.answer(note_request())
    assert isinstance(reply, Reply)
    assert len(reply.calls) == 1


@pytest.mark.parametrize(
    ("listed", "reason", "sent"),
    [
        pytest.param([play("malformed")] * 2, "malformed", 2, id="malformed-twice"),
        pytest.param([play("length")], "truncated", 1, id="truncated-though-it-parses"),
        pytest.param([play("refusal")], "refusal", 1, id="refused"),
        pytest.param([play("filtered")], "refusal", 1, id="content-filter-though-it-parses"),
        pytest.param([http(400, code="content_filter")], "refusal", 1, id="prompt-filtered"),
        pytest.param([play("empty")], "empty", 1, id="empty"),
        pytest.param([http(400, "context too long")], "http_400", 1, id="bad-request-is-not-retried"),
        pytest.param([play("malformed"), play("length")], "truncated", 2, id="repair-truncated"),
    ],
)
async def test_an_unusable_answer_fails_with_its_reason(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt, listed: list[Play], reason: str, sent: int
) -> None:
    """No record is made of it, every request sent has its call, and nothing more is sent."""
    scripted_openai.script = plays(*listed)
    async with engine_at(scripted_openai.url) as engine:
        failed = await engine.answer(note_request())
    assert isinstance(failed, Failed)
    assert failed.reason == reason
    assert failed.detail
    assert len(failed.calls) == len(scripted_openai.chats) == sent


@pytest.mark.parametrize("header", ["retry-after", "retry-after-ms", "date"])
async def test_a_429_is_retried_no_sooner_than_asked(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt, header: str
) -> None:
    """Retry-After counts in seconds, in milliseconds, and as a date."""
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)  # a date has whole seconds: at least 1 from now
    said = {
        "retry-after": "1",
        "retry-after-ms": "1000",
        "date": email.utils.format_datetime(soon, usegmt=True),
    }
    name = "retry-after" if header == "date" else header
    scripted_openai.script = plays(http(429, headers={name: said[header]}))
    async with engine_at(scripted_openai.url) as engine:
        reply = await engine.answer(note_request())
    assert [call.status for call in reply.calls] == ["http_429", "ok"]
    first, second = (chat["at"] for chat in scripted_openai.chats)
    assert second - first >= (0.9 if header == "date" else 1.0)


async def test_server_errors_are_retried_until_it_answers(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Two faults, then the answer: three calls, of which the good one is last."""
    scripted_openai.script = plays(http(500), play("no_completion"))
    async with engine_at(scripted_openai.url) as engine:
        reply = await engine.answer(note_request())
    assert isinstance(reply, Reply)
    assert [(call.status, call.attempt) for call in reply.calls] == [
        ("http_500", 1),
        ("bad_body", 2),
        ("ok", 3),
    ]


async def test_faults_that_stay_fail_the_request_not_the_run(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """An endpoint that answers, if only with errors, leaves the slot to quarantine."""
    scripted_openai.script = plays(http(503), http(503))
    async with engine_at(scripted_openai.url, max_retries=1) as engine:
        failed = await engine.answer(note_request())
        after = await engine.answer(note_request(ordinal=2))
    assert isinstance(failed, Failed)
    assert (failed.reason, len(failed.calls)) == ("unavailable", 2)
    assert isinstance(after, Reply)


async def test_ten_lost_requests_in_a_row_bring_the_engine_down(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Nine failures are slots' own misfortune; the tenth without a success between is the endpoint's."""
    scripted_openai.script = Script(rates=[(1.0, http(500))])
    async with engine_at(scripted_openai.url, max_retries=0) as engine:
        for ordinal in range(1, 10):
            assert isinstance(await engine.answer(note_request(ordinal)), Failed)
        with pytest.raises(EngineDown, match="OPENAI_BASE_URL"):
            await engine.answer(note_request(10))


async def test_a_request_that_hangs_is_given_up_and_tried_again(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """The time limit is of the whole request; its call says timeout."""
    scripted_openai.script = plays(play("hang"))
    async with engine_at(scripted_openai.url, request_timeout_s=0.4) as engine:
        reply = await engine.answer(note_request())
    assert [call.status for call in reply.calls] == ["timeout", "ok"]
    assert reply.calls[0].latency_ms == pytest.approx(400, abs=250)


async def test_an_endpoint_that_never_answered_brings_the_engine_down(engine_at: EngineAt) -> None:
    """Neither preflight nor a request goes on where nobody listens; the line names the setting."""
    socket, url = listening()
    socket.close()
    async with engine_at(url, max_retries=1) as engine:
        with pytest.raises(EngineDown, match="OPENAI_BASE_URL"):
            await engine.preflight()
        with pytest.raises(EngineDown, match="OPENAI_BASE_URL"):
            await engine.answer(note_request())


@pytest.mark.parametrize(
    ("script", "named"),
    [
        pytest.param(Script(key="another"), "OPENAI_API_KEY", id="wrong-key"),
        pytest.param(plays(http(403)), "OPENAI_API_KEY", id="forbidden"),
        pytest.param(Script(knows=["gpt-5"]), "MEDSYNTH_MODELS__NOTE_WRITER", id="unknown-model"),
        pytest.param(plays(http(429, code="insufficient_quota")), "credit", id="quota-spent"),
    ],
)
async def test_what_no_retry_can_cure_brings_the_engine_down_at_once(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt, script: Script, named: str
) -> None:
    """One request is enough to know, and the line names what to set, without the key."""
    scripted_openai.script = script
    async with engine_at(scripted_openai.url) as engine:
        with pytest.raises(EngineDown, match=named) as down:
            await engine.answer(note_request())
    assert len(scripted_openai.chats) == 1
    assert KEY not in str(down.value)
    assert down.value.__suppress_context__
    assert "\n" not in str(down.value)


async def test_preflight_passes_where_the_endpoint_answers(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """The list of models is enough, and so is a 404 for it: many servers have none."""
    async with engine_at(scripted_openai.url) as engine:
        await engine.preflight()
    async with engine_at(scripted_openai.url.removesuffix("/v1") + "/elsewhere") as engine:
        await engine.preflight()


async def test_preflight_stops_at_a_refused_key(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Before any work, and without repeating the key that the server repeats."""
    scripted_openai.script = Script(key="another")
    async with engine_at(scripted_openai.url) as engine:
        with pytest.raises(EngineDown, match=r"set OPENAI_API_KEY") as down:
            await engine.preflight()
    assert KEY not in str(down.value)


@pytest.mark.parametrize(
    ("url", "key", "wanted"),
    [
        pytest.param("https://api.example.org/v1", None, "set OPENAI_API_KEY, or use --engine offline", id="none"),
        pytest.param("https://api.example.org/v1", "  ", "set OPENAI_API_KEY, or use --engine offline", id="blank"),
        pytest.param("https://api.example.org/v1", "sk-\u2026", "copy it again", id="not-a-key"),
    ],
)
async def test_a_key_that_is_missing_is_asked_for(engine_at: EngineAt, url: str, key: str | None, wanted: str) -> None:
    """Nothing is sent; the line says what to set or what needs no key."""
    async with engine_at(url, OPENAI_API_KEY=key) as engine:
        with pytest.raises(ConfigError, match=wanted):
            await engine.preflight()


async def test_a_local_endpoint_needs_no_key(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """A server on this machine gets a placeholder."""
    async with engine_at(scripted_openai.url, OPENAI_API_KEY=None) as engine:
        await engine.preflight()
        assert isinstance(await engine.answer(note_request()), Reply)


async def test_the_key_is_masked_in_failures_and_calls(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """A server that repeats the key in its errors does not bring it into the warehouse."""
    scripted_openai.script = plays(http(400, f"who is {KEY}?"))
    async with engine_at(scripted_openai.url) as engine:
        failed = await engine.answer(note_request())
    assert isinstance(failed, Failed)
    assert KEY not in repr(failed)
    assert "[OPENAI_API_KEY]" in failed.calls[0].error


async def test_tokens_and_cost_are_on_the_call(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """Counts are the server's; cached input costs its own price."""
    scripted_openai.script = Script(cached_frac=0.5)
    price = {"input": 1000.0, "cached_input": 100.0, "output": 10.0}
    async with engine_at(scripted_openai.url, prices={"gpt-4o": price}) as engine:
        (call,) = (await engine.answer(note_request())).calls
    sent = sum(len(message["content"]) for message in call.messages or []) // 4
    assert (call.input_tokens, call.cached_tokens) == (sent, sent // 2)
    assert call.output_tokens == len(call.answer or "") // 4
    uncached = sent - sent // 2
    assert call.cost_usd * 1e6 == pytest.approx(uncached * 1000 + sent // 2 * 100 + call.output_tokens * 10)


async def test_an_answer_in_the_ledger_is_neither_sent_nor_paid_again(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """A second engine gives the same answer, as the same call; another seed is another request."""
    async with engine_at(scripted_openai.url) as engine:
        first = await engine.answer(note_request())
    async with engine_at(scripted_openai.url) as engine:
        second = await engine.answer(note_request())
        await engine.answer(note_request()._replace(seed=5))
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert second.answer == first.answer
    assert second.calls == (first.calls[0]._replace(from_ledger=True),)
    assert len(scripted_openai.chats) == 2


async def test_a_repaired_answer_is_not_paid_again(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """The malformed answer and its repair are both in the ledger."""
    scripted_openai.script = plays(play("malformed"))
    for _ in range(2):
        async with engine_at(scripted_openai.url) as engine:
            reply = await engine.answer(note_request())
    assert isinstance(reply, Reply)
    assert [call.from_ledger for call in reply.calls] == [True, True]
    assert len(scripted_openai.chats) == 2


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param([play("length")], id="truncated"),
        pytest.param([play("refusal")], id="refused"),
        pytest.param([play("malformed")] * 2, id="malformed-twice"),
        pytest.param([play("malformed")] * 3, id="malformed-twice-and-again"),
    ],
)
async def test_an_unusable_answer_is_paid_once_until_its_quarantine_is_written(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt, listed: list[Play]
) -> None:
    """A run killed before it could write comes to the same failure, unpaid; the next edition is asked anew."""
    scripted_openai.script = plays(*listed)
    async with engine_at(scripted_openai.url) as engine:
        first = await engine.answer(note_request())
    sent = len(scripted_openai.chats)
    async with engine_at(scripted_openai.url) as engine:
        second = await engine.answer(note_request())
        assert isinstance(first, Failed)
        assert second == first._replace(calls=tuple(call._replace(from_ledger=True) for call in first.calls))
        assert len(scripted_openai.chats) == sent
        again = await engine.answer(note_request(edition=1))
    assert isinstance(again, Reply)
    assert not any(call.from_ledger for call in again.calls)


async def test_a_retry_that_was_lost_leaves_the_repair_for_the_rerun(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """A run that ends between an answer and its repair pays for the repair only."""
    scripted_openai.script = plays(play("malformed"), http(400))
    async with engine_at(scripted_openai.url) as engine:
        assert isinstance(await engine.answer(note_request()), Failed)
        again = await engine.answer(note_request())
    assert [(call.status, call.from_ledger) for call in again.calls] == [("malformed", True), ("ok", False)]


async def test_no_more_requests_are_under_way_than_allowed(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Twelve at once, three allowed: the server never sees a fourth, and does see three."""
    scripted_openai.script = Script(latency_s=0.05)
    async with engine_at(scripted_openai.url, concurrency=3) as engine:
        await asyncio.gather(*(engine.answer(note_request(ordinal)) for ordinal in range(1, 13)))
    assert scripted_openai.most_in_flight == 3
    assert len(scripted_openai.chats) == 12


async def test_a_run_that_ends_keeps_the_answers_under_way_and_sends_nothing_more(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Cancelled with two requests sent, four waiting for a place and one for a retry: two are answered, kept and reused."""
    scripted_openai.script = Script(plays={"*": [http(429, headers={"retry-after": "60"})]}, latency_s=0.3)
    async with engine_at(scripted_openai.url, concurrency=2) as engine:
        asked = [asyncio.create_task(engine.answer(note_request(ordinal))) for ordinal in range(1, 8)]
        while len(scripted_openai.chats) < 4:  # the first two are back, two more are under way
            await asyncio.sleep(0.01)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    assert len(scripted_openai.chats) == 4
    scripted_openai.script = Script()
    async with engine_at(scripted_openai.url) as engine:
        replies = [await engine.answer(note_request(ordinal)) for ordinal in range(1, 8)]
    assert sum(reply.calls[-1].from_ledger for reply in replies) == 3
    assert len(scripted_openai.chats) == 4 + 4


async def test_waiting_for_a_retry_holds_no_place(scripted_openai: ScriptedOpenAI, engine_at: EngineAt) -> None:
    """While one request waits out a 429, the only place serves the others."""
    scripted_openai.script = plays(http(429, headers={"retry-after": "1"}))
    began = time.monotonic()
    async with engine_at(scripted_openai.url, concurrency=1) as engine:
        waiting = asyncio.create_task(engine.answer(note_request(1)))
        await asyncio.sleep(0.3)
        await engine.answer(note_request(2))
        assert time.monotonic() - began < 1.0
        assert isinstance(await waiting, Reply)


@pytest.mark.parametrize(
    ("refuses", "mode"),
    [(["json_schema"], "json_object"), (["json_schema", "json_object"], "text")],
)
async def test_an_endpoint_without_schemas_is_told_the_schema_in_words(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt, refuses: list[str], mode: str
) -> None:
    """The engine steps down once and remembers it; the call says which mode was used, the recipe does not."""
    scripted_openai.script = Script(refuses=refuses)
    async with engine_at(scripted_openai.url) as engine:
        first = await engine.answer(note_request(1))
        second = await engine.answer(note_request(2))
        asked_for = engine.parameters_for(Agent.NOTE_WRITER)["structured_output"]
    assert isinstance(first, Reply)
    assert [call.status for call in first.calls] == ["http_400"] * len(refuses) + ["ok"]
    assert [call.parameters["structured_output"] for call in second.calls] == [mode]
    (system, _) = scripted_openai.chats[-1]["body"]["messages"]
    assert system["content"].startswith("You write notes.")
    assert json.dumps(Note.model_json_schema(), separators=(",", ":")) in system["content"]
    assert asked_for == "json_schema"


async def test_a_reasoning_model_gets_the_parameters_it_takes(
    scripted_openai: ScriptedOpenAI, engine_at: EngineAt
) -> None:
    """Another name for the token limit, and no temperature; the call shows what was sent."""
    scripted_openai.script = Script(refuses=["max_tokens", "temperature"])
    async with engine_at(scripted_openai.url) as engine:
        reply = await engine.answer(note_request())
    body = scripted_openai.chats[-1]["body"]
    assert body["max_completion_tokens"] == 8000
    assert "temperature" not in body
    assert reply.calls[-1].parameters == {
        "seed": 1001,
        "max_output_tokens": 8000,
        "structured_output": "json_schema",
    }


@pytest.mark.parametrize("answer_type", [Scenario, Verdict, Note, Dialogue])
def test_answer_types_are_strict_schemas_as_they_stand(answer_type: type[Any]) -> None:
    """The package `openai` would change nothing of them, so that it need not be imported for a run."""
    import openai

    assert openai.pydantic_function_tool(answer_type)["function"]["parameters"] == answer_type.model_json_schema()
