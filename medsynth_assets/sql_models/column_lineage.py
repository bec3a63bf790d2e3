"""Column-level lineage, read from the SQL itself with sqlglot."""

from collections.abc import Mapping
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

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
    nested: dict[str, object] = {}
    for relation, columns in schema.items():
        schema_name, _, table = relation.partition(".")
        tables = nested.setdefault(schema_name, {})
        assert isinstance(tables, dict)
        tables[table] = dict(columns)
    try:
        parsed = sqlglot.parse_one(project.compile(model), read=_DIALECT)
        qualified = qualify(parsed, schema=MappingSchema(nested, dialect=_DIALECT), dialect=_DIALECT)
        assert isinstance(qualified, exp.Query)  # a model is a select
        roots = lineage(None, qualified, schema=nested, scope=build_scope(qualified), dialect=_DIALECT)
        assert isinstance(roots, dict)  # of every column, as none is named
        return {name: _upstream(root) for name, root in roots.items()}
    except sqlglot.errors.SqlglotError as error:
        raise SqlModelError(f"{model.relation}: {str(error).splitlines()[0]}") from error


def _upstream(root: Node) -> list[Upstream]:
    found = {
        Upstream(f"{node.expression.db}.{node.expression.name}", node.name.rpartition(".")[2].strip('"'))
        for node in root.walk()
        if isinstance(node.expression, exp.Table)
    }
    return sorted(found)
