"""Reading pairs from files of anyone's, a row at a time: .jsonl, .csv, .parquet."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from medsynth_assets.errors import UsageError
from medsynth_assets.quality.results import MOST_CHARACTERS

_KINDS = (".jsonl", ".csv", ".parquet")
_NAMES = {
    "note": ("note", "Note"),
    "dialogue": ("dialogue", "Dialogue"),
    "id": ("id", "record_id", "ID"),
    "icd10": ("icd10", "icd_code", "ICD10"),
}
_BATCH_ROWS = 256


class Row(NamedTuple):
    """A pair of a file: its line or row number from 1, and its texts; None where the file has none."""

    number: int
    id: str
    note: str | None
    dialogue: str | None
    icd10: str | None


class BadRow(NamedTuple):
    number: int
    reason: str


def read_pairs(path: Path) -> Iterator[Row | BadRow]:
    """The rows of a file in order; one that cannot be read comes with its number and why. Raises UsageError for a file that
    is not there, or of another kind."""
    if not path.is_file():
        raise UsageError(
            f"no file {path}; wanted {', '.join(_KINDS)} with columns id, note, dialogue and, if known, icd10"
        )
    if path.suffix not in _KINDS:
        raise UsageError(f"{path.name} is none of {', '.join(_KINDS)}")
    readers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    for number, body in readers[path.suffix](path):
        yield body if isinstance(body, BadRow) else _row(number, body)


def _jsonl(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except ValueError as error:  # json and utf-8 alike
                yield number, BadRow(number, f"not JSON: {error}")


def _csv(path: Path) -> Iterator[tuple[int, Any]]:
    csv.field_size_limit(min(sys.maxsize, 10 * MOST_CHARACTERS))
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        reader = csv.DictReader(lines)
        number = 1
        while True:
            number += 1
            try:
                yield number, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, BadRow(number, f"not CSV: {error}")


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    number = 0
    for batch in pq.ParquetFile(path).iter_batches(batch_size=_BATCH_ROWS):
        for body in batch.to_pylist():
            number += 1
            yield number, body


def _row(number: int, body: Any) -> Row | BadRow:
    if not isinstance(body, Mapping):
        return BadRow(number, f"not an object but {type(body).__name__}")
    found = {
        field: next((body[n] for n in names if body.get(n) not in (None, "")), None) for field, names in _NAMES.items()
    }
    for field in ("note", "dialogue", "icd10"):
        value = found[field]
        if value is not None and not isinstance(value, str):
            return BadRow(number, f"{field} is not text but {type(value).__name__}")
        if value is not None and len(value) > MOST_CHARACTERS:
            return BadRow(number, f"{field} has {len(value):,} characters, at most {MOST_CHARACTERS:,} are read")
    if not found["note"] and not found["dialogue"]:
        return BadRow(
            number, f"neither note nor dialogue; the row has {', '.join(map(str, list(body)[:8])) or 'nothing'}"
        )
    return Row(
        number,
        str(found["id"] if found["id"] is not None else number),
        found["note"],
        found["dialogue"],
        found["icd10"],
    )
