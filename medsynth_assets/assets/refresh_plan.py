"""refresh_plan: what a refresh would make now, why, and what it will cost. Makes nothing."""

import dagster as dg
import polars as pl

from medsynth_assets.assets.markdown import markdown
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.refresh.limits import limits_of
from medsynth_assets.refresh.outlook import Outlook, look_ahead

_SHOWN_SLOTS = 200


@dg.asset(group_name="refresh", code_version="1", kinds={"duckdb", "sql"}, deps=["icd_prevalence"])
def refresh_plan(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """The slots and stages that a refresh would make now, most prevalent code first, with reasons and expected costs.

    Computed from the warehouse each time; a run makes what the plan says of its partitions at its start.
    """
    settings = warehouse.settings
    try:
        outlook = look_ahead(settings, settings.engine, limits_of(settings))
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(metadata=_metadata(outlook))


def _metadata(outlook: Outlook) -> dict[str, dg.MetadataValue]:
    plan, costs = outlook.plan, outlook.costs
    slots = costs.select("record_id", "stage", "reason", "detail", "set_at", "calls", "tokens", "cost_usd", "is_within")
    marks = plan.marked.group_by("mark").agg(pl.len().alias("codes"), pl.col("record_count").sum()).sort("mark")
    waiting = plan.waiting.select("record_id", "stage", "reason", "detail", "due_at")
    return {
        "to_make": dg.MetadataValue.int(costs.height),
        "slots": dg.MetadataValue.int(costs["record_id"].n_unique()),
        "slots_beyond_limits": dg.MetadataValue.int(costs.filter(~pl.col("is_within"))["record_id"].n_unique()),
        "calls": dg.MetadataValue.float(float(costs["calls"].sum())),
        "tokens": dg.MetadataValue.float(float(costs["tokens"].sum())),
        "cost_usd": dg.MetadataValue.float(float(costs["cost_usd"].sum())),
        "codes_to_judge": dg.MetadataValue.int(len(plan.unjudged)),
        "summary": dg.MetadataValue.md(markdown(outlook.summary(), _SHOWN_SLOTS)),
        "plan": dg.MetadataValue.md(markdown(slots, _SHOWN_SLOTS)),
        "waiting": dg.MetadataValue.md(markdown(waiting, _SHOWN_SLOTS)),
        "kept_as_they_are": dg.MetadataValue.md(markdown(marks, _SHOWN_SLOTS)),
    }
