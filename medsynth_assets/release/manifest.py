"""manifest.json: what a release holds, what it was made from and with, and the hash of every file."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.release_proof import MANIFEST
from medsynth_assets.warehouse.lineage_store import Row

FORMAT = "medsynth-release:1"
_HOW = ("agent", "engine", "model", "parameters", "prompt_hash", "schema_hash", "prompt")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Part):
    """One file. path: from the release's directory, with slashes. row_count: None for what has no rows."""

    path: str
    bytes: int
    sha256: str
    row_count: int | None


class SplitEntry(_Part):
    record_count: int
    code_count: int


class Splitting(_Part):
    """How records were put into splits. shares: 0 to 1 of all records, those held out apart."""

    rule: str
    shares: dict[str, float]
    held_out_codes: list[str]


class HowMade(_Part):
    """Recipes that differ only in the knowledge they draw on. record_count: records that they made something of."""

    agent: str
    engine: str
    model: str
    parameters: dict[str, Any]
    prompt_hash: str
    schema_hash: str
    prompt: str | None
    recipe_ids: list[str]
    record_count: int


class EngineEntry(_Part):
    engine: str
    model: str
    record_count: int


class Withheld(_Part):
    """Pairs that pass the gate and are not in the release: taken back by people, or of a code that is not in force."""

    withdrawn: int
    retired: int


class Manifest(_Part):
    """codes: those that the release was asked to be of; none for all. engines: what made the dialogues."""

    format: str
    release_id: str
    name: str
    released_at: dt.datetime
    record_count: int
    code_count: int
    lineage_root: str
    splits: dict[str, SplitEntry]
    splitting: Splitting
    codes: list[str]
    withheld: Withheld
    engines: list[EngineEntry]
    recipes: list[HowMade]
    reference: list[dict[str, str]]
    system_prompts: dict[str, str]
    code_commit: str
    code_is_modified: bool
    python_version: str
    packages: dict[str, str]
    run_id: str
    files: list[FileEntry]


def read_manifest(directory: Path) -> tuple[Manifest, str]:
    """The manifest of a released directory, and its own SHA-256. Raises UsageError where there is none."""
    try:
        body = (directory / MANIFEST).read_bytes()
        return Manifest.model_validate_json(body), hashlib.sha256(body).hexdigest()
    except OSError as error:
        raise UsageError(f"{directory} is no release: no {MANIFEST} in it; see: medsynth release list") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{directory / MANIFEST} is not the manifest of a release: {where}: {first['msg']}") from error


def write_manifest(directory: Path, manifest: Manifest) -> str:
    """Write it; returns its SHA-256."""
    body = (json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n").encode()
    (directory / MANIFEST).write_bytes(body)
    return hashlib.sha256(body).hexdigest()


def file_entry(directory: Path, path: Path, row_count: int | None) -> FileEntry:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(
        path=path.relative_to(directory).as_posix(), bytes=path.stat().st_size, sha256=sha256, row_count=row_count
    )


def how_made(recipes: Iterable[Row]) -> list[HowMade]:
    """Recipes (warehouse/release_store.recipes_of) grouped by everything but their knowledge: thousands of codes have
    thousands of recipes, which say the same otherwise."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in recipes:
        groups.setdefault(tuple(row[name] for name in _HOW), []).append(row)
    return [
        HowMade(
            **{**dict(zip(_HOW, how, strict=True)), "parameters": json.loads(rows[0]["parameters"])},
            recipe_ids=[row["recipe_id"] for row in rows],
            record_count=sum(row["record_count"] for row in rows),
        )
        for how, rows in groups.items()
    ]
