"""Examining the current records of some codes: measure, validate, write a verdict per record and check."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import polars as pl

from medsynth_assets.checks.measuring import measured
from medsynth_assets.clinical.family import Sex
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.lineage.environment import current_environment
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.quality.integrity.finding import Subject
from medsynth_assets.quality.measures import WHY, dialogue_measures, note_measures, remember_measures, scenario_measures
from medsynth_assets.quality.suites import Check
from medsynth_assets.quality.summaries import is_known, note_summary
from medsynth_assets.quality.validation import Outcome, validate
from medsynth_assets.records.artifact import Artifact, Stage
from medsynth_assets.warehouse.check_store import examined, failures, write_results
from medsynth_assets.warehouse.generation_store import (
    artifacts,
    codes_wanted,
    dialogue_languages,
    heads,
    planned_patients,
)
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.reference_store import age_sex_edits, code_facts
from medsynth_assets.warehouse.run_store import record_run

_SHOWN = 1_000  # characters of an explanation
NOT_APPLICABLE = "not applicable"


def examine(warehouse: AnyWarehouse, codes: Sequence[str], stage: Stage, run_id: str) -> list[Outcome]:
    """The outcome of every check of a stage over the codes' current records.

    A record that the same checks have judged before is not judged again.
    """
    checks = suite(stage.value).checks
    recipes = [check.recipe_id for check in checks]
    with warehouse.reading() as con:
        standing = [head.artifact for head in heads(con, list(codes), [stage]).values()]
        ids = [artifact.artifact_id for artifact in standing]
        known = examined(con, stage.value, recipes, ids)
        fresh = [artifact for artifact in standing if artifact.artifact_id not in known]
        beside = _beside(con, stage, fresh)
    if fresh:
        read = stage is Stage.DIALOGUES and all(is_known(beside["notes"][a.slot.record_id].text, a.text) for a in fresh)
        frame = _MEASURES[stage](fresh, beside) if read else measured(_MEASURES[stage], fresh, beside)
        remember_measures(frame)
        found = _rows(stage, frame, validate(suite(stage.value), frame), run_id, beside.get("languages", {}))
        rows = pl.DataFrame(found, infer_schema_length=None)
        environment = current_environment()
        with warehouse.writing() as con:
            record_run(con, run_id, environment)
            write_results(con, rows)
    with warehouse.reading() as con:
        failed = failures(con, stage.value, recipes, ids)
    return [Outcome(c, not failed.get(c.recipe_id), tuple(failed.get(c.recipe_id, ())), None) for c in checks]


def current_measures(warehouse: AnyWarehouse, stage: Stage, most: int) -> pl.DataFrame:
    """What the checks of a stage look at, for the newest `most` current records of all codes."""
    with warehouse.reading() as con:
        codes = sorted(codes_wanted(con))
        standing = [head.artifact for head in heads(con, codes, [stage]).values()][-most:]
        beside = _beside(con, stage, standing)
    if not standing:
        return pl.DataFrame()
    frame = measured(_MEASURES[stage], standing, beside)
    remember_measures(frame)
    return frame


def _beside(con: duckdb.DuckDBPyConnection, stage: Stage, fresh: Sequence[Artifact]) -> Mapping[str, Any]:
    """What else the measures of a stage need to know."""
    codes = sorted({artifact.slot.code for artifact in fresh})
    if stage is Stage.SCENARIOS:
        facts = code_facts(con, codes)
        return {
            "descriptions": {code: known.description for code, known in facts.items()},
            "edits": age_sex_edits(con, codes),
            "subjects": _subjects(con, codes),
        }
    if stage is Stage.NOTES:
        read = {note.slot.record_id: note_summary(note.text) for note in fresh if is_known(note.text)}
        return {"subjects": _subjects(con, codes), "read": read}
    if stage is Stage.DIALOGUES:
        notes = artifacts(con, [artifact.parents[-1] for artifact in fresh])
        return {
            "notes": {note.slot.record_id: note for note in notes.values()},
            "languages": dialogue_languages(con, [artifact.artifact_id for artifact in fresh]),
        }
    return {}


def _subjects(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, Subject]:
    """Whom each record of the codes is about, as its plan has it."""
    return {
        record_id: Subject(code, description, age_years, Sex(sex))
        for record_id, (code, description, age_years, sex) in planned_patients(con, codes).items()
    }


def _of_scenarios(scenarios: Sequence[Artifact], beside: Mapping[str, Any]) -> pl.DataFrame:
    return scenario_measures(scenarios, beside["descriptions"], beside["edits"], beside["subjects"])


def _of_notes(notes: Sequence[Artifact], beside: Mapping[str, Any]) -> pl.DataFrame:
    return note_measures(notes, beside["subjects"], beside["read"])


def _of_dialogues(dialogues: Sequence[Artifact], beside: Mapping[str, Any]) -> pl.DataFrame:
    return dialogue_measures(dialogues, beside["notes"], knowledge_base())


_MEASURES = {Stage.SCENARIOS: _of_scenarios, Stage.NOTES: _of_notes, Stage.DIALOGUES: _of_dialogues}


def _rows(
    stage: Stage, frame: pl.DataFrame, outcomes: Sequence[Outcome], run_id: str, languages: Mapping[str, str]
) -> list[dict[str, Any]]:
    """languages: of dialogues that are not in English, by artifact; a check that reads English does not apply to them."""
    now = dt.datetime.now(dt.UTC)
    records = frame.to_dicts()
    rows = []
    for outcome in outcomes:
        failed = set(outcome.failed_keys)
        for record in records:
            language = languages.get(record["artifact_id"], "") if outcome.check.is_language_bound else ""
            passed = bool(language) or record["record_id"] not in failed
            rows.append(
                {
                    "record_id": record["record_id"],
                    "icd_code": record["icd_code"],
                    "asset": stage.value,
                    "artifact_id": record["artifact_id"],
                    "check_name": outcome.check.name,
                    "column_name": outcome.check.column,
                    "observed": NOT_APPLICABLE if language else str(record.get(outcome.check.column)),
                    "threshold": outcome.check.threshold,
                    "is_passed": passed,
                    "severity": outcome.check.severity,
                    "explanation": f"{NOT_APPLICABLE}: the dialogue is in {language}, the check reads English"
                    if language
                    else ""
                    if passed
                    else _explanation(outcome.check, record),
                    "check_recipe_id": outcome.check.recipe_id,
                    "run_id": run_id,
                    "checked_at": now,
                }
            )
    return rows


def _explanation(check: Check, record: Mapping[str, Any]) -> str:
    found = f"{check.column} is {record.get(check.column)}, wanted {check.threshold}"
    why = record.get(f"{check.column}{WHY}")
    return f"{found}: {why.replace(chr(10), '; ')[:_SHOWN]}" if why else found
