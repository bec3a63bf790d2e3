"""Batches: waiting requests go to the provider, answers come back into the ledger, at the batch price.

Put here: the course of a batch, each step safe to be killed at. Not here: storage (parking.py), lines (batch_files.py),
what asks and waits (batch_engine.py).

A submission has its name before the provider hears of it, and carries it as metadata: a process killed between creating a
batch and noting that leaves one that the next process finds in the provider's list, instead of paying for it twice.
"""

import asyncio
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from medsynth_assets.engines.answers import Completion, judge_completion
from medsynth_assets.engines.batch_files import ENDPOINT, code_of, read_results, to_lines
from medsynth_assets.engines.credentials import Credentials
from medsynth_assets.engines.dialect import Dialect
from medsynth_assets.engines.faults import Fault, fault_of
from medsynth_assets.engines.parking import Batch, ParkedRequest, Parking
from medsynth_assets.engines.pricing import PriceTable
from medsynth_assets.engines.stores import has_ledger, parking_of
from medsynth_assets.errors import EngineDown
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import digest
from medsynth_assets.settings import Settings

_MOST_BYTES = 190_000_000  # the provider takes 200 MB a file
_LANDED_AT_ONCE = 500  # answers a transaction
_ENDED = ("completed", "failed", "expired", "cancelled")
_LOOKED_BACK = 1000  # batches of the provider's list, newest first, in which one of ours is looked for
_OURS = "medsynth_submission"


class Landed(NamedTuple):
    """What a batch brought. `statuses` counts calls by status, `requeued` goes into the next batch."""

    batch: Batch
    statuses: dict[str, int]
    refused: int
    requeued: int
    tokens: int
    cost_usd: float


class Batches:
    """The batches of one warehouse at one endpoint. Made for one event loop; `close` it there."""

    def __init__(self, settings: Settings) -> None:
        import openai  # here, because it costs most of a second

        self._settings = settings
        self._credentials = Credentials(settings)
        self._prices = PriceTable(settings.prices)
        self.parking = parking_of(settings)
        self._client = openai.AsyncOpenAI(
            api_key=self._credentials.key,
            base_url=settings.openai_base_url,
            timeout=settings.request_timeout_s,
            max_retries=settings.max_retries,
        )

    @staticmethod
    def are_known(settings: Settings) -> bool:
        """Whether the warehouse has a ledger at all; without one there are no batches to ask for."""
        return has_ledger(settings)

    async def close(self) -> None:
        await self._client.close()
        self.parking.close()

    # Sending

    async def submit(self) -> list[Batch]:
        """Send everything that waits, and what a killed process was about to send. Raises EngineDown."""
        sent = []
        for interrupted in await asyncio.to_thread(self.parking.adopt_interrupted):
            sent.append(await self._send(interrupted, known_before=True))
        while claimed := await asyncio.to_thread(
            self.parking.claim, uuid.uuid4().hex, self._settings.batch_requests, _MOST_BYTES
        ):
            sent.append(await self._send(claimed, known_before=False))
        return sent

    async def _send(self, batch: Batch, *, known_before: bool) -> Batch:
        """known_before: the provider may have it already."""
        id_ = batch.submission_id
        try:
            created = (await self._find(batch) if known_before else None) or await self._made(batch)
        except EngineDown:
            await asyncio.to_thread(self.parking.note, id_, state="interrupted")
            raise
        await asyncio.to_thread(self.parking.note, id_, state="open", batch_id=created.id, status=created.status)
        return batch._replace(state="open", batch_id=created.id, provider_status=created.status)

    async def _made(self, batch: Batch) -> Any:
        """Its creation may be lost on the way back: it is looked for before it is taken to have failed."""
        try:
            return await self._create(batch)
        except Fault as fault:
            found = await self._find(batch)
            if found is None:
                raise self._down("could not be sent a batch", fault) from None
            return found

    async def _create(self, batch: Batch) -> Any:
        requests = await asyncio.to_thread(self.parking.requests_of, batch.submission_id)
        try:
            file = await self._client.files.create(
                file=(f"{batch.submission_id}.jsonl", to_lines(requests)), purpose="batch"
            )
            # Once: a retry of what was lost on the way would make two. The key helps where the server knows it.
            return await self._client.with_options(max_retries=0).batches.create(
                input_file_id=file.id,
                endpoint=ENDPOINT,
                completion_window="24h",
                metadata={_OURS: batch.submission_id},
                extra_headers={"Idempotency-Key": batch.submission_id},
            )
        except Exception as error:
            raise fault_of(error) from None

    async def _find(self, batch: Batch) -> Any | None:
        """The provider's batch of this submission, where it has one."""
        try:
            seen = 0
            async for listed in self._client.batches.list(limit=100):
                if (listed.metadata or {}).get(_OURS) == batch.submission_id:
                    return listed
                seen += 1
                if seen >= _LOOKED_BACK:
                    break
        except Exception as error:
            raise self._down("did not list its batches", fault_of(error)) from None
        return None

    # Looking

    async def poll(self) -> list[Batch]:
        """Ask for each open batch; those that have ended and not landed. Raises EngineDown."""
        for batch in await asyncio.to_thread(self.parking.batches, "open"):
            try:
                seen = await self._client.batches.retrieve(batch.batch_id)
            except Exception as error:
                raise self._down(f"did not tell of batch {batch.batch_id}", fault_of(error)) from None
            counts = seen.request_counts
            told = f"{counts.completed} of {counts.total} done, {counts.failed} failed" if counts else ""
            state = "ended" if seen.status in _ENDED else "open"
            await asyncio.to_thread(self.parking.note, batch.submission_id, state=state, status=seen.status, told=told)
        return await asyncio.to_thread(self.parking.batches, "ended")

    async def cancel(self, batch: Batch) -> None:
        """Ask the provider to stop it; what it has answered by then is paid for, and lands. Raises EngineDown."""
        try:
            seen = await self._client.batches.cancel(batch.batch_id)
        except Exception as error:
            raise self._down(f"did not cancel batch {batch.batch_id}", fault_of(error)) from None
        await asyncio.to_thread(self.parking.note, batch.submission_id, state="open", status=seen.status)

    # Landing

    async def land(self, batch: Batch, answer_types: Mapping[Agent, type[BaseModel]]) -> Landed:
        """Bring an ended batch's answers into the ledger. Killed half way it is landed again, each answer once.

        answer_types: what each agent answers with, so that a call's status is what the answer is worth.
        """
        try:
            seen = await self._client.batches.retrieve(batch.batch_id)
            texts = [
                (await self._client.files.content(id_)).text for id_ in (seen.output_file_id, seen.error_file_id) if id_
            ]
        except Exception as error:
            raise self._down(f"did not give the results of batch {batch.batch_id}", fault_of(error)) from None
        landing = _Landing(batch, seen, self._settings, self._prices, self._credentials, answer_types)
        requests = {parked.custom_id: parked for parked in self.parking.requests_of(batch.submission_id)}
        await asyncio.to_thread(landing.sort, requests, texts)
        return await asyncio.to_thread(landing.store, self.parking)

    def _down(self, what: str, fault: Fault) -> EngineDown:
        said = " ".join(self._credentials.masked(fault.detail).split())
        return EngineDown(
            f"{self._credentials.shown_url} {what} ({fault.status}: {said}); nothing is lost, run the same again"
        )


class _Landing:
    """The results of one batch, sorted by what is to become of each request."""

    def __init__(
        self,
        batch: Batch,
        seen: Any,
        settings: Settings,
        prices: PriceTable,
        credentials: Credentials,
        answer_types: Mapping[Agent, type[BaseModel]],
    ) -> None:
        self._batch, self._seen, self._settings = batch, seen, settings
        self._prices, self._credentials, self._answer_types = prices, credentials, answer_types
        self._calls: list[Call] = []
        self._refused: list[tuple[str, dict[str, str]]] = []
        self._learned: dict[str, tuple[Dialect, list[str]]] = {}
        self._unserved: dict[str, ParkedRequest] = {}
        self._codes: set[str] = set()

    @property
    def _is_cancelled(self) -> bool:
        return bool(self._seen.status == "cancelled")

    def sort(self, requests: Mapping[str, ParkedRequest], texts: list[str]) -> None:
        self._unserved = dict(requests)
        self._codes = {parked.call.icd_code for parked in requests.values()}
        reasons: dict[str, Fault] = {}
        for text in texts:
            for custom_id, outcome in read_results(text):
                self._codes.add(code_of(custom_id))
                parked = requests.get(custom_id)
                if parked is None:  # landed before
                    continue
                if isinstance(outcome, Completion):
                    self._calls.append(self._answered(parked, outcome))
                    self._unserved.pop(custom_id, None)
                elif self._is_settled(parked, outcome):
                    self._unserved.pop(custom_id, None)
                else:
                    reasons[custom_id] = outcome
        if not self._is_cancelled:
            self._give_up_on(reasons)

    def store(self, parking: Parking) -> Landed:
        for start in range(0, len(self._calls), _LANDED_AT_ONCE):
            parking.land(self._calls[start : start + _LANDED_AT_ONCE])
        parking.refuse(self._refused)
        for model, (dialect, keys) in self._learned.items():
            parking.learn(model, dialect.stored, keys)
        statuses = dict(Counter(call.status for call in self._calls))
        told = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())) or "no answers"
        told += f"; {len(self._refused)} refused" if self._refused else ""
        told += f"; {len(self._unserved)} not served" if self._unserved else ""
        told += f"; {self._failure}" if self._failure else ""
        parking.finish(self._batch.submission_id, self._codes, drop=self._is_cancelled, told=told)
        return Landed(
            self._batch._replace(provider_status=self._seen.status, told=told),
            statuses,
            len(self._refused),
            0 if self._is_cancelled else len(self._unserved),
            sum(call.input_tokens + call.output_tokens for call in self._calls),
            sum(call.cost_usd for call in self._calls),
        )

    @property
    def _failure(self) -> str:
        """Why the whole batch failed, in the provider's words."""
        errors = (self._seen.errors.data or []) if self._seen.errors else []
        return self._credentials.masked("; ".join(f"{e.code}: {e.message}" for e in errors[:3]))

    def _answered(self, parked: ParkedRequest, completion: Completion) -> Call:
        judged = judge_completion(completion, self._answer_types[parked.call.agent])
        tokens = completion.tokens
        ended = self._seen.completed_at or self._seen.cancelled_at or self._seen.expired_at or self._seen.created_at
        return parked.call._replace(
            call_id=digest("call:1", parked.request_hash, self._batch.submission_id),
            answer=completion.content,
            status=judged.status,
            error=self._credentials.masked(judged.detail),
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cached_tokens=tokens.cached,
            cost_usd=self._prices.batch_cost_usd(parked.model, tokens),
            latency_ms=max(ended - self._seen.created_at, 0) * 1000.0,
            started_at=dt.datetime.fromtimestamp(self._seen.created_at, dt.UTC),
        )

    def _is_settled(self, parked: ParkedRequest, fault: Fault) -> bool:
        """Whether another try of the same would come to the same: it is learned from, or refused for good."""
        adapted = Dialect.of(parked.dialect).adapted_to(fault)
        if adapted:
            _, keys = self._learned.setdefault(parked.model, (adapted, []))
            keys.append(parked.request_hash)
            return True
        if fault.http_status is None or fault.passing:
            return False
        self._refuse(parked, "refusal" if fault.is_filtered else fault.status, fault.detail)
        return True

    def _give_up_on(self, reasons: Mapping[str, Fault]) -> None:
        """What was tried often enough is not tried again."""
        for custom_id, parked in list(self._unserved.items()):
            if parked.tries >= self._settings.max_retries:
                fault = reasons.get(custom_id)
                said = f"{fault.status}: {fault.detail}" if fault else self._failure or f"batch {self._seen.status}"
                self._refuse(parked, "unavailable", f"not served by {parked.tries + 1} batches; {said}")
                del self._unserved[custom_id]

    def _refuse(self, parked: ParkedRequest, status: str, detail: str) -> None:
        said = " ".join(self._credentials.masked(detail).split())
        self._refused.append((parked.request_hash, {"status": status, "detail": said}))
