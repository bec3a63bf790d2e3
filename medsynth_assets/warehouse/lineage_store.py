"""Reading everything that is stored of one record, for its audit. No meaning is given to it here: lineage/ does that."""

import datetime as dt
from enum import IntEnum
from typing import Any, NamedTuple

import duckdb

from medsynth_assets.warehouse.indexes import BY_RECORD, indexed

Row = dict[str, Any]


class RecordRows(NamedTuple):
    """The rows of one record by table, oldest first, and those of the tables that they name."""

    artifacts: list[Row]
    heads: list[Row]
    quarantine: list[Row]
    calls: list[Row]
    checks: list[Row]
    removals: list[Row]
    withdrawals: list[Row]
    recipes: list[Row]
    recipe_parts: list[Row]
    runs: list[Row]
    releases: list[Row]
    prevalence: list[Row]
    codes: list[Row] | None  # None: not looked up
    published: list[Row]


class Depth(IntEnum):
    """How much is read of a record: less is quicker, because DuckDB reads a column 2,048 rows at a time to get one."""

    OUTLINE = 0  # what a tree of one line a node says
    CONTENTS = 1  # every column but rendered texts, prompts, messages and answers
    TEXTS = 2


_OF_RECORD = {  # table, and the column by which it is ordered and cut at a moment
    "artifacts": ("generation.artifacts", "created_at"),
    "heads": ("generation.heads", "set_at"),
    "quarantine": ("generation.quarantine", "quarantined_at"),
    "calls": ("generation.calls", "started_at"),
    "checks": ("quality.check_results", "checked_at"),
    "removals": ("generation.removals", "removed_at"),
    "withdrawals": ("generation.withdrawals", "withdrawn_at"),
}
_WITHOUT_CODE = ("generation.removals", "generation.withdrawals")
_RELEASED = "generation.released_records"
_AFTER_ALL = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_COLUMNS = {  # where not all of them are read
    Depth.CONTENTS: {
        "generation.artifacts": "* replace ('' as text)",
        "generation.calls": "* replace (null::json as messages, null::varchar as answer)",
        "reference.icd10cm_codes": "release_id, row_hash",  # plans have a copy of the rest
    },
    Depth.OUTLINE: {
        "generation.artifacts": "artifact_id, kind, record_id, content, '' as text, parents, recipe_id, run_id, created_at",
        "generation.heads": "seq, stage, artifact_id, parent_artifact_id, stage_recipe_id, run_id, set_at",
        "generation.calls": "call_id, agent, null::json as messages, '{}' as parameters, null::varchar as answer, status,"
        " input_tokens, output_tokens, cost_usd, latency_ms, recipe_id, artifact_id, run_id, started_at",
        "generation.recipes": "recipe_id, agent, prompt_hash, schema_hash, engine, model, '{}' as parameters, first_used_at",
        "quality.check_results": "artifact_id, check_name, is_passed, explanation, check_recipe_id, run_id, checked_at",
        "reference.icd_prevalence": "release_id, code, share_frac, rank, source_file, row_hash",
    },
}


def record_rows(
    con: duckdb.DuckDBPyConnection, record_id: str, at: dt.datetime | None = None, depth: Depth = Depth.TEXTS
) -> RecordRows:
    """Everything stored of the record up to the moment `at` (now, where None): about a dozen queries by key."""
    until = at or _AFTER_ALL
    places = _places(con, record_id)
    own = {name: _of_record(con, table, moment, places, until, depth) for name, (table, moment) in _OF_RECORD.items()}
    recipes = _by_key(
        con, "generation.recipes", "recipe_id", _named(own["artifacts"] + own["calls"], "recipe_id"), depth
    )
    parts = _named(recipes, "prompt_hash") | _named(recipes, "schema_hash") if depth == Depth.TEXTS else set()
    run_ids = set().union(*(_named(own[name], "run_id") for name in own if name not in ("removals", "withdrawals")))
    code, *_ = record_id.partition("/")
    return RecordRows(
        **own,
        recipes=recipes,
        recipe_parts=_by_key(con, "generation.recipe_parts", "part_hash", parts, depth),
        runs=_runs(con, run_ids),
        releases=rows_of(con, "select * from reference.releases", []),
        prevalence=_by_key(con, "reference.icd_prevalence", "code", {code}, depth),
        codes=_by_key(con, "reference.icd10cm_codes", "code", {code}, depth) if depth > Depth.OUTLINE else None,
        published=_published(con, places, until),
    )


class _Places(NamedTuple):
    """Where to look for rows of a record: what the seals and the catalog know before any long table is read."""

    record_id: str
    batches: dict[str, set[int]]  # the transactions that wrote of the record, by table
    indexes: set[str]

    def has_any(self, table: str) -> bool:
        """Every row is sealed as it is written; without one seal of the record nothing can be left out."""
        return not self.batches or table in self.batches

    def condition(self, table: str) -> tuple[str, list[str]]:
        """The record's rows of a table, and what is bound. An index is used only where it is the whole condition.

        Without one DuckDB skips the row groups of other transactions; the code is compared before the id, because it
        takes a few bits a row and an id many bytes.
        """
        if BY_RECORD.get(table) in self.indexes:
            return "record_id = ?", [self.record_id]
        within = f" and batch_id in ({', '.join(map(str, self.batches[table]))})" if self.batches else ""
        if table in _WITHOUT_CODE:
            return f"record_id = ?{within}", [self.record_id]
        code, *_ = self.record_id.partition("/")
        return f"icd_code = ? and record_id = ?{within}", [code, self.record_id]


def _places(con: duckdb.DuckDBPyConnection, record_id: str) -> _Places:
    batches: dict[str, set[int]] = {}
    for table, batch in con.execute(
        "select table_name, rows_batch_id from generation.seals where subject = ?", [record_id]
    ).fetchall():
        batches.setdefault(table, set()).add(batch)
    return _Places(record_id, batches, indexed(con))


def _of_record(
    con: duckdb.DuckDBPyConnection, table: str, moment: str, places: _Places, until: dt.datetime, depth: Depth
) -> list[Row]:
    """Rows of one record up to a moment, oldest first."""
    if not places.has_any(table):
        return []
    condition, values = places.condition(table)
    rows = rows_of(con, f"select {_columns(table, depth)} from {table} where {condition}", values)
    return sorted((row for row in rows if row[moment] <= until), key=lambda row: row[moment])


def _published(con: duckdb.DuckDBPyConnection, places: _Places, until: dt.datetime) -> list[Row]:
    """The releases that hold the record, each with the split and the artifacts that it holds of it."""
    if not places.has_any(_RELEASED):
        return []
    condition, values = places.condition(_RELEASED)
    return rows_of(
        con,
        f"with held as (select release_id, split, scenario_id, note_id, dialogue_id from {_RELEASED} where {condition}) "
        "select held.*, releases.* exclude (batch_id, release_id) from held"
        " inner join generation.releases as releases using (release_id) where released_at <= ? order by released_at",
        [*values, until],
    )


def _runs(con: duckdb.DuckDBPyConnection, run_ids: set[str]) -> list[Row]:
    """Runs with the environment they ran in."""
    return rows_of(
        con,
        "select runs.run_id, runs.began_at, environments.* "
        "from generation.runs left join generation.environments using (environment_id) "
        f"where run_id in ({_marks(run_ids)}) order by began_at",
        sorted(run_ids),
    )


def _by_key(con: duckdb.DuckDBPyConnection, table: str, key: str, values: set[str], depth: Depth) -> list[Row]:
    """Rows by key. Each value is bound by itself: DuckDB skips row groups by those, and scans all of them for a list."""
    if not values:
        return []
    query = f"select {_columns(table, depth)} from {table} where {key} in ({_marks(values)})"
    return rows_of(con, query, sorted(values))


def _columns(table: str, depth: Depth) -> str:
    return _COLUMNS.get(depth, {}).get(table, "*")


def _marks(values: set[str]) -> str:
    """A parameter for each value; null where there is none, which equals nothing."""
    return ", ".join("?" for _ in values) or "null"


def rows_of(con: duckdb.DuckDBPyConnection, query: str, values: object) -> list[Row]:
    """What a query gives, each row by the names of its columns."""
    result = con.execute(query, values)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _named(rows: list[Row], column: str) -> set[str]:
    return {row[column] for row in rows if row[column]}
