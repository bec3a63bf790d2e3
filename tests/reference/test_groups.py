"""Prevalence by group: shares, shrinkage, age and sex limits."""

import polars as pl
import pytest

from medsynth_assets.records.population import Group
from medsynth_assets.reference.groups import PSEUDO_MENTIONS, GroupRelease, Limits, admitted, read_groups

TREE = pl.DataFrame(
    {
        "category_code": ["I10", "I16", "I1A", "N40", "Z34"],
        "block": ["I10-I1A", "I10-I1A", "I10-I1A", "N40-N53", "Z30-Z39"],
        "chapter": ["9", "9", "9", "14", "21"],
    }
)


@pytest.fixture(scope="module")
def release() -> GroupRelease:
    return read_groups(TREE)


def shares(release: GroupRelease, category: str) -> dict[tuple[str, float], float]:
    rows = release.groups.filter(pl.col("category_code") == category).select("sex", "min_age", "share_frac").rows()
    return {(sex, age): share for sex, age, share in rows}


@pytest.mark.parametrize("category", TREE["category_code"].to_list())
def test_the_shares_of_a_category_are_a_distribution(release: GroupRelease, category: str) -> None:
    """24 cells, none negative, that sum to one, for categories with and without observations."""
    cells = shares(release, category)
    assert len(cells) == 24
    assert min(cells.values()) >= 0
    assert sum(cells.values()) == pytest.approx(1.0)


def test_a_category_that_was_seen_often_keeps_its_own_shape(release: GroupRelease) -> None:
    """Hypertension, with hundreds of sampled mentions, is hardly moved by its block."""
    own = release.groups.filter((pl.col("category_code") == "I10") & (pl.col("sampled_count") > 0))
    total = own["observed_weight"].sum()
    moved = (own["observed_weight"] / total - own["share_frac"]).abs().max()
    assert own["sampled_count"].sum() > 20 * PSEUDO_MENTIONS
    assert moved is not None
    assert moved < 0.02


def test_a_category_that_was_never_seen_takes_its_blocks_shape(release: GroupRelease) -> None:
    """Other hypertension (I1A) has no observation in the survey: it is distributed as its block is."""
    assert release.groups.filter(pl.col("category_code") == "I1A")["sampled_count"].sum() == 0
    assert max(abs(shares(release, "I1A")[cell] - share) for cell, share in shares(release, "I10").items()) < 0.05


def test_age_and_sex_lists_come_with_the_release(release: GroupRelease) -> None:
    """The Medicare Code Editor's lists: prostate is male, sexes are spelled out."""
    prostate = release.edits.filter(pl.col("code") == "N40.0")
    assert prostate["sex"].drop_nulls().to_list() == ["male"]
    assert set(release.edits["sex"].drop_nulls().unique()) == {"female", "male"}


@pytest.mark.parametrize(
    ("limits", "bounds"),
    [
        pytest.param(Limits(0, 0), (0, 1), id="newborn-is-the-first-year"),
        pytest.param(Limits(0, 0.25), (0, 0.25), id="three-months-are-three-months"),
        pytest.param(Limits(0.5, 17), (0.5, 1), id="from-six-months"),
    ],
)
def test_age_limits_cut_a_group_to_the_years_admitted(limits: Limits, bounds: tuple[float, float]) -> None:
    """A whole limit admits its whole year; a fraction is meant as it stands; the share shrinks with the years."""
    (cut,) = admitted([Group("female", 0, 1, 1.0)], limits)
    assert (cut.min_age, cut.max_age) == bounds
    assert cut.share == pytest.approx(bounds[1] - bounds[0])
