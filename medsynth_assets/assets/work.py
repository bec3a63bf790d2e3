"""What is to be made: the plan (refresh/), with what each slot's agents need to know.

Put here: the joint between warehouse, plan and slot plans. Not here: making it (generating.py).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.knowledge import KnowledgeBase
from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.records.artifact import Artifact, Kind, Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.reference.population import Populations, read_populations
from medsynth_assets.refresh.planning import Wanting, plan_for
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.clock import moment
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.reference_store import code_facts, current_release


@dataclass(frozen=True)
class Order:
    """What is to be current afterwards: of the codes, the slots that are `wanting`, as far as the policy has it."""

    codes: tuple[str, ...]
    stages: tuple[Stage, ...]
    wanting: Callable[[Sequence[str]], Wanting]
    policy: Policy
    judge_rounds: int
    concurrency: int


@dataclass
class Todo:
    """What an order comes to.

    works: slots with something to make, in order. approved: standing scenarios by code and ordinal.
    targets: records wanted by code. standing: slots that are current already, by code and stage.
    refused: slots that cannot be made, with reason and detail. since: when the order was begun.
    """

    works: list[SlotWork] = field(default_factory=list)
    approved: dict[str, dict[int, Scenario]] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    standing: dict[tuple[str, Stage], int] = field(default_factory=dict)
    refused: dict[Slot, tuple[str, str]] = field(default_factory=dict)
    since: dt.datetime | None = None


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


def plan_work(warehouse: AnyWarehouse, asking: Asking, base: KnowledgeBase, order: Order, run_id: str) -> Todo:
    """Everything that the plan over the order's codes says is due, and why some of it cannot be made.

    Raises ReferenceInputError where reference assets are missing.
    """
    note_run(warehouse, run_id)
    with warehouse.writing() as con:  # makes an empty warehouse where there is none
        _demand_reference(con)
    planned = plan_for(warehouse, asking, order.wanting(order.codes), order.policy, order.stages)
    plan = planned.plan
    due = plan.due.partition_by("record_id", maintain_order=True)
    with warehouse.writing() as con:
        since = moment(con)
        store.set_targets(con, {code: plan.targets[code] for code in order.codes if code in plan.targets}, run_id)
        store.set_marks(con, dict(plan.marked.select("icd_code", "mark").iter_rows()), list(plan.targets), run_id)
        stands = _read(con, plan.due["icd_code"].unique().to_list())
    todo = Todo(targets=plan.targets, standing=plan.standing, since=since)
    for rows in due:
        slot = Slot(rows["icd_code"][0], rows["ordinal"][0])
        if slot.code in planned.expected.refused:
            todo.refused[slot] = planned.expected.refused[slot.code]
        else:
            todo.works.append(_work(slot, rows, asking, base, stands))
    for code in {work.slot.code for work in todo.works}:
        todo.approved[code] = dict(_approved(code, stands))
    return todo


def in_order_of_making(works: Iterable[SlotWork]) -> list[SlotWork]:
    """Codes as they come; within a code, lower slots first: higher ones wait for their scenarios."""
    places: dict[str, int] = {}
    works = list(works)
    for work in works:
        places.setdefault(work.slot.code, len(places))
    return sorted(works, key=lambda work: (places[work.slot.code], work.slot.ordinal))


def _read(con: duckdb.DuckDBPyConnection, codes: list[str]) -> _Stands:
    icd = code_facts(con, codes)
    heads = store.heads(con, codes)
    made_from = [head.parent_artifact_id for (_, stage), head in heads.items() if stage is Stage.NOTES]
    return _Stands(icd, read_populations(con, icd), heads, store.plans(con, codes), store.artifacts(con, made_from))


def _work(slot: Slot, rows: pl.DataFrame, asking: Asking, base: KnowledgeBase, stands: _Stands) -> SlotWork:
    """rows: the plan's, for the slot's stages that are due."""
    stages = tuple(Stage(stage) for stage in rows["stage"])
    heads, icd = stands.of(slot), stands.icd[slot.code]
    planned = stands.plans.get(slot.record_id)
    if planned and Stage.SCENARIOS not in stages:  # a plan stays as long as its scenario does
        plan = SlotPlan.model_validate(planned.content)
    else:
        plan = plan_slot(icd, slot.ordinal, stands.populations.of(icd, base), asking.seed)
    recipes, editions = (dict(zip(stages, rows[column], strict=True)) for column in ("stage_recipe_id", "edition"))
    return SlotWork(slot, plan, stages, _parents(heads, stages, stands.scenarios), recipes, editions)


def _parents(
    heads: Mapping[Stage, store.Head], stages: tuple[Stage, ...], scenarios: Mapping[str, Artifact]
) -> dict[Kind, Artifact]:
    """The artifacts a slot's chain may build on: products that are not to be made again."""
    current = {stage.product: head.artifact for stage, head in heads.items() if stage not in stages}
    note = heads.get(Stage.NOTES)
    if note and Stage.NOTES not in stages and note.parent_artifact_id in scenarios:
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
