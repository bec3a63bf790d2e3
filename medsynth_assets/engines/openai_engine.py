"""The OpenAI engine: answers from any OpenAI-compatible endpoint, each answer paid for once.

Put here: the course of one request from key to reply. Not here: HTTP (sending.py), what an answer is worth
(answers.py), storage (ledger.py), prices (pricing.py).
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from medsynth_assets.engines.answers import Judged, judge_completion, judge_kept, repair_messages
from medsynth_assets.engines.budget import Bill, Budget
from medsynth_assets.engines.contract import A, Failed, Message, Parked, Reply, Request
from medsynth_assets.engines.course import Course
from medsynth_assets.engines.credentials import Credentials
from medsynth_assets.engines.ledger import AnyLedger, Known
from medsynth_assets.engines.pricing import PriceTable, Tokens
from medsynth_assets.engines.sending import Endpoint, Outgoing
from medsynth_assets.engines.typical import expected_tokens
from medsynth_assets.errors import AnswerError
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.settings import Settings


class OpenAIEngine:
    """Answers over HTTP. Made for one event loop; `close` it there.

    ledger: where answers are kept before they are used, and looked up before anything is sent.
    budget: what every call is paid from, where there is a limit; without room in it, `answer` raises BudgetSpent.
    """

    name = "openai"
    reads_prompts = True

    def __init__(self, settings: Settings, ledger: AnyLedger, budget: Budget | None = None) -> None:
        self._budget = budget
        self._settings = settings
        self._ledger = ledger
        self._credentials = Credentials(settings)
        self._prices = PriceTable(settings.prices)
        self._endpoint = Endpoint(settings, self._credentials)
        self._sending: set[asyncio.Task[Any]] = set()

    def model_for(self, agent: Agent) -> str:
        model: str = getattr(self._settings.models, agent.value, "")  # the jury's model is its engine's only one
        return model or self._settings.openai_model

    def parameters_for(self, agent: Agent) -> dict[str, Any]:
        """What is asked for. What an endpoint then refuses is seen on the call and changes no recipe:
        otherwise every process would take what the one before it made for stale."""
        return {
            "temperature": self._temperature(agent),
            "max_output_tokens": self._settings.max_output_tokens,
            "structured_output": "json_schema",
        }

    def knowledge_for(self, icd: CodeFacts) -> tuple[tuple[str, ...], str]:
        return (), ""

    def is_priced(self, model: str) -> bool:
        """False where calls to this model are counted as costing nothing, for want of a price."""
        return self._prices.is_priced(model)

    async def preflight(self) -> None:
        """Raises ConfigError where a key is needed and missing, EngineDown where nothing answers, the key is
        refused, or answers could not be kept."""
        self._credentials.check()
        await self._ledger.prepare()
        await self._endpoint.check()

    async def answer(self, request: Request[A]) -> Reply[A] | Failed:
        """From the ledger, or sent; a malformed answer is sent back once, with what is wrong with it."""
        model = self.model_for(request.agent)
        course = Course(request, self.name, model, self._credentials, self._prices, calls=[])
        messages = request.render()
        try:
            last = await self._judged(course, messages)
            if last.status == "malformed":
                answer = course.calls[-1].answer or ""
                last = await self._judged(course, repair_messages(messages, answer, last.detail))
        except AnswerError as error:
            return Failed(error.reason, error.detail, tuple(course.calls))
        if last.answer is None:
            return Failed(last.status, last.detail, tuple(course.calls))
        return Reply(last.answer, tuple(course.calls))

    async def hand_in(self, codes: Sequence[str], parked: Sequence[str], run_config: str) -> str:
        return ""

    async def close(self) -> None:
        """Waits for the answers to what was sent: they are paid for."""
        self._endpoint.wind_down()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._endpoint.close()
        await self._ledger.close()
        if self._budget is not None:
            await self._budget.close()

    def _temperature(self, agent: Agent) -> float:
        temperature: float = getattr(self._settings.temperatures, agent.value, 0.0)  # the jury's
        return temperature

    async def _judged(self, course: Course[A], messages: list[Message]) -> Judged[A]:
        """What is answered to these messages, from the ledger where it is known there.

        An answer of no use is known, too, until its quarantine is written: a run killed in between pays for it once.
        """
        key = course.request.key(messages)
        kept, is_out = await self._known(key)
        if kept is None:
            return await self._asked(course, key, messages, is_out=is_out)
        course.calls.append(kept)
        return judge_kept(kept.status, kept.error, kept.answer or "", course.request.answer_type)

    async def _known(self, key: str) -> Known:
        return await self._ledger.look_up(key)

    async def _asked(self, course: Course[A], key: str, messages: list[Message], *, is_out: bool) -> Judged[A]:
        """What the endpoint answers; kept before it is returned, so before anything can use it.

        Raises Parked where the request is out in a batch: its answer will be paid for there. Raises BudgetSpent.
        """
        if is_out:
            raise Parked
        sending = asyncio.create_task(self._sent(course, key, messages))
        self._sending.add(sending)
        sending.add_done_callback(self._settled)
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:  # the run is ending; what is under way is paid for, so `close` waits for it
            self._endpoint.wind_down()
            raise

    def _settled(self, sending: asyncio.Task[Any]) -> None:
        self._sending.discard(sending)
        if not sending.cancelled():
            sending.exception()  # looked at: who asked may be gone

    async def _sent(self, course: Course[A], key: str, messages: list[Message]) -> Judged[A]:
        async with self._paying(course, messages) as bill:
            exchange, completion = await self._endpoint.complete(
                self._outgoing(course, messages), lambda failed, fault: course.lost(key, failed, fault)
            )
            judged = judge_completion(completion, course.request.answer_type)
            call = course.answered(key, exchange, completion, judged)
            bill.settle(call.cost_usd, call.input_tokens + call.output_tokens)
            await self._ledger.keep(call)
        return judged

    def _paying(self, course: Course[A], messages: list[Message]) -> AbstractAsyncContextManager[Bill]:
        if self._budget is None:
            return nullcontext(Bill(0.0, 0))
        tokens = expected_tokens(course.request.agent, messages)
        return self._budget.paying(self._expected_usd(course.model, tokens), tokens.input + tokens.output)

    def _expected_usd(self, model: str, tokens: Tokens) -> float:
        return self._prices.cost_usd(model, tokens)

    def _outgoing(self, course: Course[A], messages: list[Message]) -> Outgoing:
        request = course.request
        return Outgoing(
            agent=request.agent,
            record_id=request.slot.record_id,
            model=course.model,
            temperature=self._temperature(request.agent),
            seed=request.seed,
            messages=messages,
            answer_type=request.answer_type,
            urgency=request.urgency,
        )
