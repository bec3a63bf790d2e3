"""Building models in the warehouse, and what each turned out to hold."""

from collections.abc import Iterable
from typing import NamedTuple

import duckdb

from medsynth_assets.errors import SqlModelError
from medsynth_assets.sql_models.project import Model, SqlProject


class Built(NamedTuple):
    """A model as built: its row count and its columns with their DuckDB types."""

    model: Model
    row_count: int
    columns: dict[str, str]


def build(connection: duckdb.DuckDBPyConnection, project: SqlProject, names: Iterable[str]) -> list[Built]:
    """Build the named models in order; views they stand on are made where missing.

    Raises SqlModelError for SQL that DuckDB refuses, and for a column without a description or the reverse.
    """
    wanted = set(names)
    needed = _ancestors(project, wanted)
    built = []
    for model in project.build_order:
        if model.name not in wanted and not (model.is_view and model.name in needed):
            continue
        try:
            connection.execute(project.statement(model))
        except duckdb.Error as error:
            raise SqlModelError(f"{model.relation}: {str(error).splitlines()[0]}") from error
        if model.name in wanted:
            built.append(_inspect(connection, model))
    return built


def _ancestors(project: SqlProject, names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        for ref in project.models[waiting.pop()].refs:
            if ref not in found:
                found.add(ref)
                waiting.append(ref)
    return found


def _inspect(connection: duckdb.DuckDBPyConnection, model: Model) -> Built:
    columns = columns_of(connection, model.relation)
    if list(columns) != list(model.columns):
        undescribed = [c for c in columns if c not in model.columns]
        missing = [c for c in model.columns if c not in columns]
        raise SqlModelError(
            f"{model.relation}: schema.yml and SQL disagree: not described {undescribed}, not selected {missing}"
        )
    count = connection.execute(f"select count(*) from {model.relation}").fetchone()  # noqa: S608
    return Built(model, int(count[0]) if count else 0, columns)


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Column types of a table or view of ours, in order."""
    rows = connection.execute(f"describe {relation}").fetchall()
    return {row[0]: row[1] for row in rows}
