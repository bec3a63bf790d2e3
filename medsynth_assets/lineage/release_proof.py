"""What a release says of its lineage: one root over all its records, and the ids and leaf hash of each.

A release directory holds `manifest.json` with `lineage_root` and the hash of every file, and `lineage.parquet` with one row a
record: record_id, scenario_id, note_id, dialogue_id, split, leaf_hash. A leaf hash is over the ids and the two texts, so that a
released pair is checked against it without a warehouse, and against the warehouse by the ids.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pyarrow.parquet as pq

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage import merkle
from medsynth_assets.records.identity import canonical
from medsynth_assets.warehouse.audit_store import recorded_release, released_texts
from medsynth_assets.warehouse.opening import AnyWarehouse

LINEAGE, MANIFEST, ROOT = "lineage.parquet", "manifest.json", "lineage_root"
UNRECORDED = "the warehouse has no record of this release"
_IDS = ("record_id", "scenario_id", "note_id", "dialogue_id")
_TEXTS = ("note", "dialogue")
_BATCH_ROWS = 2048  # pairs in memory at once, some 10 KB each


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


def write_proof(directory: Path, pairs: Iterable[pl.DataFrame]) -> str:
    """Write lineage.parquet for the released pairs; returns the root, which the manifest is to carry as `lineage_root`.

    pairs: some at a time, with record_id, scenario_id, note_id, dialogue_id, split, note, dialogue; only hashes are kept.
    """
    hashed = [_leaves(part) for part in pairs]
    lineage = pl.concat(hashed).sort("record_id")
    lineage.write_parquet(directory / LINEAGE)
    return merkle.root(dict(lineage.select("record_id", "leaf_hash").iter_rows()))


def _leaves(pairs: pl.DataFrame) -> pl.DataFrame:
    leaves = [leaf_hash(*row) for row in pairs.select(*_IDS, *_TEXTS).iter_rows()]
    return pairs.select(*_IDS, "split").with_columns(pl.Series("leaf_hash", leaves, dtype=pl.String))


def verify_release(warehouse: AnyWarehouse, directory: Path) -> ReleaseVerification:
    """Check a released directory: its files and leaves against the manifest, the released texts and the warehouse against
    the leaves. The warehouse is held only while it is compared. Raises UsageError where the directory is no release.
    """
    manifest, lineage = _read(directory)
    faults = [*_against_manifest(directory, manifest)]
    leaves = dict(lineage.select("record_id", "leaf_hash").iter_rows())
    if len(leaves) != lineage.height:
        faults.append(("", f"{LINEAGE} names a record twice"))
    if merkle.root(leaves) != manifest[ROOT]:
        faults.append(("", f"the records of {LINEAGE} do not add up to the {ROOT} of {MANIFEST}"))
    for path in sorted(directory.rglob("*.parquet")):
        faults += _against_file(path, lineage)
    with warehouse.reading() as con:
        faults += _against_record(con, directory, manifest)
        faults += _against_warehouse(con, lineage)
    return ReleaseVerification(str(manifest[ROOT]), lineage.height, faults)


def inclusion(directory: Path, record_id: str) -> Inclusion:
    """The proof of one record of a release. Raises UsageError where the release has no such record."""
    manifest, lineage = _read(directory)
    found = lineage.filter(pl.col("record_id") == record_id).to_dicts()
    if not found:
        raise UsageError(f"{record_id} is not in the release {directory}")
    leaves = dict(lineage.select("record_id", "leaf_hash").iter_rows())
    ids = {name: found[0][name] for name in _IDS}
    return Inclusion(record_id, ids, leaves[record_id], merkle.proof(leaves, record_id), str(manifest[ROOT]))


def _read(directory: Path) -> tuple[dict[str, Any], pl.DataFrame]:
    try:
        manifest = json.loads((directory / MANIFEST).read_text("utf-8"))
        lineage = pl.read_parquet(directory / LINEAGE)
        return {**manifest, ROOT: str(manifest[ROOT])}, lineage.select(*_IDS, "leaf_hash")
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"{directory} is no release: {str(error).splitlines()[0]}; wanted {MANIFEST} with {ROOT}, and {LINEAGE}"
        ) from error


def _against_manifest(directory: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Files that are not what the manifest says, are not there, or are not named in it."""
    named = {str(entry["path"]): str(entry["sha256"]) for entry in manifest.get("files", ())}
    there = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    for path in sorted(named.keys() | there - {MANIFEST}):
        if path not in there:
            yield "", f"{path} is not there"
        elif path not in named:
            yield "", f"{path} is not named in {MANIFEST}"
        else:
            with (directory / path).open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != named[path]:
                    yield "", f"{path} is not the file that was released"


def _against_record(
    con: duckdb.DuckDBPyConnection, directory: Path, manifest: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """What the warehouse recorded of the release: without that, whoever edits a file could edit the manifest to match."""
    recorded = recorded_release(con, str(manifest.get("release_id")))
    if recorded is None:
        yield "", UNRECORDED
    elif recorded != sha256((directory / MANIFEST).read_bytes()).hexdigest():
        yield "", f"{MANIFEST} is not the one that the warehouse recorded"


def _against_warehouse(con: duckdb.DuckDBPyConnection, lineage: pl.DataFrame) -> Iterator[tuple[str, str]]:
    for record_id, scenario_id, note_id, dialogue_id, leaf, note, dialogue, removed in released_texts(con, lineage):
        if note is None or dialogue is None:
            if not removed:
                missing = f"note {note_id}" if note is None else f"dialogue {dialogue_id}"
                yield record_id, f"the warehouse has no {missing}"
        elif leaf_hash(record_id, scenario_id, note_id, dialogue_id, note, dialogue) != leaf:
            yield record_id, "its leaf is not that of the note and dialogue in the warehouse"


def _against_file(path: Path, lineage: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Of a file of the release that has pairs, every pair against its leaf."""
    try:
        file = pq.ParquetFile(path)
    except (OSError, ValueError) as error:  # Arrow's errors are both
        yield "", f"{path.name} cannot be read: {str(error).splitlines()[0]}"
        return
    with file:
        if not {"record_id", *_TEXTS} <= set(file.schema_arrow.names):
            return
        for batch in file.iter_batches(_BATCH_ROWS, columns=["record_id", *_TEXTS]):
            pairs = pl.DataFrame(batch).join(lineage, on="record_id", how="left")
            for leaf, record_id, *rest in pairs.select("leaf_hash", *_IDS, *_TEXTS).iter_rows():
                if leaf is None:
                    yield record_id, f"{path.name} has it, {LINEAGE} has not"
                elif leaf_hash(record_id, *rest) != leaf:
                    yield record_id, f"its texts in {path.name} are not those that were released"
