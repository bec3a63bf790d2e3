"""Models as files: what is read, what is refused, in which order they are built."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from medsynth_assets.errors import SqlModelError
from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.file import WarehouseFile

HEADER = "-- grain: one row per a\n-- description: What it is.\n"
Bodies = dict[str, str]
MakeProject = Callable[..., SqlProject]


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Called with `{"layer/name": text}` and the described columns; gives the project read from such a folder."""

    def make(bodies: Bodies, columns: tuple[str, ...] = ("a",), header: str = HEADER) -> SqlProject:
        layers: dict[str, list[dict[str, object]]] = {}
        for path, body in bodies.items():
            layer, _, name = path.partition("/")
            file = tmp_path / "models" / layer / f"{name}.sql"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(header + body)
            described = [{"name": column, "description": f"the {column}"} for column in columns]
            layers.setdefault(layer, []).append({"name": name, "columns": described})
        for layer, models in layers.items():
            (tmp_path / "models" / layer / "schema.yml").write_text(yaml.safe_dump({"models": models}))
        return SqlProject(tmp_path / "models")

    return make


def test_refs_and_sources_become_relations(project: MakeProject) -> None:
    """A ref names a model of any layer, a source a table that is written to; spaces do not matter."""
    made = project({
        "staging/one": "select 1 as a from {{source('generation','heads')}}",
        "marts/two": "select a from {{ ref('one') }};",
    })  # fmt: skip
    assert made.compile(made.models["one"]).endswith("select 1 as a from generation.heads")
    assert made.compile(made.models["two"]).endswith("select a from staging.one")
    assert made.models["two"].refs == ("one",)
    assert made.models["one"].sources == (("generation", "heads"),)
    assert made.statement(made.models["one"]).startswith("create or replace view staging.one as")
    assert made.statement(made.models["two"]).startswith("create or replace table marts.two as")


def test_models_are_built_after_what_they_stand_on(project: MakeProject) -> None:
    """The order follows the refs, not the names."""
    made = project({
        "marts/a": "select a from {{ ref('b') }}",
        "marts/b": "select a from {{ ref('c') }}",
        "staging/c": "select 1 as a",
    })  # fmt: skip
    assert [model.name for model in made.build_order] == ["c", "b", "a"]


def test_shipped_models_come_after_their_refs() -> None:
    """The shipped project reads, and each of its models stands behind all it refers to."""
    order = [model.name for model in SqlProject().build_order]
    assert {"pairs", "coverage", "usage"} <= set(order)
    for model in SqlProject().build_order:
        assert all(order.index(ref) < order.index(model.name) for ref in model.refs)


def test_an_unknown_ref_names_the_model_and_what_there_is(project: MakeProject) -> None:
    """A slip in a ref is found when the project is read, not when the SQL runs."""
    with pytest.raises(SqlModelError, match=r"marts\.one refers to oen, which is not a model; there are one"):
        project({"marts/one": "select a from {{ ref('oen') }}"})


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param({"marts/one": "from {{ ref('one') }}"}, id="itself"),
        pytest.param({"marts/one": "from {{ ref('two') }}", "marts/two": "from {{ ref('one') }}"}, id="two"),
    ],
)
def test_a_circle_of_models_is_refused(project: MakeProject, bodies: Bodies) -> None:
    """Models that need each other have no order; the error names them."""
    with pytest.raises(SqlModelError, match=r"in a circle: .*one"):
        _ = project(bodies).build_order


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="none"),
        pytest.param("-- grain: one row\n", id="no-description"),
        pytest.param("-- description: text\n", id="no-grain"),
        pytest.param("-- grain:\n-- description:\n", id="empty"),
    ],
)
def test_a_model_without_its_header_is_refused(project: MakeProject, header: str) -> None:
    """Grain and description are part of a model."""
    with pytest.raises(SqlModelError, match=r"marts/one\.sql needs a header"):
        project({"marts/one": "select 1 as a"}, header=header)


def test_a_model_without_an_entry_in_its_schema_is_refused(project: MakeProject, tmp_path: Path) -> None:
    """A file that schema.yml does not know, or a layer without the file, is an error naming what is missing."""
    project({"marts/one": "select 1 as a"})
    (tmp_path / "models" / "marts" / "two.sql").write_text(HEADER + "select 1 as a")
    with pytest.raises(SqlModelError, match=r"marts/two\.sql has no entry in marts/schema\.yml"):
        SqlProject(tmp_path / "models")
    (tmp_path / "models" / "marts" / "schema.yml").unlink()
    with pytest.raises(SqlModelError, match=r"marts has no schema\.yml"):
        SqlProject(tmp_path / "models")


@pytest.mark.parametrize(
    "braces",
    [
        "{{ config(materialized='table') }}",
        "{% for x in y %}",
        "{{ ref('one').__class__ }}",
        '{{ ref("one") }}',
        "{{ source('generation') }}",
        "{{\n  7 * 7 }}",
    ],
)
def test_other_templating_is_refused(project: MakeProject, braces: str) -> None:
    """A model is data, not a program: nothing in braces but a ref or a source."""
    with pytest.raises(SqlModelError, match=r"(?s)marts/one\.sql: .* is neither a ref nor a source"):
        project({"marts/one": f"select 1 as a -- {braces}"})


@pytest.mark.parametrize(
    ("body", "columns", "wanted"),
    [
        pytest.param("select 1 as a, 2 as b", ("a",), r"not described \['b'\], not selected \[\]", id="not-described"),
        pytest.param("select 1 as a", ("a", "b"), r"not described \[\], not selected \['b'\]", id="not-selected"),
        pytest.param("select nowhere as a", ("a",), r"marts\.one: Binder Error", id="bad-sql"),
    ],
)
def test_a_model_that_does_not_fit_its_description_fails_the_build_and_leaves_nothing(
    project: MakeProject, tmp_path: Path, body: str, columns: tuple[str, ...], wanted: str
) -> None:
    """The error names the columns in question, and the transaction of the build is rolled back."""
    made = project({"marts/one": body}, columns=columns)
    file = WarehouseFile(tmp_path / "w.duckdb")
    file.ensure()
    with pytest.raises(SqlModelError, match=wanted), file.writing() as con:
        build(con, made, ["one"])
    with file.reading() as con:
        assert con.execute("select count(*) from duckdb_tables() where schema_name = 'marts'").fetchone() == (0,)


def test_building_one_model_makes_the_views_under_it_and_reports_only_itself(
    project: MakeProject, tmp_path: Path
) -> None:
    """What was asked for is reported with rows and columns; views below are made, tables below are not made again."""
    made = project({"staging/v": "select 1 as a", "marts/t": "select a from {{ ref('v') }} union all select 2"})
    with WarehouseFile(tmp_path / "w.duckdb").writing() as con:
        (built,) = build(con, made, ["t"])
        assert (built.model.name, built.row_count, built.columns) == ("t", 2, {"a": "INTEGER"})
        assert con.execute("from staging.v").fetchall() == [(1,)]
