"""Making slots: read what stands, make what is stale, write whole slots as they are done.

Put here: the joint between warehouse, staleness and the agents' chain. Not here: Dagster (generation.py),
what an agent does (agents/), how a table is written (warehouse/).
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.assets.population import Populations, read_populations
from medsynth_assets.assets.progress import Progress
from medsynth_assets.clinical.knowledge import KnowledgeBase, KnowledgeError
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.lineage.staleness import stale_stages
from medsynth_assets.records.artifact import Artifact, Kind, Recipe, Stage, Standing
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.population import Population
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.reference_store import code_facts, current_release

_FLUSH_SLOTS = 250  # slots written in one transaction, at most
_FLUSH_SECONDS = 2.0  # the longest a finished slot waits to be written


@dataclass(frozen=True)
class Order:
    """What is to be current afterwards."""

    codes: tuple[str, ...]
    stages: tuple[Stage, ...]
    per_code: int
    judge_rounds: int
    concurrency: int
    force: bool = False


@dataclass
class CodeCount:
    """Slots of one code at one stage: wanted, standing afterwards, made now, in quarantine."""

    target: int
    accepted: int = 0
    made: int = 0
    quarantined: int = 0


@dataclass
class Report:
    """What a run did. `reasons` counts quarantine by stage and reason."""

    counts: dict[tuple[str, Stage], CodeCount] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


class Generation:
    """One run over many codes with one engine."""

    def __init__(
        self, warehouse: WarehouseFile, asking: Asking, base: KnowledgeBase, progress: Progress, run_id: str
    ) -> None:
        self._warehouse, self._asking, self._base = warehouse, asking, base
        self._progress, self._run_id = progress, run_id
        self._done: list[store.Made] = []
        self._recipes: dict[str, Recipe] = {}
        self._flushed_at = time.monotonic()
        self._flushing = asyncio.Lock()
        self.report = Report()

    async def run(self, order: Order) -> Report:
        """Bring the order's slots up to date. Whatever was finished is written, also when this raises.

        Raises ReferenceInputError where reference assets are missing, EngineDown where going on is pointless.
        """
        began = time.monotonic()
        works, chains = self._plan(order)
        refused = {made.quarantined[0]: len(self._done) for made in self._done if made.quarantined}
        self._progress.planned(_planned(order.stages, works, refused))
        for stage, count in refused.items():
            for _ in range(count):
                self._progress.done(stage, accepted=False)
        gate = asyncio.Semaphore(order.concurrency * 2)  # slots under way; the engine limits its own requests

        async def one(work: SlotWork) -> None:
            async with gate:
                made = await chains[work.slot.code].make(work)
            self._finish(made, chains[work.slot.code])
            await self._flush(force=False)

        try:
            async with asyncio.TaskGroup() as group:
                for work in works:
                    group.create_task(one(work))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            await self._flush(force=True)
            self.report.seconds = time.monotonic() - began
        return self.report

    # What is to be made

    def _plan(self, order: Order) -> tuple[list[SlotWork], dict[str, Chain]]:
        codes = list(order.codes)
        with self._warehouse.writing() as con:
            _demand_reference(con)
            store.set_targets(con, codes, order.per_code, self._run_id)
            icd = code_facts(con, codes)
            populations = read_populations(con, icd)
            heads = store.heads(con, codes)
            plans = store.plans(con, codes)
            notes = [h for (_, stage), h in heads.items() if stage is Stage.NOTES]
            scenarios = store.artifacts(con, [h.parent_artifact_id for h in notes])
        works: list[SlotWork] = []
        chains: dict[str, Chain] = {}
        for code in codes:
            if code not in icd:
                self._refuse_unknown(code, order)
                continue
            of_code = self._plan_code(icd[code], order, populations, heads, plans, scenarios)
            approved = {
                h.artifact.slot.ordinal: Scenario.model_validate(h.artifact.content)
                for (_, stage), h in heads.items()
                if stage is Stage.SCENARIOS and h.artifact.slot.code == code
            } if of_code else {}  # fmt: skip
            chains[code] = Chain(self._asking, order.judge_rounds, approved, self._watch)
            chains[code].expect(of_code)
            works += of_code
        return works, chains

    def _plan_code(
        self,
        icd: CodeFacts,
        order: Order,
        populations: Populations,
        heads: Mapping[tuple[str, Stage], store.Head],
        plans: Mapping[str, Artifact],
        scenarios: Mapping[str, Artifact],
    ) -> list[SlotWork]:
        for stage in order.stages:
            self.report.counts[icd.code, stage] = CodeCount(order.per_code)
        slots = [Slot(icd.code, n) for n in range(1, order.per_code + 1)]
        try:
            expected = {stage: self._asking.stage_recipe_id(stage, icd.code) for stage in order.stages}
        except KnowledgeError as error:
            self._refuse(slots, order.stages[0], "no_knowledge", str(error))
            return []
        population = populations.of(icd, self._base)
        works = []
        for slot in slots:
            standing = {s: heads[slot.record_id, s] for s in Stage if (slot.record_id, s) in heads}
            stale = stale_stages({s: _standing(h) for s, h in standing.items()}, expected, force=order.force)
            for stage in order.stages:
                self.report.counts[icd.code, stage].accepted += stage in standing and stage not in stale
            if stale:
                plan = self._plan_of(slot, icd, population, plans, redo=Stage.SCENARIOS in stale)
                works.append(SlotWork(slot, plan, tuple(stale), _current(standing, stale, plans, plan, scenarios)))
        return works

    def _plan_of(
        self, slot: Slot, icd: CodeFacts, population: Population, plans: Mapping[str, Artifact], *, redo: bool
    ) -> SlotPlan:
        """A standing plan stays as long as its scenario does; a scenario made anew is planned anew."""
        standing = plans.get(slot.record_id)
        if standing and not redo:
            return SlotPlan.model_validate(standing.content)
        return plan_slot(icd, slot.ordinal, population, self._asking.seed)

    def _refuse_unknown(self, code: str, order: Order) -> None:
        """A partition added by hand, or one whose code left the official set."""
        for stage in order.stages:
            self.report.counts[code, stage] = CodeCount(order.per_code)
        slots = [Slot(code, n) for n in range(1, order.per_code + 1)]
        self._refuse(slots, order.stages[0], "unknown_code", f"{code} is not in the ICD-10-CM release in force")

    def _refuse(self, slots: Iterable[Slot], stage: Stage, reason: str, detail: str) -> None:
        for slot in slots:
            self._done.append(
                store.Made(slot, (), {}, (), (stage, reason, detail), {stage: ""}, self._asking.engine.name)
            )
            self.report.counts[slot.code, stage].quarantined += 1
            self.report.reasons[f"{stage}: {reason}"] += 1

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
        tokens = sum(c.input_tokens + c.output_tokens for c in work.calls if not c.from_ledger)
        cost = sum(c.cost_usd for c in work.calls if not c.from_ledger)
        self.report.calls += sum(not c.from_ledger for c in work.calls)
        self.report.tokens += tokens
        self.report.cost_usd += cost
        self._progress.spent(tokens, cost)
        recipe_ids = {stage: self._asking.stage_recipe_id(stage, work.slot.code) for stage in work.stages}
        self._done.append(
            store.Made(
                work.slot, work.artifacts, work.products, work.calls,
                work.quarantined, recipe_ids, self._asking.engine.name,
            )
        )  # fmt: skip

    async def _flush(self, *, force: bool) -> None:
        """Write finished slots off the event loop, in one transaction."""
        waited = time.monotonic() - self._flushed_at
        if not force and (self._flushing.locked() or (len(self._done) < _FLUSH_SLOTS and waited < _FLUSH_SECONDS)):
            return
        async with self._flushing:
            done, self._done = self._done, []
            self._flushed_at = time.monotonic()
            if done:
                await asyncio.to_thread(self._write, done, list(self._recipes.values()))

    def _write(self, done: Sequence[store.Made], recipes: Sequence[Recipe]) -> None:
        with self._warehouse.writing() as con:
            store.write(con, done, recipes, self._run_id)


def stale_codes(
    warehouse: WarehouseFile, codes: Sequence[str], *, engine: str, per_code: int, seed: int, force: bool
) -> set[str]:
    """Codes of which something would be made: a slot missing, stale, or in quarantine."""
    asking = Asking(engine_for(engine, load_settings()), seed)
    with warehouse.reading() as con:
        standings = store.standings(con, list(codes))
    stale = set()
    for code in codes:
        try:
            expected = {stage: asking.stage_recipe_id(stage, code) for stage in Stage}
        except KnowledgeError:
            stale.add(code)  # making it puts the reason into quarantine
            continue
        slots = [Slot(code, n).record_id for n in range(1, per_code + 1)]
        if force or any(stale_stages(standings.get(record_id, {}), expected) for record_id in slots):
            stale.add(code)
    return stale


def _demand_reference(con: duckdb.DuckDBPyConnection) -> None:
    for kind, asset in (
        ("icd10cm", "icd10cm_codes"),
        ("prevalence", "icd_prevalence"),
        ("groups", "icd_prevalence_by_group"),
    ):
        if current_release(con, kind) is None:
            raise ReferenceInputError(
                f"{asset} has not been materialized; materialize the reference assets first"
                " (group `reference` in the UI, or medsynth run, which does it by itself)"
            )


def _planned(stages: Sequence[Stage], works: Sequence[SlotWork], refused: Mapping[Stage, int]) -> dict[Stage, int]:
    return {stage: sum(stage in work.stages for work in works) + refused.get(stage, 0) for stage in stages}


def _standing(head: store.Head) -> Standing:
    return Standing(head.artifact.artifact_id, head.parent_artifact_id, head.stage_recipe_id)


def _current(
    standing: Mapping[Stage, store.Head],
    stale: Mapping[Stage, object],
    plans: Mapping[str, Artifact],
    plan: SlotPlan,
    scenarios: Mapping[str, Artifact],
) -> dict[Kind, Artifact]:
    """The artifacts a slot's chain may build on: its parents that are not to be made again."""
    current = {s.product: h.artifact for s, h in standing.items() if s not in stale}
    note = standing.get(Stage.NOTES)
    if note and Stage.NOTES not in stale and Stage.SCENARIOS not in stale:
        made_from = scenarios.get(note.parent_artifact_id)
        if made_from:
            current[Kind.SCENARIO] = made_from  # the one the standing note tells of
    return current
