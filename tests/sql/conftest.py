"""Rows into the tables that a model reads, the model as shipped, rows out."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.opening import AnyWarehouse

Row = dict[str, Any]
RunModel = Callable[..., list[Row]]
AT = "2025-11-21 10:00:00+00"

DEFAULTS: dict[str, Row] = {
    "generation.artifacts": {
        "kind": "note", "record_id": "I10/001", "icd_code": "I10", "ordinal": 1, "content": "{}", "text": "",
        "parents": [], "recipe_id": "r", "engine": "offline", "model": "rules", "run_id": "run", "created_at": AT,
    },
    "generation.heads": {
        "record_id": "I10/001", "icd_code": "I10", "ordinal": 1, "stage_recipe_id": "r", "engine": "offline",
        "run_id": "run", "set_at": AT, "parent_artifact_id": "v1",
    },
    "generation.quarantine": {
        "icd_code": "I10", "ordinal": 1, "stage": "notes", "reason": "refusal", "detail": "", "engine": "offline",
        "stage_recipe_id": "r", "run_id": "run", "quarantined_at": "2025-11-21 11:00:00+00",
    },
    "generation.targets": {"icd_code": "I10", "record_count": 5, "run_id": "run", "set_at": AT},
    "generation.calls": {
        "request_hash": "h", "record_id": "I10/001", "icd_code": "I10", "agent": "note_writer", "round": 1,
        "attempt": 1,
        "recipe_id": "r", "engine": "openai", "model": "m", "prompt_version": "p", "parameters": "{}", "status": "ok",
        "error": "", "input_tokens": 100, "output_tokens": 10, "cached_tokens": 4, "cost_usd": 0.5, "latency_ms": 10.0,
        "from_ledger": False, "run_id": "run", "started_at": AT,
    },
    "reference.releases": {
        "kind": "prevalence", "name": "n", "source": "s", "sha256": "x", "row_count": 1, "rejected_count": 0,
        "run_id": "run", "loaded_at": AT,
    },
    "reference.icd_prevalence": {
        "release_id": "p1", "weight": 10.0, "share_frac": 0.1, "rank": 1, "basis": "any_listed", "source_file": "f.csv",
        "row_number": 1, "row_hash": "h",
    },
    "reference.icd10cm_codes": {
        "description": "Essential (primary) hypertension", "is_billable": True, "category_code": "I10",
        "block": "I10-I1A",
        "chapter": "9", "chapter_title": "Circulatory", "inclusion_terms": ["high blood pressure"],
        "seventh_character": "", "release_id": "icd", "row_hash": "h",
    },
    "quality.check_results": {
        "record_id": "I10/001", "icd_code": "I10", "asset": "dialogues", "check_name": "well_formed", "column_name": "x",
        "observed": "0", "threshold": "most 0", "is_passed": True, "explanation": "", "check_recipe_id": "c", "run_id": "run",
        "checked_at": AT, "severity": "critical",
    },
}  # fmt: skip


def _upstream(project: SqlProject, model: str) -> list[str]:
    """The model after every model it reads, directly or not."""
    before = [name for ref in project.models[model].refs for name in _upstream(project, ref)]
    return list(dict.fromkeys([*before, model]))


@pytest.fixture
def run_model(any_warehouse: AnyWarehouse) -> RunModel:
    """Called with a model's name and rows by table (`heads=[...]`); gives the model's rows in its own order."""
    file = any_warehouse
    relations = {name.partition(".")[2]: name for name in DEFAULTS}

    def run(model: str, **rows_by_table: list[Row]) -> list[Row]:
        with file.writing() as con:
            for table, rows in rows_by_table.items():
                for row in rows:
                    whole = {**DEFAULTS[relations[table]], **row}
                    values = [json.dumps(v) if isinstance(v, dict) else v for v in whole.values()]
                    con.execute(
                        f"insert into {relations[table]} ({', '.join(whole)}) values ({', '.join('?' * len(whole))})",
                        values,
                    )
            project = SqlProject()
            built = build(con, project, _upstream(project, model))[-1]
            result = con.execute(f"select * from {built.model.relation}")
            names = [column[0] for column in result.description or []]
            found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
            assert len(found) == built.row_count
        return found

    return run
