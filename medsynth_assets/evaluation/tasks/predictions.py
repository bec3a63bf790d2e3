"""Predictions from a file, matched with their references: nothing is dropped without being told."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task

_IDS = ("id", "record_id", "ID")
_KINDS = (".csv", ".parquet", ".jsonl")


class Pair(NamedTuple):
    """A reference and what a model wrote for it; '' where it wrote nothing."""

    reference: Reference
    predicted: str


class Matched(NamedTuple):
    """pairs: in the order of the references. The ids of the rest say why they are not among them, or should give pause."""

    pairs: list[Pair]
    missing: list[str]  # references without a prediction
    unknown: list[str]  # predictions without a reference
    duplicate: list[str]  # ids predicted more than once: the first counts
    empty: list[str]  # predictions without text: they count, as nothing

    @property
    def is_whole(self) -> bool:
        """Every reference has one prediction, and there are no others."""
        return not (self.missing or self.unknown or self.duplicate)


def read_predictions(path: Path, task: Task) -> list[tuple[str, str]]:
    """Ids and texts in the order of the file. Raises UsageError where it is not there, or lacks the columns."""
    if not path.is_file() or path.suffix not in _KINDS:
        raise UsageError(f"no predictions at {path}; wanted a {', '.join(_KINDS)} with columns id and {task.column}")
    frame = _read(path)
    key = next((name for name in _IDS if name in frame.columns), None)
    if key is None or task.column not in frame.columns:
        raise UsageError(f"{path.name} has the columns {', '.join(frame.columns)}; wanted id and {task.column}")
    columns = frame.select(pl.col(key).cast(pl.String).fill_null(""), pl.col(task.column).cast(pl.String).fill_null(""))
    return [(str(name).strip(), str(text)) for name, text in columns.iter_rows()]


def matched(predictions: Iterable[tuple[str, str]], references: Mapping[str, Reference]) -> Matched:
    """Each reference with its prediction."""
    texts: dict[str, str] = {}
    unknown, duplicate = [], []
    for name, text in predictions:
        if name not in references:
            unknown.append(name)
        elif name in texts:
            duplicate.append(name)
        else:
            texts[name] = text
    pairs = [Pair(reference, texts[name]) for name, reference in references.items() if name in texts]
    missing = [name for name in references if name not in texts]
    return Matched(pairs, missing, unknown, duplicate, [p.reference.id for p in pairs if not p.predicted.strip()])


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".csv":
            return pl.read_csv(path, infer_schema=False, encoding="utf8-lossy")  # ids stay as they are written: 007
        return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_ndjson(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UsageError(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from error
