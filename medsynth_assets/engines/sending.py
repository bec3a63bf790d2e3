"""Sending: one request over HTTP until it has a completion, with every exchange put down on the way.

Put here: the course of one request's tries. Not here: when one may go out and how long it may take (flow/), the wire
(http_client.py), what an answer is worth (answers.py), what was answered before (ledger.py), and what to make of a fault that
stayed (giving_up.py).
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
from medsynth_assets.engines.faults import Fault
from medsynth_assets.engines.flow.breaker import Breaker
from medsynth_assets.engines.flow.congestion import Congestion
from medsynth_assets.engines.flow.hedging import first_of_two
from medsynth_assets.engines.flow.pace import Pace
from medsynth_assets.engines.flow.patience import Patience
from medsynth_assets.engines.flow.places import Places, Urgency
from medsynth_assets.engines.flow.sharing import NOTHING, Part, Sharing
from medsynth_assets.engines.giving_up import GivingUp
from medsynth_assets.engines.http_client import HttpClient
from medsynth_assets.engines.retrying import PoliteWait
from medsynth_assets.engines.typical import expected_tokens
from medsynth_assets.errors import EngineDown
from medsynth_assets.records.artifact import Agent
from medsynth_assets.settings import Settings

_PREFLIGHT_TIMEOUT_S = 15.0
_SLOW_DOWN = (429, 503, 529)
_TURNED_AWAY_MOST = 10  # times max_retries: a 429 says when to come back, and is no fault of the request


class Outgoing(NamedTuple):
    """What to ask of which model, and who of those that wait goes first."""

    agent: Agent
    record_id: str
    model: str
    temperature: float
    seed: int
    messages: list[Message]
    answer_type: type[BaseModel]
    urgency: Urgency = (0, 0)


class Exchange(NamedTuple):
    """One HTTP request: what was sent, when, and how long it took."""

    messages: list[Message]
    parameters: dict[str, Any]
    started_at: dt.datetime
    latency_ms: float


Lost = Callable[[Exchange, Fault], None]


class _Tries:
    """Of one request: how many were spent on faults, on 429s, and on waiting in vain."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.faults = self.turned_away = self.timeouts = 0

    def count(self, fault: Fault) -> None:
        self.turned_away += fault.http_status == 429
        self.faults += fault.http_status != 429
        self.timeouts += fault.status == "timeout"

    def are_used_up(self, _: tenacity.RetryCallState) -> bool:
        return self.faults > self._most or self.turned_away > self._most * _TURNED_AWAY_MOST


class Endpoint:
    """One OpenAI-compatible endpoint, used from one event loop."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings
        self._client = HttpClient(settings.openai_base_url, credentials.key, 2 * settings.concurrency)
        self._places = Places(settings.concurrency)
        self._congestion = Congestion(settings.concurrency)
        self._pace = Pace(settings.requests_per_minute, settings.tokens_per_minute)
        self._patience = Patience(settings.request_timeout_s)
        self._breaker = Breaker(self._pause)
        self._winding_down = asyncio.Event()
        self._dialects: dict[tuple[str, Dialect], Dialect] = {}  # by model and the form that was tried first
        self._giving_up = GivingUp(credentials)
        self._sharing: Sharing | None = None
        if settings.catalog:
            self._sharing = Sharing(
                settings.catalog, credentials.endpoint, settings.concurrency, self._hear_of, lambda: self._places.taken
            )
            self._use(NOTHING)

    async def check(self) -> None:
        """One GET of the models; a 404 is an answer too.

        Raises EngineDown where nothing answers, or the key is refused.
        """
        try:
            async with asyncio.timeout(_PREFLIGHT_TIMEOUT_S):
                await self._client.models()
        except TimeoutError:
            raise self._giving_up.unreachable(
                Fault("timeout", f"no answer within {_PREFLIGHT_TIMEOUT_S:.0f} s")
            ) from None
        except Fault as fault:
            if fault.http_status is None:
                raise self._giving_up.unreachable(fault) from None
            if fault.http_status == 401:  # not 403: a key may be allowed to ask models without listing them
                raise self._giving_up.refused_key(fault) from None
        self._giving_up.has_answered = True

    async def complete(self, outgoing: Outgoing, lost: Lost) -> tuple[Exchange, Completion]:
        """The exchange that brought a completion, and that; the ones before it go to `lost` as they fail.

        Raises AnswerError where this request cannot be answered, EngineDown where none can.
        """
        if self._sharing:
            self._loop = asyncio.get_running_loop()
            self._sharing.join()
        tries = _Tries(self._settings.max_retries)
        retrying = tenacity.AsyncRetrying(
            stop=tries.are_used_up,
            wait=PoliteWait(),
            sleep=self._pause,
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, Fault) and error.passing),
            reraise=True,
        )
        try:
            completed: tuple[Exchange, Completion] = await retrying(self._in_its_dialect, outgoing, lost, tries)
        except Fault as fault:
            # `from None`: the causes repeat headers and bodies, where the key may be
            raise self._giving_up.verdict(outgoing.agent, outgoing.model, fault) from None
        self._giving_up.lost_in_a_row = 0
        return completed

    def wind_down(self) -> None:
        """From now on nothing is sent: a request under way is still answered, one that waits to be sent gives up."""
        self._winding_down.set()
        if self._sharing:  # others may have all places, and each that waits wants one to give up in
            self._use(Part(self._settings.concurrency, 0.0))

    async def close(self) -> None:
        await self._client.close()
        if self._sharing:
            await asyncio.to_thread(self._sharing.leave)

    def _hear_of(self, part: Part) -> None:
        """Of another part of the limits than before; from the thread that asks for it."""
        self._loop.call_soon_threadsafe(self._take, part)

    def _take(self, part: Part) -> None:
        if not self._winding_down.is_set():
            self._use(part)

    def _use(self, part: Part) -> None:
        self._congestion.cap = part.places
        self._places.limit = self._congestion.places
        if part.rate_frac:
            self._pace.take_part(part.rate_frac)

    async def _pause(self, seconds: float) -> None:
        """Between tries; ends in EngineDown where the run ends meanwhile."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._winding_down.wait(), seconds)
        self._go_on()

    def _go_on(self) -> None:
        if self._winding_down.is_set():
            raise EngineDown("the run ended before this request was sent")

    async def _in_its_dialect(self, outgoing: Outgoing, lost: Lost, tries: _Tries) -> tuple[Exchange, Completion]:
        """One exchange, put again at once in another form as often as the endpoint asks for one."""
        fullest = Dialect.fullest(outgoing.answer_type)
        known = (outgoing.model, fullest)
        while True:
            dialect = self._dialects.get(known, fullest)
            exchange, outcome = await self._exchange(outgoing, dialect, tries)
            if isinstance(outcome, Completion):
                return exchange, outcome
            lost(exchange, outcome)
            adapted = dialect.adapted_to(outcome)
            if adapted is None:
                tries.count(outcome)
                raise outcome
            # otherwise another request has learned it meanwhile
            if self._dialects.get(known, fullest) == dialect:
                self._dialects[known] = adapted

    async def _exchange(
        self, outgoing: Outgoing, dialect: Dialect, tries: _Tries
    ) -> tuple[Exchange, Completion | Fault]:
        parameters = dialect.parameters(outgoing.temperature, self._settings.max_output_tokens, outgoing.seed)
        messages = dialect.messages(outgoing.messages, outgoing.answer_type)
        body = {"model": outgoing.model, **dialect.body(parameters, messages, outgoing.answer_type)}
        expected = sum(expected_tokens(outgoing.agent, messages)[:2])
        found: list[tuple[Exchange, Completion | Fault]] = []

        async def send() -> bool:
            async with self._places.place(outgoing.urgency):
                if wait_s := self._pace.book(expected):
                    await self._pause(wait_s)
                self._go_on()
                started_at, began = dt.datetime.now(dt.UTC), time.perf_counter()
                outcome = await self._posted(outgoing, body, tries)
                latency_s = time.perf_counter() - began
            found.append((Exchange(messages, parameters, started_at, latency_s * 1000), outcome))
            self._learn(outgoing.agent, outcome, latency_s, expected)
            return isinstance(outcome, Completion) or not outcome.is_endpoints

        self._demand_it_is_not_long_down()
        await self._breaker.passing(send)
        return found[-1]

    def _learn(self, agent: Agent, outcome: Completion | Fault, latency_s: float, expected: int) -> None:
        """What one exchange tells of the endpoint."""
        if isinstance(outcome, Completion):
            self._pace.answered(expected, outcome.tokens.input + outcome.tokens.output)
            self._patience.answered(agent, latency_s)
            self._congestion.answered(agent, latency_s)
        elif outcome.http_status in _SLOW_DOWN:
            self._congestion.slow_down()
            if outcome.http_status == 429:
                self._pace.refused()
        if isinstance(outcome, Completion) or outcome.http_status is not None:
            self._giving_up.has_answered = True
        self._places.limit = self._congestion.places

    def _demand_it_is_not_long_down(self) -> None:
        if self._breaker.down_s > self._settings.outage_s:
            told = f"nothing was answered for {self._breaker.down_s:.0f} s; MEDSYNTH_OUTAGE_S is {self._settings.outage_s:.0f}"
            raise self._giving_up.unreachable(Fault("down", told))

    async def _posted(self, outgoing: Outgoing, body: dict[str, Any], tries: _Tries) -> Completion | Fault:
        """Asked once; or twice, where stragglers are hedged and this is one."""
        after = self._settings.hedge_after
        if not after:
            return await self._post(outgoing, body, tries)
        after_s = after * self._patience.usual_s(outgoing.agent)
        outcome, _ = await first_of_two(
            lambda: self._post(outgoing, body, tries), after_s, lambda: self._places.is_one_free
        )
        return outcome

    async def _post(self, outgoing: Outgoing, body: dict[str, Any], tries: _Tries) -> Completion | Fault:
        agent = outgoing.agent.value
        headers = {}
        if self._settings.request_headers:
            headers = {"X-Medsynth-Record": outgoing.record_id, "X-Medsynth-Agent": agent}
        try:
            with self._patience.limiting(agent, tries.timeouts) as limit:
                async with limit:
                    answered = await self._client.complete(body, headers)
            self._pace.learn(answered.headers)
            return read_completion(answered.body)
        except TimeoutError:
            return Fault("timeout", "no answer within request_timeout_s, or within several times what others take")
        except Fault as fault:
            self._pace.learn(fault.headers)
            return fault
