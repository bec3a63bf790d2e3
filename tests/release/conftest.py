"""Releases of a small warehouse: six pairs of two codes."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medsynth_assets.release.making import Order, Released, make_release
from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.lake import LakeWarehouse
from medsynth_assets.warehouse.opening import AnyWarehouse
from tests.lineage.conftest import _generated, _generated_lake  # noqa: F401  the fixtures below stand on them
from tests.postgres import Postgres

Releasing = Callable[..., Released]


@pytest.fixture(scope="session")
def _pairs(_generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    path = tmp_path_factory.mktemp("pairs") / "w.duckdb"
    shutil.copyfile(_generated, path)
    with WarehouseFile(path).writing() as con:
        build(con, SqlProject(), SqlProject().models)
    return path


@pytest.fixture(scope="session")
def _pairs_lake(
    _generated_lake: LakeWarehouse,  # noqa: F811
    postgres: Postgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> LakeWarehouse:
    def make() -> LakeWarehouse:
        lake = postgres.copy_of(_generated_lake, tmp_path_factory.mktemp("pairs_lake"))
        with lake.writing() as con:
            build(con, SqlProject(), SqlProject().models)
        return lake

    return postgres.made_once("pairs", make)


@pytest.fixture
def pairs(request: pytest.FixtureRequest, tmp_path: Path) -> AnyWarehouse:
    """I10 and E11.9, three records each, all of which pass the gate; nothing is released or withdrawn yet.

    A file; with `@on_both("pairs")` also a lake.
    """
    if getattr(request, "param", "duckdb") == "ducklake":
        cluster: Postgres = request.getfixturevalue("postgres")
        return cluster.copy_of(request.getfixturevalue("_pairs_lake"), tmp_path)
    shutil.copyfile(request.getfixturevalue("_pairs"), tmp_path / "w.duckdb")
    return WarehouseFile(tmp_path / "w.duckdb")


@pytest.fixture
def releasing(pairs: AnyWarehouse, tmp_path: Path) -> Releasing:
    """Make a release in a folder, by whose name it goes where no other is given."""

    def release(folder: str, **options: Any) -> Released:
        return make_release(pairs, Order(tmp_path / folder, **options), f"run-{folder}")

    return release
