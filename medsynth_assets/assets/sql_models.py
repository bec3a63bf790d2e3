"""Every model of dbt_like_sql/ as an asset, with column descriptions, column lineage and row counts."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.records.identity import digest
from medsynth_assets.sql_models.build import Built, build, columns_of
from medsynth_assets.sql_models.column_lineage import column_lineage
from medsynth_assets.sql_models.project import Model, SqlProject

_ASSET_OF_TABLE = {  # where a table that is written to comes from; others are by-products of generation
    "reference.icd10cm_codes": "icd10cm_codes",
    "reference.icd_prevalence": "icd_prevalence",
    "reference.releases": "icd_prevalence",
    "generation.artifacts": "dialogues",
    "generation.current_heads": "dialogues",
    "generation.current_quarantine": "dialogues",
    "generation.targets": "scenarios",
    "generation.calls": "dialogues",
    "quality.check_results": "dialogues",
}
_PROJECT = SqlProject()
_OF_STAGE = {"stg_scenarios": "scenarios", "stg_notes": "notes", "stg_dialogues": "dialogues"}


def _deps(model: Model) -> list[str]:
    if model.name in _OF_STAGE:
        return [_OF_STAGE[model.name]]
    tables = [f"{schema}.{table}" for schema, table in model.sources]
    return list(dict.fromkeys([*model.refs, *(_ASSET_OF_TABLE[table] for table in tables)]))


def _spec(model: Model) -> dg.AssetSpec:
    return dg.AssetSpec(
        model.name,
        deps=_deps(model),
        skippable=True,
        group_name=model.schema,
        code_version=digest("sql-model:1", model.body),
        kinds={"duckdb", "sql"},
        description=f"{model.description}\n\nGrain: {model.grain}.",
        metadata={
            "dagster/relation_identifier": model.relation,
            "sql": dg.MetadataValue.md(f"```sql\n{model.body}\n```"),
        },
        automation_condition=dg.AutomationCondition.eager(),
    )


@dg.multi_asset(name="sql_models", specs=[_spec(model) for model in _PROJECT.build_order], can_subset=True)
def sql_models(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
    """The selected models, built in order in one transaction."""
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    try:
        with warehouse.writing() as con:
            built = build(con, _PROJECT, selected)
            schemas = {relation: columns_of(con, relation) for relation in _relations(built)}
        for done in built:
            yield dg.MaterializeResult(asset_key=done.model.name, metadata=_metadata(done, schemas))
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def _relations(built: list[Built]) -> set[str]:
    found = {f"{schema}.{table}" for b in built for schema, table in b.model.sources}
    return found | {_PROJECT.models[ref].relation for b in built for ref in b.model.refs}


def _metadata(done: Built, schemas: dict[str, dict[str, str]]) -> dict[str, Any]:
    columns = [
        dg.TableColumn(name, type_, description=done.model.columns[name]) for name, type_ in done.columns.items()
    ]
    return {
        "dagster/row_count": done.row_count,
        "dagster/column_schema": dg.TableSchema(columns),
        "dagster/column_lineage": _lineage(done.model, schemas),
        "dagster/relation_identifier": done.model.relation,
    }


def _lineage(model: Model, schemas: dict[str, dict[str, str]]) -> dg.TableColumnLineage:
    asset_of = {m.relation: m.name for m in _PROJECT.models.values()} | _ASSET_OF_TABLE
    if model.name in _OF_STAGE:
        asset_of |= dict.fromkeys(("generation.artifacts", "generation.current_heads"), _OF_STAGE[model.name])
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_of[up.relation], up.column) for up in upstream if up.relation in asset_of]
            for column, upstream in column_lineage(_PROJECT, model, schemas).items()
        }
    )
