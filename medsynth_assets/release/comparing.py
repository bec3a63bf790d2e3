"""Two releases compared: what was added, changed and withdrawn, and why.

A release is named by its directory, or by the name or id under which the warehouse recorded it. Why is read from the warehouse as it
was when the releases were made.
"""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.release_proof import LINEAGE, MANIFEST
from medsynth_assets.records.artifact import Stage
from medsynth_assets.release.manifest import read_manifest
from medsynth_assets.warehouse import release_diff_store as reasons
from medsynth_assets.warehouse import release_store as store
from medsynth_assets.warehouse.opening import AnyWarehouse

_IDS = ("record_id", "split", "scenario_id", "note_id", "dialogue_id")
_SHORT = 8  # characters of an id that people are shown


class Sort(StrEnum):
    """What became of a record from one release to the other."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"  # the same artifacts in another split
    WITHDRAWN = "withdrawn"


class Side(NamedTuple):
    """One of the two. codes: those it was asked to be of, none for all. records: record_id, split and ids."""

    release_id: str
    name: str
    released_at: dt.datetime
    codes: frozenset[str]
    held_out: frozenset[str]
    records: pl.DataFrame


class Change(NamedTuple):
    """was_id, now_id: the artifacts that differ; '' where there is none."""

    sort: Sort
    record_id: str
    why: str
    was_id: str
    now_id: str


class Comparison:
    """Read whole, then told: the warehouse is closed by the time that anyone looks at a change."""

    def __init__(self, older: Side, newer: Side, changed: pl.DataFrame, gone: pl.DataFrame, come: pl.DataFrame) -> None:
        self.older, self.newer = older, newer
        self._changed, self._gone, self._come = changed, gone, come

    @property
    def counts(self) -> dict[Sort, int]:
        changed = self._changed.filter(pl.col("stage") != "").height
        moved = self._changed.height - changed
        return {
            Sort.ADDED: self._come.height, Sort.CHANGED: changed, Sort.MOVED: moved, Sort.WITHDRAWN: self._gone.height,
        }  # fmt: skip

    def changes(self) -> Iterator[Change]:
        """Withdrawn first, then changed, moved and added; by record id."""
        for row in self._gone.iter_rows(named=True):
            yield Change(Sort.WITHDRAWN, row["record_id"], why_gone(row, self.newer.codes), row["dialogue_id"], "")
        for row in self._changed.iter_rows(named=True):
            if row["stage"]:
                moved = f"; moved {self._why_moved(row)}" if row["was_split"] != row["split"] else ""
                yield Change(Sort.CHANGED, row["record_id"], why_changed(row) + moved, row["was_id"], row["now_id"])
        for row in self._changed.iter_rows(named=True):
            if not row["stage"]:
                yield Change(Sort.MOVED, row["record_id"], self._why_moved(row), "", "")
        for row in self._come.iter_rows(named=True):
            yield Change(Sort.ADDED, row["record_id"], why_come(row, self.older), "", row["dialogue_id"])

    def _why_moved(self, row: dict[str, Any]) -> str:
        code = row["record_id"].partition("/")[0]
        held = [side.name for side in (self.older, self.newer) if code in side.held_out]
        because = f": {code} is held out in {held[0]}" if held else ""
        return f"from {row['was_split']} to {row['split']}{because}"


def compare(warehouse: AnyWarehouse, older: str, newer: str) -> Comparison:
    """What the release `newer` has that `older` has not, the other way round, and otherwise. Raises UsageError for what is no release."""
    one, other = _side(warehouse, older), _side(warehouse, newer)
    come = other.records.join(one.records, on="record_id", how="anti")
    gone = one.records.join(other.records, on="record_id", how="anti")
    with warehouse.reading() as con:
        return Comparison(
            one, other,
            reasons.changed(con, one.records, other.records),
            reasons.gone(con, gone, other.released_at),
            reasons.come(con, come, one.released_at),
        )  # fmt: skip


def _side(warehouse: AnyWarehouse, named: str) -> Side:
    directory = Path(named)
    if (directory / MANIFEST).is_file():
        manifest, _ = read_manifest(directory)
        try:
            records = pl.read_parquet(directory / LINEAGE, columns=list(_IDS))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise UsageError(f"{directory / LINEAGE} cannot be read: {str(error).splitlines()[0]}") from error
        held_out = manifest.splitting.held_out_codes
        return Side(
            manifest.release_id,
            manifest.name,
            manifest.released_at,
            frozenset(manifest.codes),
            frozenset(held_out),
            records,
        )
    with warehouse.reading() as con:
        known = store.releases(con)
        found = [
            one for one in known if named == one.name or (len(named) >= _SHORT and one.release_id.startswith(named))
        ]
        if len(found) != 1:
            told = f"{len(found)} releases are called {named}" if found else f"no release {named}"
            raise UsageError(
                f"{told}: neither a directory with {MANIFEST} nor a name of its own here; see: medsynth release list"
            )
        records = store.released_records(con, found[0].release_id)
    return Side(
        found[0].release_id, found[0].name, found[0].released_at, frozenset(found[0].codes),
        frozenset(found[0].held_out_codes), records,
    )  # fmt: skip


def why_gone(row: dict[str, Any], codes: frozenset[str]) -> str:
    """Why a record of the older release is not in the newer: the first reason that holds. row: release_diff_store.gone."""
    code = row["record_id"].partition("/")[0]
    if row["reason"] is not None:
        return f"withdrawn by {row['reviewer']}: {row['reason']}"
    if codes and code not in codes:
        return "its code was not asked for"
    if not row["is_in_force"]:
        return f"code retired: {code} is not in the ICD-10-CM release in force"
    if not row["is_whole"]:
        refused = f"; in quarantine: {row['quarantine']}" if row["quarantine"] else ""
        return f"{_superseded(row)}, and the rest was not made again{refused}"
    if row["check_name"] is not None:
        more = f" and {row['failing_count'] - 1} more" if row["failing_count"] > 1 else ""
        remade = "" if row["standing_dialogue_id"] == row["dialogue_id"] else f"{_superseded(row)}; "
        return f"{remade}rejected by {row['check_name']}{more}: {row['explanation']}"
    if not row["is_judged"]:
        return f"{_superseded(row)}, which no check has judged yet"
    return "it passed the gate; marts.pairs was older than its verdicts"


def _superseded(row: dict[str, Any]) -> str:
    for kind in (stage.product.value for stage in Stage):
        standing = row[f"standing_{kind}_id"]
        if standing and standing != row[f"{kind}_id"]:
            return f"{kind} superseded by {standing[:_SHORT]}"
    return "its parts are not of one line"


def why_changed(row: dict[str, Any]) -> str:
    """What replaced what, and why. row: release_diff_store.changed."""
    parts = f": {', '.join(row['parts'])}" if row["parts"] else ""
    because = f"recipe changed{parts}" if row["is_other_recipe"] or row["parts"] else "made again"
    kind = Stage(row["stage"]).product.value
    return f"{kind} {row['was_id'][:_SHORT]} superseded by {row['now_id'][:_SHORT]}: {because}"


def why_come(row: dict[str, Any], older: Side) -> str:
    """Why a record of the newer release was not in the older. row: release_diff_store.come."""
    if older.codes and row["record_id"].partition("/")[0] not in older.codes:
        return f"its code was not asked for in {older.name}"
    if row["made_at"] is None or row["made_at"] > older.released_at:
        before = f"; what stood was rejected by {row['check_name']}" if row["check_name"] else ""
        return f"made since{before}"
    if row["check_name"]:
        return f"was rejected by {row['check_name']} then"
    return "was withheld then" if row["is_judged"] else "was not judged yet then"
