"""Sending: one request over HTTP until it has a completion, with every exchange put down on the way.

Put here: the client, the limit on requests under way, and retries. Not here: what an answer is worth
(answers.py), what was answered before (ledger.py), and what to make of a fault that stayed (giving_up.py).
"""

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import tenacity
from pydantic import BaseModel

from medsynth_assets.engines.answers import Completion, read_completion
from medsynth_assets.engines.contract import Message
from medsynth_assets.engines.credentials import Credentials
from medsynth_assets.engines.dialect import Dialect
from medsynth_assets.engines.faults import Fault, fault_of
from medsynth_assets.engines.giving_up import GivingUp
from medsynth_assets.engines.retrying import PoliteWait
from medsynth_assets.errors import EngineDown
from medsynth_assets.records.artifact import Agent
from medsynth_assets.settings import Settings

_PREFLIGHT_TIMEOUT_S = 15.0


class Outgoing(NamedTuple):
    """What to ask of which model."""

    agent: Agent
    record_id: str
    model: str
    temperature: float
    seed: int
    messages: list[Message]
    answer_type: type[BaseModel]


class Exchange(NamedTuple):
    """One HTTP request: what was sent, when, and how long it took."""

    messages: list[Message]
    parameters: dict[str, Any]
    started_at: dt.datetime
    latency_ms: float


Lost = Callable[[Exchange, Fault], None]


class Endpoint:
    """One OpenAI-compatible endpoint, used from one event loop."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        import openai  # here, because it costs most of a second

        self._settings = settings
        # As many kept connections as requests: the default of 100 would connect anew for every one above it.
        # The type comes from openai, which is built on httpx in some versions and on httpx2 in others.
        limits = type(openai.DEFAULT_CONNECTION_LIMITS)(
            max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency
        )
        self._client = openai.AsyncOpenAI(
            api_key=credentials.key,
            base_url=settings.openai_base_url,
            timeout=settings.request_timeout_s,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(limits=limits),
        )
        self._under_way = asyncio.Semaphore(settings.concurrency)
        self._winding_down = asyncio.Event()
        self._dialects: dict[tuple[str, Dialect], Dialect] = {}  # by model and the form that was tried first
        self._giving_up = GivingUp(credentials)

    async def check(self) -> None:
        """One GET of the models; a 404 is an answer too.

        Raises EngineDown where nothing answers, or the key is refused.
        """
        try:
            async with asyncio.timeout(_PREFLIGHT_TIMEOUT_S):
                await self._client.models.with_raw_response.list()
        except Exception as error:
            fault = fault_of(error)
            if fault.http_status is None:
                raise self._giving_up.unreachable(fault) from None
            if fault.http_status == 401:  # not 403: a key may be allowed to ask models without listing them
                raise self._giving_up.refused_key(fault) from None
        self._giving_up.has_answered = True

    async def complete(self, outgoing: Outgoing, lost: Lost) -> tuple[Exchange, Completion]:
        """The exchange that brought a completion, and that; the ones before it go to `lost` as they fail.

        Raises AnswerError where this request cannot be answered, EngineDown where none can.
        """
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self._settings.max_retries + 1),
            wait=PoliteWait(),
            sleep=self._pause,
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, Fault) and error.passing),
            reraise=True,
        )
        try:
            completed: tuple[Exchange, Completion] = await retrying(self._in_its_dialect, outgoing, lost)
        except Fault as fault:
            # `from None`: the causes repeat headers and bodies, where the key may be
            raise self._giving_up.verdict(outgoing.agent, outgoing.model, fault) from None
        self._giving_up.lost_in_a_row = 0
        return completed

    def wind_down(self) -> None:
        """From now on nothing is sent: a request under way is still answered, one that waits to be sent gives up."""
        self._winding_down.set()

    async def close(self) -> None:
        await self._client.close()

    async def _pause(self, seconds: float) -> None:
        """Between tries; ends in EngineDown where the run ends meanwhile."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._winding_down.wait(), seconds)
        self._go_on()

    def _go_on(self) -> None:
        if self._winding_down.is_set():
            raise EngineDown("the run ended before this request was sent")

    async def _in_its_dialect(self, outgoing: Outgoing, lost: Lost) -> tuple[Exchange, Completion]:
        """One exchange, put again at once in another form as often as the endpoint asks for one."""
        fullest = Dialect.fullest(outgoing.answer_type)
        known = (outgoing.model, fullest)
        while True:
            dialect = self._dialects.get(known, fullest)
            exchange, outcome = await self._exchange(outgoing, dialect)
            if isinstance(outcome, Completion):
                return exchange, outcome
            lost(exchange, outcome)
            adapted = dialect.adapted_to(outcome)
            if adapted is None:
                raise outcome
            # otherwise another request has learned it meanwhile
            if self._dialects.get(known, fullest) == dialect:
                self._dialects[known] = adapted

    async def _exchange(self, outgoing: Outgoing, dialect: Dialect) -> tuple[Exchange, Completion | Fault]:
        parameters = dialect.parameters(outgoing.temperature, self._settings.max_output_tokens, outgoing.seed)
        messages = dialect.messages(outgoing.messages, outgoing.answer_type)
        body = dialect.body(parameters, messages, outgoing.answer_type)
        async with self._under_way:
            self._go_on()
            started_at, began = dt.datetime.now(dt.UTC), time.perf_counter()
            outcome = await self._post(outgoing, body)
            latency_ms = (time.perf_counter() - began) * 1000
        if isinstance(outcome, Completion) or outcome.http_status is not None:
            self._giving_up.has_answered = True
        return Exchange(messages, parameters, started_at, latency_ms), outcome

    async def _post(self, outgoing: Outgoing, body: dict[str, Any]) -> Completion | Fault:
        """The client's own timeout is per read; a server that drips would never reach it."""
        headers = {"X-Medsynth-Record": outgoing.record_id, "X-Medsynth-Agent": outgoing.agent.value}
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                raw = await self._client.chat.completions.with_raw_response.create(
                    model=outgoing.model, extra_headers=headers, **body
                )
            return read_completion(raw.content)
        except Fault as fault:
            return fault
        except Exception as error:
            return fault_of(error)
