"""The OpenAI engine at batch prices: what the ledger does not know is parked, and asked for again when its batch is in.

A request is a function of what was answered before it, so the chain needs no memory of its own: run again, it is given what is
known, goes one agent further for each slot, and parks there. Killed anywhere, nothing but the last step is repeated.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import NoReturn

from medsynth_assets.engines.answers import Judged
from medsynth_assets.engines.batch_files import custom_id
from medsynth_assets.engines.batches import Batches
from medsynth_assets.engines.budget import Budget
from medsynth_assets.engines.contract import A, Message, Parked
from medsynth_assets.engines.course import Course
from medsynth_assets.engines.dialect import Dialect
from medsynth_assets.engines.faults import Fault
from medsynth_assets.engines.ledger import AnyLedger, Known
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.engines.parking import ParkedRequest
from medsynth_assets.engines.pricing import Tokens
from medsynth_assets.engines.sending import Exchange
from medsynth_assets.errors import AnswerError
from medsynth_assets.settings import Settings

NAME = "openai-batch"


class BatchEngine(OpenAIEngine):
    """Recipes say `openai`: how an answer was delivered does not decide what it is. Calls say `openai-batch`."""

    def __init__(self, settings: Settings, ledger: AnyLedger, budget: Budget | None = None) -> None:
        super().__init__(settings, ledger, budget)
        self.batches = Batches(settings)
        self._parking = self.batches.parking

    async def hand_in(self, codes: Sequence[str], parked: Sequence[str], run_config: str) -> str:
        await asyncio.to_thread(self._parking.set_waiting, codes, parked, run_config)
        await self.batches.submit()
        open_batches = await asyncio.to_thread(self._parking.batches, "open", "ended")
        if not open_batches:
            return ""
        requests = sum(batch.request_count for batch in open_batches)
        return f"{requests} requests in {len(open_batches)} open batches; see: medsynth batches list"

    async def close(self) -> None:
        await self.batches.close()
        await super().close()

    async def _known(self, key: str) -> Known:
        return Known(await self._ledger.recall(key), is_out=False)  # what waits in the park is to stay there

    async def _asked(self, course: Course[A], key: str, messages: list[Message], *, is_out: bool) -> Judged[A]:
        """Parks the request, where it is not parked already.

        Raises Parked, BudgetSpent, or AnswerError where its batches came to nothing.
        """
        found = await asyncio.to_thread(self._parking.find, key)
        if found is None:
            async with self._paying(course, messages):  # stays as expected: what it came to is known in a day
                await asyncio.to_thread(self._parking.park, await self._to_park(course, key, messages))
        elif found.fault:
            await asyncio.to_thread(self._parking.drop, key)  # nothing was paid; the next try parks it anew
            self._lost(course, found, found.fault)
        raise Parked

    async def _to_park(self, course: Course[A], key: str, messages: list[Message]) -> ParkedRequest:
        outgoing = self._outgoing(course, messages)
        learned = await asyncio.to_thread(self._parking.dialect_of, course.model)
        dialect = Dialect.of(learned) if learned else Dialect()
        parameters = dialect.parameters(outgoing.temperature, self._settings.max_output_tokens, outgoing.seed)
        spoken = dialect.messages(outgoing.messages, outgoing.answer_type)
        body = {"model": course.model, **dialect.body(parameters, spoken, outgoing.answer_type)}
        exchange = Exchange(spoken, parameters, dt.datetime.now(dt.UTC), 0.0)
        blank = course._replace(engine=NAME, calls=list(course.calls))
        blank.lost(key, exchange, Fault("parked", ""))
        return ParkedRequest(
            request_hash=key,
            custom_id=custom_id(outgoing.record_id, outgoing.agent.value, key),
            model=course.model,
            body=body,
            dialect=dialect.stored,
            call=blank.calls[-1],
            submission_id=None,
            tries=0,
            fault=None,
        )

    def _expected_usd(self, model: str, tokens: Tokens) -> float:
        return self._prices.batch_cost_usd(model, tokens)

    def _lost(self, course: Course[A], found: ParkedRequest, fault: dict[str, str]) -> NoReturn:
        course.calls.append(found.call._replace(status=fault["status"], error=fault["detail"]))
        raise AnswerError(fault["status"], fault["detail"])
