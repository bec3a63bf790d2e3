"""Reading reference pairs: a release directory, or a file of pairs. The one place that knows how a release is laid out."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from medsynth_assets.errors import UsageError
from medsynth_assets.quality.pair_files import BadRow, Row, read_pairs

_NAMES = {
    "id": ("id", "record_id", "ID"),
    "note": ("note", "Note"),
    "dialogue": ("dialogue", "Dialogue"),
    "icd10": ("icd10", "icd_code", "ICD10"),
}
_VALIDATION = ("validation", "valid", "val", "dev")


class Reference(NamedTuple):
    """A pair to compare with. icd10: '' where not known."""

    id: str
    note: str
    dialogue: str
    icd10: str = ""


class References(NamedTuple):
    """Pairs by id, in their order, and what could not be read of the file."""

    pairs: dict[str, Reference]
    bad: list[str]


def read_references(path: Path, split: str | None = None) -> References:
    """The pairs of a release's split, or of a .jsonl, .csv or .parquet file (which has no splits).

    Raises UsageError where there is nothing of the kind, or no pair in it.
    """
    rows = _release(path, split) if path.is_dir() else read_pairs(path)
    read = _collected(rows)
    if not read.pairs:
        raise UsageError(f"{path} has no pair of id, note and dialogue" + (f"; {read.bad[0]}" if read.bad else ""))
    return read


def _collected(rows: Iterable[Row | BadRow]) -> References:
    pairs: dict[str, Reference] = {}
    bad = []
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(f"reference {row.number}: {row.reason}")
        elif not row.note or not row.dialogue:
            bad.append(f"reference {row.number} ({row.id}): has no {'note' if not row.note else 'dialogue'}")
        elif row.id in pairs:
            bad.append(f"reference {row.number} ({row.id}): is there twice, the first counts")
        else:
            pairs[row.id] = Reference(row.id, row.note, row.dialogue, row.icd10 or "")
    return References(pairs, bad)


def release_prompt(path: Path, task: str) -> str | None:
    """What the chat view of a task in a release tells a model first; None where the release has no such view."""
    for file in sorted(path.glob(f"{task}/*.parquet")) if path.is_dir() else ():
        if "messages" in _columns(file):
            messages = pl.read_parquet(file, columns=["messages"], n_rows=1).to_series().to_list()
            told = [m["content"] for chat in messages for m in chat if m["role"] == "system"]
            return str(told[0]) if told else None
    return None


def _release(directory: Path, split: str | None) -> Iterator[Row]:
    """Files are taken for pairs by their columns; a split by a column `split`, else by the file's name."""
    wanted = split or "test"
    seen: set[str] = set()
    for path in _pair_files(directory):
        columns = _columns(path)
        names = {field: next((n for n in known if n in columns), None) for field, known in _NAMES.items()}
        if not (names["id"] and names["note"] and names["dialogue"]):
            continue  # a view of the pairs in another form: chat messages, the published columns
        if "split" not in columns and not _is_named(path, wanted):
            seen.add(path.stem.split("-")[0])
            continue
        frame = _read(path)
        if "split" in columns:
            seen.update(map(str, frame["split"].unique()))
            frame = frame.filter(pl.col("split").is_in(_names_of(wanted)))
        if frame.height:
            chosen = [pl.col(n).cast(pl.String).alias(f) for f, n in names.items() if n]
            yield from _rows(frame.select(chosen).iter_rows(named=True))
            return
    there = f"it has {', '.join(sorted(seen))}" if seen else "it has no file with columns id, note and dialogue"
    raise UsageError(f"the release {directory} has no split {wanted!r}; {there}")


def _rows(rows: Iterable[dict[str, Any]]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        yield Row(number, row["id"] or str(number), row["note"], row["dialogue"], row.get("icd10"))


def _pair_files(directory: Path) -> list[Path]:
    """Those in data/ first, then any; Parquet before JSONL, which says the same."""
    folders = [directory / "data", directory]
    found = [path for kind in ("parquet", "jsonl") for folder in folders for path in sorted(folder.glob(f"*.{kind}"))]
    found += [path for kind in ("parquet", "jsonl") for path in sorted(directory.rglob(f"*.{kind}"))]
    if not found:
        raise UsageError(f"{directory} is no release: it has neither .parquet nor .jsonl files")
    return list(dict.fromkeys(found))


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return list(pl.read_parquet_schema(path))
        return pl.read_ndjson(path, n_rows=1).columns
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UsageError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_ndjson(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UsageError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


def _is_named(path: Path, split: str) -> bool:
    return any(path.stem.startswith(name) for name in _names_of(split))


def _names_of(split: str) -> tuple[str, ...]:
    return _VALIDATION if split in _VALIDATION else (split,)
