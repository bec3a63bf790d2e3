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
from tests.lineage.conftest import _generated  # noqa: F401  the fixture below stands on it

Releasing = Callable[..., Released]


@pytest.fixture(scope="session")
def _pairs(_generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    path = tmp_path_factory.mktemp("pairs") / "w.duckdb"
    shutil.copyfile(_generated, path)
    with WarehouseFile(path).writing() as con:
        build(con, SqlProject(), SqlProject().models)
    return path


@pytest.fixture
def pairs(_pairs: Path, tmp_path: Path) -> WarehouseFile:
    """I10 and E11.9, three records each, all of which pass the gate; nothing is released or withdrawn yet."""
    shutil.copyfile(_pairs, tmp_path / "w.duckdb")
    return WarehouseFile(tmp_path / "w.duckdb")


@pytest.fixture
def releasing(pairs: WarehouseFile, tmp_path: Path) -> Releasing:
    """Make a release in a folder, by whose name it goes where no other is given."""

    def release(folder: str, **options: Any) -> Released:
        return make_release(pairs, Order(tmp_path / folder, **options), f"run-{folder}")

    return release
