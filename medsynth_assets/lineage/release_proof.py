"""What a release says of its lineage: one root over all its records, and the ids and leaf hash of each.

A release directory holds `manifest.json` with `lineage_root`, and `lineage.parquet` with one row a record: record_id,
scenario_id, note_id, dialogue_id, leaf_hash. A leaf hash is over the ids and the two texts, so that a released pair is
checked against it without a warehouse, and against the warehouse by the ids.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage import merkle
from medsynth_assets.records.identity import canonical
from medsynth_assets.warehouse.audit_store import released_texts

LINEAGE, MANIFEST, ROOT = "lineage.parquet", "manifest.json", "lineage_root"
_IDS = ("record_id", "scenario_id", "note_id", "dialogue_id")


class ReleaseVerification(NamedTuple):
    """records: how many the release has. faults: what does not hold, by record, or '' for the release itself."""

    root: str
    records: int
    faults: list[tuple[str, str]]


class Inclusion(NamedTuple):
    """The proof that one record is in a release. Holds by itself: neither warehouse nor other records are needed."""

    record_id: str
    ids: dict[str, str]
    leaf_hash: str
    steps: tuple[merkle.Step, ...]
    root: str

    @property
    def holds(self) -> bool:
        return merkle.is_included(self.record_id, self.leaf_hash, self.steps, self.root)

    def as_json(self) -> dict[str, Any]:
        steps = [{"beside": step.beside, "is_left": step.is_left} for step in self.steps]
        return {**self.ids, "leaf_hash": self.leaf_hash, "steps": steps, ROOT: self.root}


def leaf_hash(record_id: str, scenario_id: str, note_id: str, dialogue_id: str, note: str, dialogue: str) -> str:
    """The hash of one released record: its ids, and its texts as released."""
    texts = [sha256(text.encode()).hexdigest() for text in (note, dialogue)]
    return sha256(canonical(["release:1", record_id, scenario_id, note_id, dialogue_id, *texts]).encode()).hexdigest()


def write_proof(directory: Path, pairs: pl.DataFrame) -> str:
    """Write lineage.parquet for the released pairs; returns the root, which the manifest is to carry as `lineage_root`.

    pairs: record_id, scenario_id, note_id, dialogue_id, note, dialogue, as in marts.pairs.
    """
    rows = pairs.select(*_IDS, "note", "dialogue").sort("record_id")
    leaves = [leaf_hash(*row) for row in rows.iter_rows()]
    lineage = rows.select(*_IDS).with_columns(pl.Series("leaf_hash", leaves, dtype=pl.String))
    lineage.write_parquet(directory / LINEAGE)
    return merkle.root(dict(zip(lineage["record_id"], leaves, strict=True)))


def verify_release(con: duckdb.DuckDBPyConnection, directory: Path) -> ReleaseVerification:
    """Check a released directory: leaves against the root, the released texts and the warehouse against the leaves.

    Raises UsageError where the directory is no release.
    """
    root, lineage = _read(directory)
    faults = []
    leaves = dict(lineage.select("record_id", "leaf_hash").iter_rows())
    if len(leaves) != lineage.height:
        faults.append(("", f"{LINEAGE} names a record twice"))
    if merkle.root(leaves) != root:
        faults.append(("", f"the records of {LINEAGE} do not add up to the {ROOT} of {MANIFEST}"))
    faults += _against_warehouse(con, lineage)
    for path in sorted(directory.rglob("*.parquet")):
        faults += _against_file(path, lineage)
    return ReleaseVerification(root, lineage.height, faults)


def inclusion(directory: Path, record_id: str) -> Inclusion:
    """The proof of one record of a release. Raises UsageError where the release has no such record."""
    root, lineage = _read(directory)
    found = lineage.filter(pl.col("record_id") == record_id).to_dicts()
    if not found:
        raise UsageError(f"{record_id} is not in the release {directory}")
    leaves = dict(lineage.select("record_id", "leaf_hash").iter_rows())
    ids = {name: found[0][name] for name in _IDS}
    return Inclusion(record_id, ids, leaves[record_id], merkle.proof(leaves, record_id), root)


def _read(directory: Path) -> tuple[str, pl.DataFrame]:
    try:
        manifest = json.loads((directory / MANIFEST).read_text("utf-8"))
        lineage = pl.read_parquet(directory / LINEAGE)
        return str(manifest[ROOT]), lineage.select(*_IDS, "leaf_hash")
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"{directory} is no release: {str(error).splitlines()[0]}; wanted {MANIFEST} with {ROOT}, and {LINEAGE}"
        ) from error


def _against_warehouse(con: duckdb.DuckDBPyConnection, lineage: pl.DataFrame) -> Iterator[tuple[str, str]]:
    for record_id, scenario_id, note_id, dialogue_id, leaf, note, dialogue, removed in released_texts(con, lineage):
        if note is None or dialogue is None:
            if not removed:
                yield (
                    record_id,
                    f"the warehouse has no {'note ' + note_id if note is None else 'dialogue ' + dialogue_id}",
                )
        elif leaf_hash(record_id, scenario_id, note_id, dialogue_id, note, dialogue) != leaf:
            yield record_id, "its leaf is not that of the note and dialogue in the warehouse"


def _against_file(path: Path, lineage: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Of a file of the release that has pairs, every pair against its leaf."""
    columns = pl.read_parquet_schema(path)
    if not {"record_id", "note", "dialogue"} <= columns.keys():
        return
    pairs = pl.read_parquet(path, columns=["record_id", "note", "dialogue"]).join(lineage, on="record_id", how="left")
    for record_id, scenario_id, note_id, dialogue_id, note, dialogue, leaf in pairs.select(
        *_IDS, "note", "dialogue", "leaf_hash"
    ).iter_rows():
        if leaf is None:
            yield record_id, f"{path.name} has it, {LINEAGE} has not"
        elif leaf_hash(record_id, scenario_id, note_id, dialogue_id, note, dialogue) != leaf:
            yield record_id, f"its texts in {path.name} are not those that were released"
