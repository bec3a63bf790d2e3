"""Suites: Great Expectations' own JSON in `expectations/`, read without importing Great Expectations."""

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from medsynth_assets.data_files import read_yaml
from medsynth_assets.records.identity import canonical, digest

_TABLES = (resources.files("medsynth_assets.clinical") / "tables", resources.files("medsynth_assets.quality"))
FOLDER = Path(__file__).resolve().parent.parent.parent / "expectations"


class Check(NamedTuple):
    """One expectation of a suite. `name` and `reason` stand in its meta."""

    name: str
    reason: str
    severity: str
    expectation: str
    column: str  # that it looks at, or the finding that an expectation of texts counts
    limits: dict[str, Any]  # its other arguments
    body: dict[str, Any]  # as written

    @property
    def recipe_id(self) -> str:
        """What decides the verdict and its weight: the expectation, its limits, the tables it reads, its severity."""
        tables = [_table_digest(name) for name in self.body["meta"].get("data", [])]
        return digest("check:2", self.expectation, self.column, self.limits, self.severity, *tables)

    @property
    def is_language_bound(self) -> bool:
        """Whether it reads English, so that it has nothing to say of a dialogue in another language."""
        return bool(self.body["meta"].get("language_bound", False))

    @property
    def threshold(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.limits.items()) or self.expectation


class Suite(NamedTuple):
    name: str
    key: str  # column that names a row
    checks: tuple[Check, ...]

    @property
    def recipe_id(self) -> str:
        return digest("suite:1", [check.recipe_id for check in self.checks])


@cache
def _table_digest(name: str) -> str:
    """Of what a table states: neither comments nor the order of its rows and keys count in YAML."""
    path = next(folder / name for folder in _TABLES if (folder / name).is_file())
    if not name.endswith(".yaml"):
        return hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()
    rows = read_yaml(path)
    return digest("table:1", sorted(canonical(row) for row in rows) if isinstance(rows, list) else rows)


@cache
def written(name: str) -> Suite:
    """The suite of a table as its file has it, without the settings. Raises FileNotFoundError for one that does not exist."""
    body = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return Suite(body["name"], body["meta"]["key"], tuple(_check(e) for e in body["expectations"]))


def _check(body: dict[str, Any]) -> Check:
    arguments = dict(body["kwargs"])
    column = str(body["meta"].get("finding") or arguments.get("column", ""))
    for name in ("column", "column_A", "column_B"):
        arguments.pop(name, None)
    return Check(body["meta"]["check"], body["meta"]["reason"], body["severity"], body["type"], column, arguments, body)
