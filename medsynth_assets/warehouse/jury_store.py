"""Reading what the jury is to judge, and reading and writing quality.jury_verdicts."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl

from medsynth_assets.records.jury_verdict import JuryVerdict
from medsynth_assets.warehouse.clock import moment
from medsynth_assets.warehouse.lineage_store import Row, rows_of


def dialogues_by(con: duckdb.DuckDBPyConnection, strategy: str, note_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The newest dialogue that a strategy made of each note, current or not: id and text by the note's id."""
    rows = con.execute(
        "select artifacts.parents[-1], artifact_id, text from generation.artifacts"
        " inner join generation.recipes using (recipe_id) "
        "where kind = 'dialogue' and artifacts.parents[-1] in (select unnest(?::varchar[]))"
        " and coalesce(recipes.parameters ->> '$.dialogue_strategy', 'medsynth') = ? "
        "qualify row_number() over (partition by artifacts.parents[-1] order by created_at desc, artifact_id) = 1",
        [list(note_ids), strategy],
    ).fetchall()
    return {note_id: (made, text) for note_id, made, text in rows}


def write_verdicts(con: duckdb.DuckDBPyConnection, verdicts: Sequence[JuryVerdict], run_id: str) -> None:
    """Append verdicts; those already there are not repeated."""
    if not verdicts:
        return
    now = moment(con)
    rows: list[dict[str, Any]] = [
        {
            "verdict_id": v.verdict_id, "kind": v.kind.value, "record_id": v.slot.record_id, "icd_code": v.slot.code,
            "ordinal": v.slot.ordinal, "content": json.dumps(v.content, ensure_ascii=False), "parents": list(v.parents),
            "other": v.other, "recipe_id": v.recipe_id, "prompt_hash": v.prompt_hash, "model": v.model,
            "call_ids": list(v.call_ids), "cost_usd": v.cost_usd, "tokens": v.tokens, "run_id": run_id, "judged_at": now,
        }
        for v in verdicts
    ]  # fmt: skip
    con.register("new_rows", pl.DataFrame(rows, infer_schema_length=None).unique("verdict_id", keep="first"))
    con.execute(
        "insert into quality.jury_verdicts by name "
        "select * from new_rows anti join quality.jury_verdicts as old using (verdict_id)"
    )
    con.unregister("new_rows")


def verdict_rows(con: duckdb.DuckDBPyConnection, verdict_ids: Sequence[str] | None = None) -> list[Row]:
    """Verdicts by id, or all: every column, `content` as JSON text."""
    return rows_of(
        con,
        "select * exclude (batch_id) from quality.jury_verdicts"
        " where $ids is null or verdict_id in (select unnest($ids::varchar[])) order by record_id, kind, model, judged_at",
        {"ids": list(verdict_ids) if verdict_ids is not None else None},
    )
