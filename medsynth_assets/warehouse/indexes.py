"""Indexes by which one record is found among a million.

DuckDB reads 2,048 rows of a column to get one, which of wide columns (contents, messages) are some megabytes; by an index
it reads the rows alone. They are no part of the schema version: a file without them, or a lake, is only slower.
"""

import duckdb

BY_RECORD = {"generation.artifacts": "artifacts_of_record", "generation.calls": "calls_of_record"}
INDEXES = {name: (table, "record_id") for table, name in BY_RECORD.items()} | {
    "seals_of_subject": ("generation.seals", "subject")
}


def add_indexes(con: duckdb.DuckDBPyConnection) -> None:
    """Make what is missing, inside the caller's transaction; of a million pairs that takes some seconds, once."""
    if not indexed(con).issuperset(INDEXES) and _is_file(con):
        for name, (table, column) in INDEXES.items():
            con.execute(f"create index if not exists {name} on {table} ({column})")


def indexed(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of the indexes that there are."""
    query = "select index_name from duckdb_indexes() where database_name = current_database()"
    return {row[0] for row in con.execute(query).fetchall()}


def _is_file(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether this is DuckDB's own storage: DuckLake has no indexes."""
    query = "select type from duckdb_databases() where database_name = current_database()"
    return con.execute(query).fetchone() == ("duckdb",)
