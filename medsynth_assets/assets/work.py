"""What is to be made: reads what stands, compares it with what is wanted.

Put here: the joint between warehouse, staleness and slot plans. Not here: making it (generating.py).
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from medsynth_assets.agents.asking import Asking, asking_with
from medsynth_assets.agents.chain import SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.knowledge import KnowledgeBase, KnowledgeError
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.lineage.staleness import stale_stages
from medsynth_assets.records.artifact import Artifact, Kind, Stage, Standing
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.reference.population import Populations, read_populations
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.reference_store import code_facts, current_release


@dataclass(frozen=True)
class Order:
    """What is to be current afterwards."""

    codes: tuple[str, ...]
    stages: tuple[Stage, ...]
    per_code: int
    judge_rounds: int
    concurrency: int
    force: bool = False

    def slots(self, code: str) -> list[Slot]:
        return [Slot(code, ordinal) for ordinal in range(1, self.per_code + 1)]


@dataclass
class Todo:
    """What an order comes to.

    works: slots with something to make. approved: standing scenarios by code and ordinal.
    standing: slots that are current already, by code and stage. refused: reason and detail by code.
    """

    works: list[SlotWork] = field(default_factory=list)
    approved: dict[str, dict[int, Scenario]] = field(default_factory=dict)
    standing: dict[tuple[str, Stage], int] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Stands:
    """What the warehouse holds of the order's codes."""

    icd: Mapping[str, CodeFacts]
    populations: Populations
    heads: Mapping[tuple[str, Stage], store.Head]  # by record id and stage
    plans: Mapping[str, Artifact]  # by record id
    scenarios: Mapping[str, Artifact]  # those that standing notes were made from, by artifact id

    def of(self, slot: Slot) -> dict[Stage, store.Head]:
        return {s: self.heads[slot.record_id, s] for s in Stage if (slot.record_id, s) in self.heads}


def plan_work(warehouse: WarehouseFile, asking: Asking, base: KnowledgeBase, order: Order, run_id: str) -> Todo:
    """Everything to be made for the order, and why some of it cannot be.

    Raises ReferenceInputError where reference assets are missing.
    """
    note_run(warehouse, run_id)
    with warehouse.writing() as con:
        _demand_reference(con)
        store.set_targets(con, list(order.codes), order.per_code, run_id)
        stands = _read(con, list(order.codes))
    todo = Todo()
    for code in order.codes:
        if code not in stands.icd:
            todo.refused[code] = ("unknown_code", f"{code} is not in the ICD-10-CM release in force")
            continue
        try:
            expected = {stage: asking.stage_recipe_id(stage, stands.icd[code]) for stage in order.stages}
        except KnowledgeError as error:
            todo.refused[code] = ("no_knowledge", str(error))
            continue
        works = list(_works(code, order, asking, base, stands, expected, todo))
        if works:
            todo.works += works
            todo.approved[code] = dict(_approved(code, stands))
    return todo


def _read(con: duckdb.DuckDBPyConnection, codes: list[str]) -> _Stands:
    icd = code_facts(con, codes)
    heads = store.heads(con, codes)
    made_from = [head.parent_artifact_id for (_, stage), head in heads.items() if stage is Stage.NOTES]
    return _Stands(icd, read_populations(con, icd), heads, store.plans(con, codes), store.artifacts(con, made_from))


def _works(
    code: str,
    order: Order,
    asking: Asking,
    base: KnowledgeBase,
    stands: _Stands,
    expected: Mapping[Stage, str],
    todo: Todo,
) -> Iterator[SlotWork]:
    """Slots of a code with something stale; counts those that stand into `todo.standing`."""
    population = stands.populations.of(stands.icd[code], base)
    for slot in order.slots(code):
        heads = stands.of(slot)
        stale = stale_stages({s: _standing(h) for s, h in heads.items()}, expected, force=order.force)
        for stage in order.stages:
            todo.standing[code, stage] = todo.standing.get((code, stage), 0) + (stage in heads and stage not in stale)
        if stale:
            planned = stands.plans.get(slot.record_id)
            if planned and Stage.SCENARIOS not in stale:  # a plan stays as long as its scenario does
                plan = SlotPlan.model_validate(planned.content)
            else:
                plan = plan_slot(stands.icd[code], slot.ordinal, population, asking.seed)
            yield SlotWork(slot, plan, tuple(stale), _parents(heads, stale, stands.scenarios))


def _standing(head: store.Head) -> Standing:
    return Standing(head.artifact.artifact_id, head.parent_artifact_id, head.stage_recipe_id)


def _parents(
    heads: Mapping[Stage, store.Head], stale: Mapping[Stage, object], scenarios: Mapping[str, Artifact]
) -> dict[Kind, Artifact]:
    """The artifacts a slot's chain may build on: products that are not to be made again."""
    current = {stage.product: head.artifact for stage, head in heads.items() if stage not in stale}
    note = heads.get(Stage.NOTES)
    if note and Stage.NOTES not in stale and note.parent_artifact_id in scenarios:
        current[Kind.SCENARIO] = scenarios[note.parent_artifact_id]  # the one the standing note tells of
    return current


def _approved(code: str, stands: _Stands) -> Iterator[tuple[int, Scenario]]:
    for (_, stage), head in stands.heads.items():
        if stage is Stage.SCENARIOS and head.artifact.slot.code == code:
            yield head.artifact.slot.ordinal, Scenario.model_validate(head.artifact.content)


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


def stale_codes(
    warehouse: WarehouseFile, codes: Sequence[str], *, engine: str, per_code: int, seed: int, force: bool
) -> set[str]:
    """Codes of which something would be made: a slot missing, stale, or in quarantine. Reads no texts."""
    settings = load_settings()
    answering = engine_for(engine, settings)
    asking = asking_with(answering, seed, settings)
    with warehouse.reading() as con:
        standings = store.standings(con, list(codes))
        icd = code_facts(con, list(codes))
    try:
        return {code for code in codes if force or _is_stale(icd.get(code), asking, per_code, standings)}
    finally:
        asyncio.run(answering.close())


def _is_stale(
    icd: CodeFacts | None, asking: Asking, per_code: int, standings: Mapping[str, Mapping[Stage, Standing]]
) -> bool:
    if icd is None:
        return True  # making it puts the reason into quarantine
    try:
        expected = {stage: asking.stage_recipe_id(stage, icd) for stage in Stage}
    except KnowledgeError:
        return True  # making it puts the reason into quarantine
    records = (Slot(icd.code, ordinal).record_id for ordinal in range(1, per_code + 1))
    return any(stale_stages(standings.get(record_id, {}), expected) for record_id in records)
