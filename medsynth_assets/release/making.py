"""Making a release: choose, copy out, derive, prove, describe, publish, record.

The directory appears in one step (folder.py) and is then recorded in the warehouse. Killed between the two, the same command
recognises its directory as what the warehouse holds and records it: nothing is written twice.
"""

import datetime as dt
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from medsynth_assets.errors import ReleaseError, UsageError
from medsynth_assets.lineage.environment import current_environment, note_run
from medsynth_assets.lineage.release_proof import LINEAGE, MANIFEST, UNRECORDED, verify_release, write_proof
from medsynth_assets.records.identity import digest
from medsynth_assets.release.card import card
from medsynth_assets.release.choosing import Chosen, NothingToRelease, choose
from medsynth_assets.release.croissant import NAME as CROISSANT
from medsynth_assets.release.croissant import croissant
from medsynth_assets.release.data_files import Watch, data_files, read_pairs, write_pairs, write_views
from medsynth_assets.release.facts import Facts, count_facts
from medsynth_assets.release.folder import check_free, written_whole
from medsynth_assets.release.manifest import (
    FORMAT,
    EngineEntry,
    FileEntry,
    Manifest,
    SplitEntry,
    Splitting,
    Withheld,
    file_entry,
    how_made,
    read_manifest,
    write_manifest,
)
from medsynth_assets.release.splitting import RULE, Split, shares
from medsynth_assets.release.views import system_prompts
from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse import release_store as store
from medsynth_assets.warehouse.lineage_store import Row
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.release_store import Release

CARD = "README.md"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_HASHED = ["record_id", "scenario_id", "note_id", "dialogue_id", "note", "dialogue"]
_SPILL = ".spill"


class Order(NamedTuple):
    """What is to be released. name: '' for the directory's. codes: only these, all where none are named.
    held_out: codes that go into the test split whole. prompts: files with system prompts, by task."""

    directory: Path
    name: str = ""
    codes: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    prompts: Mapping[str, Path] = {}


class Released(NamedTuple):
    """was_there: the directory had been written before, by a process that was killed before it could record it."""

    release: Release
    manifest: Manifest
    was_there: bool


class _Copied(NamedTuple):
    """What was read in the one look at the warehouse."""

    chosen: Chosen
    splits: dict[Split, int]
    recipes: list[Row]
    reference: list[Row]
    at: dt.datetime


def make_release(
    warehouse: AnyWarehouse, order: Order, run_id: str, watch: Watch = lambda *_: None, *, rebuild: bool = True
) -> Released:
    """Publish the pairs of marts.pairs as a directory, and record that. rebuild: bring that table up to date first, as a run
    that was killed may have left it behind.

    Raises UsageError for a directory that holds a release, a name that cannot be one or codes without pairs, NothingToRelease,
    and ReleaseError where the disk refuses.
    """
    directory = order.directory.absolute()
    name = _checked(order.name or directory.name)
    prompts = system_prompts(order.prompts)
    if not warehouse.exists:
        raise NothingToRelease(
            f"nothing to release: no warehouse at {warehouse.name}; make some pairs with: medsynth run --top 20"
        )
    unrecorded = _unrecorded(warehouse, directory)
    if unrecorded:
        return unrecorded
    check_free(directory)
    note_run(warehouse, run_id)
    if rebuild:
        watch("building marts.pairs", 0, 1)
        with warehouse.writing() as con:
            build(con, SqlProject(), ["pairs"])
    with written_whole(directory) as folder:
        try:
            copied = _copy(warehouse, folder, order, watch)
            write_views(folder, copied.splits, prompts, watch)
            manifest, sha256 = _describe(folder, order, name, prompts, copied, run_id, watch)
        except (OSError, duckdb.IOException) as error:
            raise ReleaseError(
                f"could not write {directory}: {str(error).splitlines()[0]}; is the disk full?"
            ) from error
        finally:
            shutil.rmtree(folder / _SPILL, ignore_errors=True)
        watch("making it durable", 0, 1)
    return Released(_record(warehouse, directory, manifest, sha256), manifest, was_there=False)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a release; wanted letters, digits, '.', '_' and '-', as in v1 or 2026-11-21"
        )
    return name


def _unrecorded(warehouse: AnyWarehouse, directory: Path) -> Released | None:
    """The release in the directory, recorded now, where it is whole and only its record is missing."""
    if not (directory / MANIFEST).is_file():
        return None
    manifest, sha256 = read_manifest(directory)
    with warehouse.reading() as con:
        if any(known.release_id == manifest.release_id for known in store.releases(con)):
            return None
    faults = [says for _, says in verify_release(warehouse, directory).faults if says != UNRECORDED]
    if faults:
        return None  # something else: it is refused as a directory that is taken
    return Released(_record(warehouse, directory, manifest, sha256), manifest, was_there=True)


def _copy(warehouse: AnyWarehouse, folder: Path, order: Order, watch: Watch) -> _Copied:
    """Everything that is taken from the warehouse, as it is at one moment."""
    watch("choosing pairs", 0, 1)
    with warehouse.reading() as con:
        chosen = choose(_gated(con), order.codes, order.held_out)
        splits = write_pairs(con, folder, chosen.pairs, watch)
        watch("reading recipes", 0, 1)
        at = dt.datetime.now(dt.UTC)
        return _Copied(chosen, splits, store.recipes_of(con, chosen.pairs), store.reference_in_force(con), at)


def _gated(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    try:
        return store.gated_pairs(con)
    except duckdb.CatalogException as error:
        raise NothingToRelease(
            "nothing to release: marts.pairs was never built; make some pairs with: medsynth run --top 20"
        ) from error


def _describe(
    folder: Path, order: Order, name: str, prompts: Mapping[str, str], copied: _Copied, run_id: str, watch: Watch
) -> tuple[Manifest, str]:
    """Proof, manifest, card and Croissant metadata of the data files in the folder; the manifest and its SHA-256."""
    watch("hashing records", 0, 1)
    root = write_proof(folder, read_pairs(folder, _HASHED))
    facts = count_facts(folder)
    manifest = _manifest(order, name, prompts, copied, facts, root, run_id, _entries(folder, copied.splits, watch))
    (folder / CARD).write_text(card(manifest, facts), "utf-8")
    (folder / CROISSANT).write_text(croissant(folder, manifest), "utf-8")
    described = [file_entry(folder, folder / name, None) for name in (CARD, CROISSANT)]
    manifest = manifest.model_copy(update={"files": [*manifest.files, *described]})
    return manifest, write_manifest(folder, manifest)


def _entries(folder: Path, splits: Mapping[Split, int], watch: Watch) -> list[FileEntry]:
    rows = {file.path: splits[file.split] for file in data_files(splits)} | {LINEAGE: sum(splits.values())}
    entries = []
    for done, (path, count) in enumerate(rows.items()):
        watch(f"hashing {path}", done, len(rows))
        entries.append(file_entry(folder, folder / path, count))
    return entries


def _manifest(
    order: Order, name: str, prompts: Mapping[str, str], copied: _Copied, facts: Facts, root: str, run_id: str,
    files: list[FileEntry],
) -> Manifest:  # fmt: skip
    environment = current_environment()
    return Manifest(
        format=FORMAT,
        release_id=digest("release:1", name, root, copied.at.isoformat()),
        name=name,
        released_at=copied.at,
        record_count=sum(copied.splits.values()),
        code_count=facts.code_count,
        lineage_root=root,
        splits={
            split.value: SplitEntry(record_count=count, code_count=facts.codes_by_split[split.value])
            for split, count in copied.splits.items()
        },
        splitting=Splitting(
            rule=RULE,
            shares={split.value: share for split, share in shares().items()},
            held_out_codes=sorted(order.held_out),
        ),
        codes=sorted(order.codes),
        withheld=Withheld(withdrawn=copied.chosen.withdrawn_count, retired=copied.chosen.retired_count),
        engines=[EngineEntry(engine=e, model=m, record_count=n) for e, m, n in facts.engines],
        recipes=how_made(copied.recipes),
        reference=[{key: str(value) for key, value in row.items()} for row in copied.reference],
        system_prompts=dict(prompts),
        code_commit=environment.git_commit,
        code_is_modified=environment.is_modified,
        python_version=environment.python_version,
        packages=environment.packages,
        run_id=run_id,
        files=files,
    )


def _record(warehouse: AnyWarehouse, directory: Path, manifest: Manifest, sha256: str) -> Release:
    release = Release(
        manifest.release_id, manifest.name, manifest.lineage_root, sha256, manifest.record_count, tuple(manifest.codes),
        tuple(manifest.splitting.held_out_codes), str(directory), manifest.run_id, manifest.released_at,
    )  # fmt: skip
    with warehouse.writing() as con:
        store.record_release(con, release, directory / LINEAGE)
    return release
