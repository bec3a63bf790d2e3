"""What a refresh would do now: the plan over everything that is wanted, its costs, and what of it fits the limits."""

from typing import NamedTuple

import polars as pl

from medsynth_assets.engines.budget import Limits
from medsynth_assets.records.artifact import Stage
from medsynth_assets.reference.prevalence import release_id_of
from medsynth_assets.reference.source import prevalence_file
from medsynth_assets.refresh.changed_parts import with_changed_parts
from medsynth_assets.refresh.estimate import COSTS, estimated, fitting
from medsynth_assets.refresh.plan import Plan
from medsynth_assets.refresh.planning import plan_for, refreshing, would_ask
from medsynth_assets.refresh.policy import policy_of
from medsynth_assets.refresh.reasons import Reason
from medsynth_assets.settings import Settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.reference_store import current_release

_STAGE_ORDER = {stage.value: n for n, stage in enumerate(Stage)}
_REASON_ORDER = {reason.value: n for n, reason in enumerate(Reason)}


class Outlook(NamedTuple):
    """costs: the plan's due cells, in order, with calls, tokens, cost_usd and is_within (fits the limits)."""

    plan: Plan
    costs: pl.DataFrame
    limits: Limits

    @property
    def is_idle(self) -> bool:
        """Nothing is due; something may wait for its backoff."""
        return not self.plan.codes

    def summary(self) -> pl.DataFrame:
        """A row per stage and reason: slots, codes, calls, tokens, cost_usd, slots_within."""
        grouped = self.costs.group_by("stage", "reason").agg(
            pl.len().alias("slots"),
            pl.col("icd_code").n_unique().alias("codes"),
            pl.col(COSTS).sum(),
            pl.col("is_within").sum().alias("slots_within"),
        )
        order = (pl.col("stage").replace_strict(_STAGE_ORDER), pl.col("reason").replace_strict(_REASON_ORDER))
        return grouped.sort(*order) if grouped.height else grouped

    def within(self) -> list[str]:
        """Codes with a slot that fits, in order, and those with records to judge."""
        fitting = self.costs.filter("is_within")["icd_code"].unique(maintain_order=True).to_list()
        return [*fitting, *sorted(self.plan.unjudged - set(fitting))]


def look_ahead(settings: Settings, engine: str, limits: Limits) -> Outlook:
    """The outlook of now. Makes and marks nothing; raises WarehouseError where there is no warehouse."""
    warehouse = warehouse_of(settings)
    with would_ask(engine, settings.seed, settings) as asking:
        planned = plan_for(warehouse, asking, refreshing(settings), policy_of(settings))
    with warehouse.reading() as con:
        recipes = planned.expected.recipes
        costs = with_changed_parts(con, estimated(con, planned.plan, recipes, settings), recipes)
    return Outlook(planned.plan, fitting(costs, limits), limits)


def reference_is_current(settings: Settings) -> bool:
    """Whether the reference assets are loaded, and the prevalence release is the one that the settings name."""
    warehouse = warehouse_of(settings)
    if not warehouse.exists:
        return False
    wanted = release_id_of(prevalence_file(settings), settings.prevalence_basis)
    with warehouse.reading() as con:
        loaded = {kind: current_release(con, kind) for kind in ("icd10cm", "prevalence", "groups")}
    return None not in loaded.values() and loaded["prevalence"] == wanted
