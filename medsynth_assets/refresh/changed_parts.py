"""Which part of a recipe changed: told beside the reason `recipe changed`."""

from importlib import resources

import duckdb
import polars as pl

from medsynth_assets.refresh.reasons import Reason


def with_changed_parts(con: duckdb.DuckDBPyConnection, cells: pl.DataFrame, recipes: pl.DataFrame) -> pl.DataFrame:
    """The plan's cells; where the recipe changed, `detail` names the parts and the agents whose they are.

    recipes: a row per stage recipe and agent of now (Expected.recipes).
    """
    of_recipe = pl.col("reason") == Reason.RECIPE.value
    changed = cells.filter(of_recipe).select("record_id", "stage", "stage_recipe_id")
    if changed.is_empty():
        return cells
    con.register("changed", changed)
    con.register("recipes", recipes)
    try:
        parts = con.execute((resources.files("medsynth_assets.refresh") / "changed_parts.sql").read_text("utf-8")).pl()
    finally:
        con.unregister("changed")
        con.unregister("recipes")
    joined = cells.join(parts, on=["record_id", "stage"], how="left", maintain_order="left")
    detail = pl.when(of_recipe).then(pl.col("parts").fill_null("")).otherwise(pl.col("detail")).alias("detail")
    return joined.with_columns(detail).drop("parts")
