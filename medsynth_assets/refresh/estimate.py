"""What a plan will cost: calls, tokens and dollars of each stage of each slot, from what its recipe took before."""

from importlib import resources

import duckdb
import polars as pl

from medsynth_assets.engines.budget import Limits
from medsynth_assets.engines.pricing import PriceTable
from medsynth_assets.engines.typical import typical_calls, typical_tokens
from medsynth_assets.records.artifact import Agent
from medsynth_assets.refresh.plan import Plan
from medsynth_assets.settings import Settings

COSTS = ("calls", "tokens", "cost_usd")


def estimated(con: duckdb.DuckDBPyConnection, plan: Plan, recipes: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The plan's due cells with calls, tokens and cost_usd: expected figures, so not whole ones.

    recipes: a row per stage recipe and agent (Expected.recipes). A code that cannot be made costs nothing.
    """
    con.register("recipes", recipes.with_columns(**_defaults(recipes, PriceTable(settings.prices))))
    try:
        costs = con.execute((resources.files("medsynth_assets.refresh") / "estimate.sql").read_text("utf-8")).pl()
    finally:
        con.unregister("recipes")
    joined = plan.due.join(costs, on="stage_recipe_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(COSTS).fill_null(0.0))


def fitting(costs: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The estimated plan with `is_within`: whether the slot is expected to fit, in order, before a limit is reached."""
    slots = costs.group_by("record_id", maintain_order=True).agg(pl.col("cost_usd", "tokens").sum())
    within = pl.lit(value=True)
    if limits.usd is not None:
        within &= pl.col("cost_usd").cum_sum() <= limits.usd
    if limits.tokens is not None:
        within &= pl.col("tokens").cum_sum() <= limits.tokens
    if limits.records is not None:
        within &= pl.int_range(1, pl.len() + 1) <= limits.records
    slots = slots.select("record_id", within.alias("is_within"))
    return costs.join(slots, on="record_id", how="left", maintain_order="left")


def _defaults(recipes: pl.DataFrame, prices: PriceTable) -> dict[str, pl.Series]:
    """The agent's usual calls a record, of its usual size; the offline engine takes no tokens."""
    calls, tokens, costs = [], [], []
    for agent, engine, model in recipes.select("agent", "engine", "model").iter_rows():
        usual = typical_tokens(Agent(agent))
        is_paid = engine != "offline"
        count = typical_calls(Agent(agent))
        calls.append(float(count))
        tokens.append(float(count * (usual.input + usual.output)) if is_paid else 0.0)
        costs.append(count * prices.cost_usd(model, usual) if is_paid else 0.0)
    series = {"default_calls": calls, "default_tokens": tokens, "default_cost_usd": costs}
    return {name: pl.Series(name, values, dtype=pl.Float64) for name, values in series.items()}
