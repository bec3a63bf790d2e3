"""Prevalence by group: sex and age of the patients of each category, shrunk where cells are small.

A category's counts are blended with its block's shares, and those with its chapter's, and those with
all visits': share = (n·own + k·broader) / (n + k), with n the sampled mentions (empirical-Bayes shrinkage
with a Dirichlet prior of k pseudo-mentions; Efron and Morris 1975). Units: shares from 0 to 1.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import polars as pl

from medsynth_assets.clinical.family import below_age
from medsynth_assets.records.identity import digest
from medsynth_assets.records.population import Group, Sex

DATA = Path(__file__).resolve().parent.parent / "data"
_FILES = ("category_by_age_sex_namcs2019.csv", "demographics_namcs2019.csv", "mce_sex_age.csv")
PSEUDO_MENTIONS = 12.0  # k: a category with 12 sampled mentions counts as much as its block
_BANDS = {
    "0": (0, 1), "1-4": (1, 5), "5-11": (5, 12), "12-17": (12, 18), "18-24": (18, 25), "25-34": (25, 35),
    "35-44": (35, 45), "45-54": (45, 55), "55-64": (55, 65), "65-74": (65, 75), "75-84": (75, 85), "85+": (85, 95),
}  # fmt: skip


class GroupRelease(NamedTuple):
    """Frames of reference.icd_prevalence_by_group, .demographics and .age_sex_edits."""

    release_id: str
    groups: pl.DataFrame
    demographics: pl.DataFrame
    edits: pl.DataFrame


def read_groups(codes: pl.DataFrame) -> GroupRelease:
    """Build the release from the shipped survey tables.

    codes: category_code, block and chapter of the official set.
    """
    observed, margins, edits = (pl.read_csv(DATA / name, infer_schema_length=None) for name in _FILES)
    release_id = digest("groups:1", *(hashlib.sha256((DATA / name).read_bytes()).hexdigest() for name in _FILES))
    cells = _cells(observed)
    tree = codes.select("category_code", "block", "chapter").unique("category_code")
    groups = _shrunk(cells, tree)
    demographics = margins.filter(pl.col("domain") == "all_office_visits").select(
        pl.lit(release_id).alias("release_id"), "variable", "level",
        pl.col("share").alias("share_frac"), pl.col("se").alias("se_frac"),
    )  # fmt: skip
    limits = edits.filter(pl.col("billable_april_2026") == 1).select(
        pl.lit(release_id).alias("release_id"), "code",
        pl.col("min_age").cast(pl.Float64), pl.col("max_age").cast(pl.Float64),
        pl.col("sex").replace_strict({"F": "female", "M": "male"}, default=None).alias("sex"), "rule",
    )  # fmt: skip
    return GroupRelease(release_id, groups.with_columns(pl.lit(release_id).alias("release_id")), demographics, limits)


def _cells(observed: pl.DataFrame) -> pl.DataFrame:
    band = pl.col("age_band").replace_strict(_BANDS_LOW, return_dtype=pl.Float64)
    upper = pl.col("age_band").replace_strict(_BANDS_HIGH, return_dtype=pl.Float64)
    return observed.select(
        pl.col("category").alias("category_code"),
        pl.col("sex").str.to_lowercase(),
        band.alias("min_age"),
        upper.alias("max_age"),
        pl.col("weight").alias("observed_weight"),
        pl.col("n_sampled").alias("sampled_count"),
    )


_BANDS_LOW = {band: float(low) for band, (low, _) in _BANDS.items()}
_BANDS_HIGH = {band: float(high) for band, (_, high) in _BANDS.items()}
_CELL = ["sex", "min_age", "max_age"]


def _shrunk(cells: pl.DataFrame, tree: pl.DataFrame) -> pl.DataFrame:
    """Every category of the code set by every cell, observed or not."""
    grid = pl.DataFrame(
        [(sex, float(low), float(high)) for sex in ("female", "male") for low, high in _BANDS.values()],
        schema=_CELL,
        orient="row",
    )
    placed = cells.join(tree, on="category_code", how="inner")
    full = tree.join(grid, how="cross")
    everyone = _shares(placed.with_columns(everyone=pl.lit("all")), "everyone", "all").drop("everyone", "all_n")
    full = full.join(everyone, on=_CELL, how="left").with_columns(pl.col("all_share").fill_null(0.0).alias("prior"))
    for level in ("chapter", "block", "category_code"):
        full = full.join(_shares(placed, level, level), on=[level, *_CELL], how="left")
        n = pl.col(f"{level}_n").fill_null(0).max().over(level)
        own = pl.col(f"{level}_share").fill_null(0.0)
        full = full.with_columns(((n * own + PSEUDO_MENTIONS * pl.col("prior")) / (n + PSEUDO_MENTIONS)).alias("prior"))
    observed = cells.select("category_code", *_CELL, "observed_weight", "sampled_count")
    return (
        full.join(observed, on=["category_code", *_CELL], how="left")
        .select(
            "category_code", *_CELL,
            pl.col("observed_weight").fill_null(0.0),
            pl.col("sampled_count").fill_null(0).cast(pl.Int32),
            pl.col("prior").alias("share_frac"),
        )
        .sort("category_code", *_CELL)
    )  # fmt: skip


def _shares(placed: pl.DataFrame, level: str, name: str) -> pl.DataFrame:
    by_cell = placed.group_by(level, *_CELL).agg(pl.col("observed_weight").sum(), pl.col("sampled_count").sum())
    total = pl.col("observed_weight").sum().over(level)
    return by_cell.select(
        level, *_CELL,
        (pl.col("observed_weight") / total).alias(f"{name}_share"),
        pl.col("sampled_count").sum().over(level).alias(f"{name}_n"),
    )  # fmt: skip


class Limits(NamedTuple):
    """Age (inclusive years) and sex that a code or its condition admits."""

    min_age: float = 0
    max_age: float = 120
    sex: Sex | None = None


def admitted(groups: list[Group], limits: Limits) -> list[Group]:
    """The groups cut to the limits, each losing the share of the years it loses."""
    kept = []
    for group in groups:
        low, high = max(group.min_age, limits.min_age), min(group.max_age, below_age(limits.max_age))
        if (limits.sex and group.sex != limits.sex) or low >= high:
            continue
        share = group.share * (high - low) / (group.max_age - group.min_age)
        kept.append(Group(group.sex, low, high, share))
    return kept
