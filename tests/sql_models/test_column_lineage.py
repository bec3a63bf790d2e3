"""Column lineage: each column traced through renames, expressions, CTEs and joins to the parents' columns."""

import pytest

from medsynth_assets.errors import SqlModelError
from medsynth_assets.sql_models.build import build, columns_of
from medsynth_assets.sql_models.column_lineage import Columns, column_lineage
from medsynth_assets.sql_models.project import Model, SqlProject
from medsynth_assets.warehouse.file import WarehouseFile

PROJECT = SqlProject()


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """Columns of every relation, from the shipped models built over an empty warehouse."""
    with WarehouseFile(tmp_path_factory.mktemp("lineage") / "w.duckdb").writing() as con:
        build(con, PROJECT, PROJECT.models)
        tables = {f"{schema}.{table}" for model in PROJECT.models.values() for schema, table in model.sources}
        relations = tables | {model.relation for model in PROJECT.models.values()}
        return {relation: columns_of(con, relation) for relation in relations}


def upstream(model: Model, schema: Columns) -> dict[str, set[str]]:
    """Lineage as `relation.column` by column."""
    found = column_lineage(PROJECT, model, schema)
    return {name: {f"{up.relation}.{up.column}" for up in ups} for name, ups in found.items()}


@pytest.mark.parametrize(
    ("model", "column", "wanted"),
    [
        pytest.param("pairs", "note", {"staging.stg_notes.note"}, id="through-a-join"),
        pytest.param("pairs", "dialogue", {"staging.stg_dialogues.dialogue"}, id="through-the-other-join"),
        pytest.param("pairs", "icd_description", {"staging.stg_icd10cm_codes.description"}, id="renamed-in-a-join"),
        pytest.param("pairs", "completed_at", {"staging.stg_dialogues.set_at"}, id="renamed"),
        pytest.param("stg_notes", "scenario_id", {"generation.current_heads.parent_artifact_id"}, id="renamed-source"),
        pytest.param("stg_notes", "plan", {"generation.artifacts.content"}, id="out-of-json"),
        pytest.param("stg_dialogues", "turn_count", {"generation.artifacts.content"}, id="in-a-function"),
        pytest.param("stg_scenarios", "age_years", {"generation.artifacts.content"}, id="in-a-cast"),
        pytest.param("stg_icd_prevalence", "rank", {"reference.icd_prevalence.rank"}, id="beside-a-cte"),
        pytest.param("coverage", "target_count", {"generation.targets.record_count"}, id="through-a-cte"),
        pytest.param(
            "coverage", "covered_share_frac",
            {"staging.stg_icd_prevalence.share_frac", "generation.targets.record_count"}, id="expression-over-joins",
        ),
        pytest.param("usage", "day", {"generation.calls.started_at"}, id="cast-to-a-day"),
        pytest.param("usage", "stage", {"generation.calls.agent"}, id="in-a-case"),
        pytest.param("usage", "from_ledger_count", {"generation.calls.from_ledger"}, id="in-a-filter"),
    ],
)  # fmt: skip
def test_a_column_is_traced_to_what_it_is_computed_from(
    schema: Columns, model: str, column: str, wanted: set[str]
) -> None:
    """The shipped models, column by column."""
    assert upstream(PROJECT.models[model], schema)[column] == wanted


@pytest.mark.parametrize("name", sorted(PROJECT.models))
def test_every_column_of_a_shipped_model_is_traced_to_columns_that_exist(schema: Columns, name: str) -> None:
    """Lineage has the model's columns in order, and each upstream is a column of something the model reads."""
    model = PROJECT.models[name]
    found = column_lineage(PROJECT, model, schema)
    assert list(found) == list(model.columns)
    read = {f"{schema_}.{table}" for schema_, table in model.sources} | {
        PROJECT.models[ref].relation for ref in model.refs
    }
    for upstreams in found.values():
        for up in upstreams:
            assert up.relation in read
            assert up.column in schema[up.relation]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("select nothing_like_it from generation.calls", id="unknown-column"),
        pytest.param("select ( from", id="not-sql"),
    ],
)
def test_sql_that_cannot_be_traced_is_an_error_naming_the_model(schema: Columns, body: str) -> None:
    """What sqlglot cannot follow is a SqlModelError, one line long."""
    model = PROJECT.models["usage"]._replace(body=body)
    with pytest.raises(SqlModelError, match=r"^marts\.usage: ") as raised:
        column_lineage(PROJECT, model, schema)
    assert len(str(raised.value).splitlines()) == 1
