"""Reading reviews back: a filled-in CSV, or Label Studio's export (JSON, JSON-MIN). What does not fit is told, not guessed."""

import csv
import datetime as dt
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from medsynth_assets.errors import UsageError
from medsynth_assets.records.review import DIMENSIONS, Review

_KEYS = ("record_id", "note_id", "dialogue_id")


class Line(NamedTuple):
    """A filled-in row: where it stands in the file, and what it says as plain data."""

    place: str
    said: dict[str, Any]


class Read(NamedTuple):
    """reviews: with their places. bad: place and reason. open_count: rows without any verdict."""

    reviews: list[tuple[str, Review]]
    bad: list[str]
    open_count: int


def read_reviews(path: Path, reviewer: str, now: dt.datetime) -> Read:
    """The reviews of one file, all by that person. Raises UsageError where the file is not one of the two kinds."""
    if not path.is_file() or path.suffix not in (".csv", ".json"):
        raise UsageError(f"no reviews at {path}; wanted the .csv of `medsynth review export`, or Label Studio's .json")
    source = "csv" if path.suffix == ".csv" else "label-studio"
    reviews: list[tuple[str, Review]] = []
    bad: list[str] = []
    open_count = 0
    for line in _csv(path) if source == "csv" else _label_studio(path):
        if isinstance(line, str):
            bad.append(line)
        elif not any(str(line.said.get(name) or "").strip() for name in DIMENSIONS):
            open_count += 1
        else:
            try:
                reviews.append((line.place, _review(line.said, reviewer, source, now)))
            except ValidationError as error:
                bad.append(f"{line.place}: {_told(error)}")
    return Read(reviews, bad, open_count)


def _review(said: Mapping[str, Any], reviewer: str, source: str, now: dt.datetime) -> Review:
    values = {name: str(said.get(name) or "").strip() for name in (*_KEYS, *DIMENSIONS, "comment")}
    is_blinded = str(said.get("blinded") or "").strip().lower() in ("yes", "true", "1")
    return Review.model_validate(
        values | {"reviewer": reviewer, "is_blinded": is_blinded, "source": source, "reviewed_at": now}
    )


def _csv(path: Path) -> Iterator[Line | str]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.DictReader(io.StringIO(path.read_text("utf-8-sig", errors="replace"), newline=""))
    try:
        names = [name or "" for name in reader.fieldnames or []]
        missing = [name for name in (*_KEYS, *DIMENSIONS) if name not in names]
        if missing:
            raise UsageError(
                f"{path.name} has no column {', '.join(missing)}; wanted the CSV of `medsynth review export`"
            )
        start = reader.line_num + 1
        for row in reader:
            place, start = f"line {start}", reader.line_num + 1
            extra = row.pop(None, None)  # where DictReader puts what has no column
            yield f"{place}: has more cells than there are columns" if extra else Line(place, dict(row))
    except csv.Error as error:
        yield f"line {reader.line_num}: not CSV: {error}"


def _label_studio(path: Path) -> Iterator[Line | str]:
    try:
        tasks = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(tasks, list):
        raise UsageError(f"{path.name} holds no list of tasks; wanted Label Studio's export as JSON or JSON-MIN")
    for number, task in enumerate(tasks, 1):
        yield _task(f"task {number}", task)


def _task(place: str, task: Any) -> Line | str:
    if not isinstance(task, dict):
        return f"{place}: not an object but {type(task).__name__}"
    if "annotations" not in task:  # JSON-MIN, and a task that nobody has seen
        return Line(place, {**task.get("data", {}), **task})
    given = [a for a in task["annotations"] or [] if isinstance(a, dict) and not a.get("was_cancelled")]
    people = {json.dumps(a.get("completed_by"), sort_keys=True) for a in given}
    if len(people) > 1:
        return f"{place}: annotated by {len(people)} people; export and import those of one at a time"
    newest = max(given, key=lambda a: str(a.get("updated_at") or a.get("created_at") or ""), default={})
    return Line(place, {**task.get("data", {}), **_answers(newest)})


def _answers(annotation: Mapping[str, Any]) -> dict[str, str]:
    answers = {}
    for result in annotation.get("result", []):
        value = result.get("value", {})
        said = value.get("choices") or value.get("text") or []
        answers[str(result.get("from_name"))] = "\n".join(map(str, said)) if isinstance(said, list) else str(said)
    return answers


def _told(error: ValidationError) -> str:
    """Every field that does not fit, and what it holds."""
    found = error.errors(include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))} is {item['input']!r}: {item['msg']}" for item in found)
