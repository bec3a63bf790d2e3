"""Making slots: runs the agents' chain over what is to be made, writes whole slots as they are done.

Put here: the course of one run. Not here: what is to be made (work.py), Dagster (generation.py),
what an agent does (agents/), how a table is written (warehouse/).
"""

import asyncio
import atexit
import datetime as dt
import gc
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby

from medsynth_assets.agents.asking import Asking, recipe_parts
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.assets.gating import UnsaidGate
from medsynth_assets.assets.latencies import Latencies
from medsynth_assets.assets.progress import Progress
from medsynth_assets.assets.work import Order, Todo, in_order_of_making, plan_work
from medsynth_assets.clinical.knowledge import KnowledgeBase
from medsynth_assets.engines.budget import Budget
from medsynth_assets.errors import BudgetSpent
from medsynth_assets.records.artifact import Recipe, Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.refresh.expected import UNMAKEABLE
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.clock import moment
from medsynth_assets.warehouse.opening import AnyWarehouse

# of texts that are written whether it is time or not: DuckDB needs less than 128 MB for them
_FLUSH_CHARACTERS = 16_000_000
# Now and then DuckDB writes a table's newest rows anew, 120,000 at most in a file of before: not all of them need be in memory.
_WRITING_MEMORY = "512MB"
_WRITING_THREADS = 1  # each has buffers of its own for every column, and the event loop wants the cores
_POLL_SECONDS = 0.5  # between looks at slots that another process is making
# the longest a finished slot waits to be written, or ten times as long as writing takes; what was paid is in the ledger long before
_FLUSH_SECONDS = 4.0
_FLUSH_TIMES = 10
# Slots under way for each request that may be: enough that requests never lack, while slots wait for lower ones of their code, for
# the check of their dialogue or for another try. Earlier slots go first, so that whole records come soon; the last go in step, so
# that no long chain is left over.
_SLOTS_A_REQUEST = 3
_IN_STEP_A_REQUEST = 2
_COLLECTED_EACH = 200_000  # new objects, by the garbage collector: some ten megabytes
atexit.register(gc.freeze)  # at its end no process looks through what it leaves


@dataclass
class CodeCount:
    """Slots of one code at one stage: wanted, standing afterwards, made now, in quarantine."""

    target: int
    accepted: int = 0
    made: int = 0
    quarantined: int = 0


@dataclass
class Report:
    """What a run did. `reasons` counts quarantine by stage and reason.

    parked: by code, the slots that wait for a batch. left: slots that stay planned because the budget had no room for
    them. ended: why not, or ''. since: when the order was begun, by the warehouse's clock.
    """

    counts: dict[tuple[str, Stage], CodeCount] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    parked: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    tokens: int = 0
    cached_tokens: int = 0
    latencies: Latencies = field(default_factory=Latencies)
    cost_usd: float = 0.0
    seconds: float = 0.0
    left: int = 0
    ended: str = ""
    since: dt.datetime | None = None


def _in_pieces(done: Sequence[store.Made]) -> Iterator[list[store.Made]]:
    """In their order, as many together as one transaction may take; one that is larger by itself alone."""
    piece: list[store.Made] = []
    left = _FLUSH_CHARACTERS
    for made in done:
        size = _characters(made)
        if piece and size > left:
            yield piece
            piece, left = [], _FLUSH_CHARACTERS
        piece.append(made)
        left -= size
    if piece:
        yield piece


def _characters(made: store.Made) -> int:
    """Of what was sent and answered, which is most of what a slot brings."""
    sent = sum(len(message["content"]) for call in made.calls for message in call.messages or ())
    return sent + sum(len(call.answer or "") for call in made.calls)


def _code_of(work: SlotWork) -> str:
    return work.slot.code


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """The knowledge base and all modules are a million objects that stay, and what a record is made of stays until it is written:
    the garbage collector need not look through them again and again while answers come and go."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED_EACH, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class Generation:
    """One run over many codes with one engine."""

    def __init__(
        self,
        warehouse: AnyWarehouse,
        asking: Asking,
        base: KnowledgeBase,
        progress: Progress,
        run_id: str,
        lease_s: float = 60.0,
        budget: Budget | None = None,
    ) -> None:
        self._warehouse, self._asking, self._base, self._budget = warehouse, asking, base, budget
        self._progress, self._run_id = progress, run_id
        self._leases = warehouse.leases(lease_s)
        self._done: list[store.Made] = []
        self._done_characters = 0
        self._recipes: dict[str, Recipe] = {}
        self._recorded: set[str] = set()  # of the recipes
        self._flush_due_at = time.monotonic() + _FLUSH_SECONDS
        self._is_one_made = False  # the first that is, is written at once
        self._flushing = asyncio.Lock()
        self.report = Report()

    async def run(self, order: Order) -> Report:
        """Bring the order's slots up to date. Whatever was finished is written, also when this raises.

        Codes that another process is making are waited for, and then looked at again: it may have been killed.
        Raises ReferenceInputError where reference assets are missing, EngineDown where going on is pointless.
        """
        began = time.monotonic()
        waiting = order.codes
        try:
            with self._leases:
                while waiting:
                    ours = self._leases.take(waiting)
                    now = replace(order, codes=tuple(code for code in waiting if code in ours))
                    waiting = tuple(code for code in waiting if code not in ours)
                    if waiting and order.policy.since is None:  # what the other fails at is not tried again here
                        order = replace(order, policy=order.policy._replace(since=self._now()))
                    if ours:
                        await self._make(now)
                        self._leases.release(now.codes)
                    else:
                        self._progress.note(f"waiting for another process to make {', '.join(waiting[:5])}")
                        await asyncio.sleep(_POLL_SECONDS)
        finally:
            self.report.seconds = time.monotonic() - began
        return self.report

    def _now(self) -> dt.datetime | None:
        if not self._warehouse.exists:
            return None
        with self._warehouse.reading() as con:
            return moment(con)

    async def _make(self, order: Order) -> None:
        """Make what is stale of codes that are ours."""
        todo = plan_work(self._warehouse, self._asking, self._base, order, self._run_id)
        self.report.since = self.report.since or order.policy.since or todo.since
        await self._fit(todo)
        self._announce(order, todo)
        unsaid = UnsaidGate(len(todo.works))
        chains = {
            code: Chain(self._asking, order.judge_rounds, approved, self._watch, unsaid)
            for code, approved in todo.approved.items()
        }
        for code, of_code in groupby(sorted(todo.works, key=_code_of), _code_of):
            chains[code].expect(of_code)
        to_come = Counter(map(_code_of, todo.works))
        under_way = order.concurrency * _SLOTS_A_REQUEST  # the engine limits its own requests

        async def one(work: SlotWork) -> None:
            chain = chains[work.slot.code]
            try:
                await self._demand_room()
                await chain.make(work)
            except BudgetSpent as spent:
                chain.let_go(work)
                self._leave(spent)
            self._finish(work, chain)
            to_come[work.slot.code] -= 1
            if not to_come[work.slot.code]:  # what a code's slots are compared with goes when the last is done
                del chains[work.slot.code]

        waiting = deque(in_order_of_making(todo.works))
        for n, work in enumerate(waiting):
            work.rank = min(n, len(waiting) - order.concurrency * _IN_STEP_A_REQUEST)
        todo.works.clear()  # a slot that is written is not kept in memory
        todo.approved.clear()

        async def slots() -> None:
            while waiting:
                await one(waiting.popleft())
                await self._flush(force=False)

        try:
            with _collecting_rarely():
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(under_way, len(waiting))):
                        group.create_task(slots())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            await self._flush(force=True)

    async def _fit(self, todo: Todo) -> None:
        """Leave what the budget has no room for: the last in order."""
        if self._budget is None:
            return
        granted = await self._budget.take_records(len(todo.works))
        if granted < len(todo.works):
            self.report.left = len(todo.works) - granted
            self.report.ended = (await asyncio.to_thread(self._budget.spent)).ended
            del todo.works[granted:]

    async def _demand_room(self) -> None:
        if self._budget is not None:
            await self._budget.demand_room()

    def _leave(self, spent: BudgetSpent) -> None:
        """The slot stays planned; stages of it that were done are kept, and so is what was paid for the others."""
        self.report.left += 1
        self.report.ended = self.report.ended or str(spent)

    def _announce(self, order: Order, todo: Todo) -> None:
        """Say what is planned; put what is refused into quarantine at its first stage."""
        for code in order.codes:
            for stage in order.stages:
                standing = todo.standing.get((code, stage), 0)
                self.report.counts[code, stage] = CodeCount(todo.targets.get(code, 0), accepted=standing)
        planned = {stage: sum(stage in work.stages for work in todo.works) for stage in order.stages}
        first = order.stages[0]
        planned[first] += len(todo.refused)
        self._progress.planned(planned)
        engine = self._asking.engine.name
        for slot, (reason, detail) in todo.refused.items():
            self._done.append(store.Made(slot, (), {}, (), (first, reason, detail), {first: UNMAKEABLE}, engine, None))
            self.report.reasons[f"{first}: {reason}"] += 1
            self._watch(slot, first, False)

    # What was made

    def _watch(self, slot: Slot, stage: Stage, accepted: bool) -> None:
        count = self.report.counts[slot.code, stage]
        count.made += accepted
        count.accepted += accepted
        count.quarantined += not accepted
        self._progress.done(stage, accepted=accepted)

    def _finish(self, work: SlotWork, chain: Chain) -> None:
        for recipe in chain.recipes():
            self._recipes[recipe.recipe_id] = recipe
        if work.quarantined:
            self.report.reasons[f"{work.quarantined.stage}: {work.quarantined.reason}"] += 1
        paid = [call for call in work.calls if not call.from_ledger]
        tokens, cost = sum(c.input_tokens + c.output_tokens for c in paid), sum(c.cost_usd for c in paid)
        for call in paid:
            if call.messages is not None:  # something was sent
                self.report.latencies.add(call.latency_ms)
        self.report.calls += len(paid)
        self.report.tokens += tokens
        self.report.cached_tokens += sum(call.cached_tokens for call in paid)
        self.report.cost_usd += cost
        self._progress.spent(tokens, cost)
        if work.products and not work.quarantined and not self._is_one_made:
            self._is_one_made, self._flush_due_at = True, 0.0
        if work.is_parked:
            self.report.parked[work.slot.code] += 1
        self._done.append(
            store.Made(
                work.slot, work.artifacts, work.products, work.calls,
                work.quarantined, work.stage_recipe_ids, self._asking.engine.name, work.plan.icd.description,
            )
        )  # fmt: skip
        self._done_characters += _characters(self._done[-1])

    async def _flush(self, *, force: bool) -> None:
        """Write finished slots off the event loop, each whole, many in one transaction."""
        is_due = self._done_characters >= _FLUSH_CHARACTERS or time.monotonic() >= self._flush_due_at
        if not force and (self._flushing.locked() or not is_due):
            return
        async with self._flushing:
            done, self._done, self._done_characters = self._done, [], 0
            began = time.monotonic()
            for some in _in_pieces(done):
                new = [recipe for id_, recipe in self._recipes.items() if id_ not in self._recorded]
                await asyncio.to_thread(self._write, some, new)
                self._recorded.update(recipe.recipe_id for recipe in new)
            ended = time.monotonic()
            self._flush_due_at = ended + max(_FLUSH_SECONDS, _FLUSH_TIMES * (ended - began))

    def _write(self, done: Sequence[store.Made], recipes: Sequence[Recipe]) -> None:
        """What is still ours: where another process took a code over, because this one stood still, its work stands."""
        ours = self._leases.renew()
        held = [made for made in done if made.slot.code in ours]
        if len(held) < len(done):
            self._progress.note(
                f"{len(done) - len(held)} slots were taken over by another process; see MEDSYNTH_LEASE_S"
            )
        parts = [part for recipe in recipes for part in recipe_parts(recipe)]
        batch = store.batch_of(held, recipes, self._run_id, parts)
        with self._warehouse.writing() as con:
            con.execute(f"set memory_limit = '{_WRITING_MEMORY}'")
            con.execute(f"set threads = {_WRITING_THREADS}")
            store.write(con, batch)
