"""The course of one request: its calls, in the order they were sent, each with its cost."""

from typing import Generic, NamedTuple

from medsynth_assets.engines.answers import Completion, Judged
from medsynth_assets.engines.contract import A, Request
from medsynth_assets.engines.credentials import Credentials
from medsynth_assets.engines.faults import Fault
from medsynth_assets.engines.pricing import PriceTable, Tokens
from medsynth_assets.engines.sending import Exchange
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import call_id


class Course(NamedTuple, Generic[A]):
    """One request under way. `calls` grows; nothing else changes."""

    request: Request[A]
    engine: str
    model: str
    credentials: Credentials
    prices: PriceTable
    calls: list[Call]

    def lost(self, key: str, exchange: Exchange, fault: Fault) -> None:
        """Put down an exchange that brought no completion."""
        self._put_down(key, exchange, None, Tokens(), fault.status, fault.detail)

    def answered(self, key: str, exchange: Exchange, completion: Completion, judged: Judged[A]) -> Call:
        """Put down an exchange that brought one, usable or not; it was paid for."""
        return self._put_down(key, exchange, completion.content, completion.tokens, judged.status, judged.detail)

    def _put_down(
        self, key: str, exchange: Exchange, answer: str | None, tokens: Tokens, status: str, detail: str
    ) -> Call:
        request = self.request
        call = Call(
            call_id=call_id(key, len(self.calls) + 1, exchange.started_at),
            request_hash=key,
            record_id=request.slot.record_id,
            icd_code=request.slot.code,
            agent=request.agent,
            round=request.round,
            attempt=len(self.calls) + 1,
            recipe_id=request.recipe.recipe_id,
            engine=self.engine,
            model=self.model,
            prompt_version=request.prompt_version,
            messages=exchange.messages,
            parameters=exchange.parameters,
            answer=answer,
            status=status,
            error=self.credentials.masked(detail),
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cached_tokens=tokens.cached,
            cost_usd=self.prices.cost_usd(self.model, tokens),
            latency_ms=exchange.latency_ms,
            started_at=exchange.started_at,
        )
        self.calls.append(call)
        return call
