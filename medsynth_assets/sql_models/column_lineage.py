"""Column-level lineage, read from the SQL itself with sqlglot."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify

from medsynth_assets.errors import SqlModelError
from medsynth_assets.sql_models.project import Model, SqlProject

_DIALECT = "duckdb"
Columns = Mapping[str, Mapping[str, str]]  # relation: column: type


class Upstream(NamedTuple):
    """One column of a model or source that another is computed from."""

    relation: str
    column: str


def column_lineage(project: SqlProject, model: Model, schema: Columns) -> dict[str, list[Upstream]]:
    """For each column of the model the upstream columns it is computed from, in its parents.

    schema: columns of every relation that the model reads. Raises SqlModelError where the SQL
    cannot be read or names what is not there.
    """
    nested: dict[str, dict[str, Any]] = {}
    for relation, columns in schema.items():
        schema_name, _, table = relation.partition(".")
        nested.setdefault(schema_name, {})[table] = dict(columns)
    try:
        parsed = qualify(sqlglot.parse_one(project.compile(model), read=_DIALECT), schema=nested, dialect=_DIALECT)
        names = [select.alias_or_name for select in parsed.selects]
        return {name: _upstream(name, parsed, nested) for name in names}
    except sqlglot.errors.SqlglotError as error:
        raise SqlModelError(f"{model.relation}: {str(error).splitlines()[0]}") from error


def _upstream(column: str, query: exp.Expression, schema: dict[str, dict[str, Any]]) -> list[Upstream]:
    root = lineage(column, query, schema=schema, dialect=_DIALECT)
    found = {
        Upstream(f"{node.expression.db}.{node.expression.name}", node.name.rpartition(".")[2].strip('"'))
        for node in root.walk()
        if isinstance(node.expression, exp.Table)
    }
    return sorted(found)
