"""Reading everything that is stored of one record, for its audit. No meaning is given to it here: lineage/ does that."""

import datetime as dt
from typing import Any, NamedTuple

import duckdb

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
    codes: list[Row]
    published: list[Row]


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
_AFTER_ALL = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
# What is read of tables with long texts where those are not wanted: DuckDB reads 2,048 rows of a column to get one.
_WITHOUT_TEXTS = {
    "generation.artifacts": "* replace ('' as text)",
    "generation.calls": "* replace (cast(null as json) as messages, cast(null as varchar) as answer)",
    "reference.icd10cm_codes": "release_id, row_hash",  # plans have a copy of the rest
}


def record_rows(
    con: duckdb.DuckDBPyConnection, record_id: str, at: dt.datetime | None = None, *, texts: bool = True
) -> RecordRows:
    """Everything stored of the record up to the moment `at` (now, where None): about a dozen queries by key.

    texts=False leaves out what only a reader of texts needs: rendered texts (contents are there), messages and answers of
    calls, bodies of prompts and schemas; and what plans repeat of their code.
    """
    until = at or _AFTER_ALL
    within = _within_batches(con, record_id)
    own = {
        name: _of_record(con, table, moment, record_id, within, until, texts)
        for name, (table, moment) in _OF_RECORD.items()
    }
    recipes = _by_key(con, "generation.recipes", "recipe_id", _named(own["artifacts"] + own["calls"], "recipe_id"))
    parts = _named(recipes, "prompt_hash") | _named(recipes, "schema_hash") if texts else set()
    run_ids = set().union(*(_named(own[name], "run_id") for name in own if name not in ("removals", "withdrawals")))
    code, *_ = record_id.partition("/")
    prevalence = _by_key(con, "reference.icd_prevalence", "code", {code})
    codes = _by_key(con, "reference.icd10cm_codes", "code", {code}, texts)
    return RecordRows(
        **own,
        recipes=recipes,
        recipe_parts=_by_key(con, "generation.recipe_parts", "part_hash", parts),
        runs=_runs(con, run_ids),
        releases=_by_key(con, "reference.releases", "release_id", _named(prevalence + codes, "release_id")),
        prevalence=prevalence,
        codes=codes,
        published=_published(con, record_id, within, until),
    )


def _of_record(
    con: duckdb.DuckDBPyConnection,
    table: str,
    moment: str,
    record_id: str,
    within: str,
    until: dt.datetime,
    texts: bool,
) -> list[Row]:
    """Rows of one record. Where there is a code it is compared first: it takes a few bits a row, an id many bytes."""
    code, *_ = record_id.partition("/")
    condition, values = "record_id = ?", [record_id, until]
    if table not in _WITHOUT_CODE:
        condition, values = f"icd_code = ? and {condition}", [code, *values]
    columns = "*" if texts else _WITHOUT_TEXTS.get(table, "*")
    return rows_of(
        con, f"select {columns} from {table} where {condition} and {within} and {moment} <= ? order by {moment}", values
    )


def _published(con: duckdb.DuckDBPyConnection, record_id: str, within: str, until: dt.datetime) -> list[Row]:
    """The releases that hold the record, each with the split and the artifacts that it holds of it."""
    code, *_ = record_id.partition("/")
    return rows_of(
        con,
        "with held as (select release_id, split, scenario_id, note_id, dialogue_id from generation.released_records"
        f" where icd_code = ? and record_id = ? and {within}) "
        "select held.*, releases.* exclude (batch_id, release_id) from held"
        " inner join generation.releases as releases using (release_id) where released_at <= ? order by released_at",
        [code, record_id, until],
    )


def _within_batches(con: duckdb.DuckDBPyConnection, record_id: str) -> str:
    """A condition that lets DuckDB skip the row groups of other transactions: the seals know which ones wrote of the record.

    Without it each query would scan a column of record ids; a million records are sealed in one narrow table.
    """
    rows = con.execute("select distinct rows_batch_id from generation.seals where subject = ?", [record_id]).fetchall()
    return f"batch_id in ({', '.join(str(int(row[0])) for row in rows)})" if rows else "true"


def _runs(con: duckdb.DuckDBPyConnection, run_ids: set[str]) -> list[Row]:
    """Runs with the environment they ran in."""
    return rows_of(
        con,
        "select runs.run_id, runs.began_at, environments.* "
        "from generation.runs left join generation.environments using (environment_id) "
        f"where run_id in ({_places(run_ids)}) order by began_at",
        sorted(run_ids),
    )


def _by_key(con: duckdb.DuckDBPyConnection, table: str, key: str, values: set[str], texts: bool = True) -> list[Row]:
    """Rows by key. Each value is bound by itself: DuckDB skips row groups by those, and scans all of them for a list."""
    if not values:
        return []
    columns = "*" if texts else _WITHOUT_TEXTS.get(table, "*")
    return rows_of(con, f"select {columns} from {table} where {key} in ({_places(values)})", sorted(values))


def _places(values: set[str]) -> str:
    """A parameter for each value; null where there is none, which equals nothing."""
    return ", ".join("?" for _ in values) or "null"


def rows_of(con: duckdb.DuckDBPyConnection, query: str, values: object) -> list[Row]:
    """What a query gives, each row by the names of its columns."""
    result = con.execute(query, values)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _named(rows: list[Row], column: str) -> set[str]:
    return {row[column] for row in rows if row[column]}
