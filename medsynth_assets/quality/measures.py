"""Measures of a record, one column each: what the suites in `expectations/` set limits to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import polars as pl
from pydantic import ValidationError

from medsynth_assets.clinical.knowledge import KnowledgeBase
from medsynth_assets.quality.integrity.checking import CHECKS, integrity
from medsynth_assets.quality.integrity.finding import Subject
from medsynth_assets.quality.integrity.scenario_text import scenario_text
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.quality.summaries import OF_NOTE, OF_PAIR, Finding, Summary, note_summary, remember, summary
from medsynth_assets.records.artifact import Artifact
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import SECTIONS
from medsynth_assets.records.population import Sex
from medsynth_assets.records.scenario import VARIABLES, Scenario

ICD_CODE = re.compile(r"\b[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}\b")
_TITLE = re.compile(rf"^({'|'.join(SECTIONS)}):", re.IGNORECASE | re.MULTILINE)

WHY = "_why"  # ends the name of a column that explains the column of the name before it, a line for each thing found
Subjects = Mapping[str, Subject]
Edits = Mapping[str, Sequence[tuple[float | None, float | None, Sex | None]]]  # code: min age, max age, sex


def scenario_measures(
    artifacts: Sequence[Artifact], descriptions: Mapping[str, str], edits: Edits, subjects: Subjects
) -> pl.DataFrame:
    """variable_count, is_partition_code, is_age_sex_admitted and the integrity findings by record.

    descriptions: official description by code. edits: age and sex limits of the code. subjects: by record id.
    """
    return _frame(
        {
            **_key(a),
            "variable_count": sum(a.content.get(name) is not None for name in VARIABLES),
            "is_partition_code": a.content["medical_outcome"]["diagnosis"] == descriptions.get(a.slot.code),
            "is_age_sex_admitted": _admitted(a.content["demographics"], edits.get(a.slot.code, ())),
            **_integrity(_scenario_text(a), subjects.get(a.slot.record_id)),
        }
        for a in artifacts
    )


def _admitted(who: Mapping[str, Any], limits: Sequence[tuple[float | None, float | None, Sex | None]]) -> bool:
    age, gender = who["age_years"], who["gender"]
    return all(
        (low is None or age >= low) and (high is None or age < high + 1) and (sex is None or sex == gender)
        for low, high, sex in limits
    )


def note_measures(
    artifacts: Sequence[Artifact], subjects: Subjects, read: Mapping[str, Summary] = MappingProxyType({})
) -> pl.DataFrame:
    """note, shortest_section_words, has_icd_code, the integrity findings and those of the SOAP checks, by record.

    subjects: whom each note is about, read: what the SOAP checks have found of notes before; by record id.
    """
    return _frame(
        {
            **_key(a),
            "note": a.text,
            **_note(a.text),
            **_columns(read.get(a.slot.record_id) or note_summary(a.text)),
            **_integrity(a.text, subjects.get(a.slot.record_id)),
        }
        for a in artifacts
    )


def _scenario_text(artifact: Artifact) -> str:
    try:
        return scenario_text(Scenario.model_validate(artifact.content))
    except ValidationError:
        return ""  # what is missing is counted as such


def _integrity(text: str, subject: Subject | None) -> dict[str, Any]:
    """How many findings each integrity check has (`dose_exists`), and what they say (`dose_exists_why`)."""
    found = integrity(text, subject) if text else []
    said = {check: [f"{f.reason} [{f.sentence}]" for f in found if f.check == check] for check in CHECKS}
    return {c: len(of) for c, of in said.items()} | {f"{c}{WHY}": _joined(of) for c, of in said.items()}


def _note(text: str) -> dict[str, Any]:
    bodies = _TITLE.split(text)[2::2]
    return {
        "shortest_section_words": min((len(body.split()) for body in bodies), default=0),
        "has_icd_code": bool(ICD_CODE.search(text)),
    }


def dialogue_measures(
    artifacts: Sequence[Artifact], notes: Mapping[str, Artifact], base: KnowledgeBase
) -> pl.DataFrame:
    """note, dialogue, turn_count, longest_monologue_turns, speaker_count and the findings of the pair checks, by record.

    notes: the note each dialogue was made from, by record id. base: for the spoken forms of charted terms.
    """
    lay = {code: lay_forms(base, code) for code in {a.slot.code for a in artifacts}}
    return _frame({**_key(a), **_dialogue(a, notes[a.slot.record_id], lay[a.slot.code])} for a in artifacts)


def _dialogue(artifact: Artifact, note: Artifact, lay: Mapping[str, str]) -> dict[str, Any]:
    turns = Dialogue.model_validate(artifact.content).turns
    longest = run = 1
    for previous, turn in pairwise(turns):
        run = run + 1 if turn.speaker == previous.speaker else 1
        longest = max(longest, run)
    speakers = {turn.speaker for turn in turns}
    return {
        "note": note.text,
        "dialogue": artifact.text,
        "turn_count": len(turns),
        "longest_monologue_turns": longest,
        "speaker_count": len(speakers) if "doctor" in speakers else 0,
        **_columns(summary(note.text, artifact.text, lay)),
    }


def _columns(found: Summary) -> dict[str, Any]:
    values = {name: finding.value for name, finding in found.items()}
    return values | {f"{name}{WHY}": _joined(finding.said) for name, finding in found.items()}


def _joined(said: Iterable[str]) -> str:
    return "\n".join(" ".join(text.split()) for text in said)


def remember_measures(frame: pl.DataFrame) -> None:
    """Keep what workers found of notes and pairs, so that expectations over their texts need not read them again."""
    if "note" not in frame.columns:
        return
    names = OF_PAIR if "dialogue" in frame.columns else OF_NOTE
    for row in frame.to_dicts():
        found = {name: Finding(row[name], tuple(row[f"{name}{WHY}"].splitlines())) for name in names}
        remember(row["note"], row.get("dialogue", ""), found)


def _key(artifact: Artifact) -> dict[str, str]:
    slot = artifact.slot
    return {"record_id": slot.record_id, "icd_code": slot.code, "artifact_id": artifact.artifact_id}


def _frame(rows: Any) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)
