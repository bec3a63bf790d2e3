"""A sample as files that people review in: a CSV for a spreadsheet, tasks and labeling config for Label Studio."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.records.review import DIMENSIONS, Level
from medsynth_assets.warehouse.review_store import Candidate

_SHOWN = ("record_id", "icd_code", "icd_description", "encounter_type", "note", "dialogue")
_HIDDEN = ("engine", "model", "checks", "failed_checks")  # from a blinded reviewer
_KEYS = ("note_id", "dialogue_id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


def write_csv(path: Path, sample: Sequence[Candidate], *, is_blinded: bool) -> None:
    """Empty columns for the four verdicts and a comment; the last columns say what was read."""
    columns = [*_SHOWN, *(() if is_blinded else _HIDDEN), *DIMENSIONS, "comment", *_KEYS, "blinded"]
    with path.open("w", encoding="utf-8-sig", newline="") as out:  # with the mark that spreadsheets know UTF-8 by
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        for candidate in sample:
            row = _row(candidate, is_blinded)
            row["failed_checks"] = " ".join(candidate.failed_checks)
            writer.writerow({name: _as_text(value) for name, value in row.items() if name in columns})


def write_label_studio(path: Path, sample: Sequence[Candidate], *, is_blinded: bool) -> Path:
    """Tasks to import; gives the labeling config's path, which is beside them."""
    tasks = [{"data": _task(candidate, is_blinded)} for candidate in sample]
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", "utf-8")
    config = path.with_suffix(".config.xml")
    config.write_text(labeling_config(is_blinded), "utf-8")
    return config


def labeling_config(is_blinded: bool) -> str:
    """Note and dialogue side by side, a question with four answers a dimension, room for a comment."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$title")
    if not is_blinded:
        ElementTree.SubElement(view, "Text", name="origin", value="$origin")
    sides = ElementTree.SubElement(view, "View", style="display: grid; grid-template-columns: 1fr 1fr; gap: 1em")
    note = ElementTree.SubElement(sides, "View", style="white-space: pre-wrap")
    ElementTree.SubElement(note, "Text", name="note", value="$note")
    said = ElementTree.SubElement(sides, "View", style="max-height: 80vh; overflow-y: auto")
    ElementTree.SubElement(
        said, "Paragraphs", name="dialogue", value="$turns", layout="dialogue", nameKey="author", textKey="text"
    )
    for name, question in DIMENSIONS.items():
        ElementTree.SubElement(view, "Header", value=f"{name.capitalize()}: {question}", size="5")
        choices = ElementTree.SubElement(
            view, "Choices", name=name, toName="note", choice="single-radio", required="true", showInline="true"
        )
        for level in Level:
            ElementTree.SubElement(choices, "Choice", value=level.value)
    ElementTree.SubElement(
        view, "TextArea", name="comment", toName="note", placeholder="Why?", rows="3", maxSubmissions="1"
    )
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _task(candidate: Candidate, is_blinded: bool) -> dict[str, Any]:
    row = _row(candidate, is_blinded)
    row["turns"] = [{"author": turn.speaker, "text": turn.text} for turn in turns_of(candidate.dialogue)]
    row["title"] = f"{candidate.record_id}: {candidate.icd_description}"
    if not is_blinded:
        failed = f": {', '.join(candidate.failed_checks)}" if candidate.failed_checks else ""
        row["origin"] = f"{candidate.engine}, {candidate.model}; checks {candidate.checks}{failed}"
    return row


def _row(candidate: Candidate, is_blinded: bool) -> dict[str, Any]:
    names = [*_SHOWN, *(() if is_blinded else _HIDDEN), *_KEYS]
    return {name: getattr(candidate, name) for name in names} | {"blinded": "yes" if is_blinded else "no"}


def _as_text(value: Any) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
