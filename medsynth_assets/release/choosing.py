"""What goes into a release: the gated pairs of now, of the codes asked for, without what was withdrawn or retired."""

from collections.abc import Collection
from typing import NamedTuple

import polars as pl

from medsynth_assets.errors import ReleaseError, UsageError
from medsynth_assets.release.splitting import split_of


class NothingToRelease(ReleaseError):
    """There is no pair that may be released."""


class Chosen(NamedTuple):
    """pairs: record_id, icd_code, scenario_id, note_id, dialogue_id and split, in the order of slots.
    withdrawn_count, retired_count: pairs of the codes asked for that were left out, by why."""

    pairs: pl.DataFrame
    withdrawn_count: int
    retired_count: int


def choose(gated: pl.DataFrame, codes: Collection[str], held_out: Collection[str]) -> Chosen:
    """From all gated pairs (warehouse/release_store.gated_pairs) those of a release, with the split of each.

    codes: only these, where any are named. Raises UsageError for a code that has no gated pair, NothingToRelease.
    """
    if gated.is_empty():
        raise NothingToRelease("nothing to release: marts.pairs is empty; make some with: medsynth run --top 20")
    known = set(gated["icd_code"].unique())
    for option, named in (("--codes", codes), ("--hold-out", held_out)):
        missing = sorted(set(named) - known)
        if missing:
            raise UsageError(
                f"{option}: no gated pair of {', '.join(missing[:5])}; make them with: medsynth run --codes {','.join(missing[:5])}"
            )
    asked = gated.filter(pl.col("icd_code").is_in(list(codes))) if codes else gated
    kept = asked.filter(~pl.col("is_withdrawn") & ~pl.col("is_retired"))
    if kept.is_empty():
        raise NothingToRelease(
            f"nothing to release: all {asked.height} pairs that pass the gate were withdrawn or have a code that is not in force"
        )
    held = frozenset(held_out)
    splits = [split_of(record_id, held).value for record_id in kept["record_id"]]
    return Chosen(
        kept.drop("is_withdrawn", "is_retired").with_columns(pl.Series("split", splits, dtype=pl.String)),
        withdrawn_count=int(asked["is_withdrawn"].sum()),
        retired_count=int((asked["is_retired"] & ~asked["is_withdrawn"]).sum()),
    )
