"""What tests share: a place of their own, and a warehouse with the reference assets loaded once a worker."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
os.environ["GX_ANALYTICS_ENABLED"] = "false"

from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.opening import AnyWarehouse

pytest_plugins = ["tests.scripted_openai.fixture", "tests.postgres", "tests.object_store"]
REPOSITORY = Path(__file__).resolve().parent.parent
_OURS = ("MEDSYNTH_", "OPENAI_", "DAGSTER_HOME")


@dataclass(frozen=True)
class Place:
    """A folder with a warehouse and a Dagster instance that nothing else touches."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "medsynth.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """For processes: this place, and none of the settings of whoever runs the tests."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
        return {**clean, **self.variables}

    @property
    def variables(self) -> Mapping[str, str]:
        return {"MEDSYNTH_WAREHOUSE": str(self.warehouse), "DAGSTER_HOME": str(self.folder / "dagster")}

    def medsynth(self, *arguments: str, timeout: float = 240, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a person would, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "medsynth_assets.cli", *arguments],
            cwd=self.folder,
            env={**self.environment, "COLUMNS": "80", **variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )


@pytest.fixture(params=["duckdb", pytest.param("ducklake", marks=pytest.mark.lake)])
def any_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> AnyWarehouse:
    """A warehouse that is not there yet, of each kind in turn; a lake's transaction takes a second of CPU, so `make test-lake` has those."""
    if request.param == "duckdb":
        return WarehouseFile(tmp_path / "w.duckdb")
    made: AnyWarehouse = request.getfixturevalue("lake")
    return made


def store_of(warehouse: AnyWarehouse) -> dict[str, str]:
    """The settings that lead to this warehouse."""
    given = {"warehouse": warehouse.name}
    if not isinstance(warehouse, WarehouseFile):
        given |= {"data_path": getattr(warehouse, "data_path", ""), "side_files": str(warehouse.path.parent)}
    return given


def on_both(fixture: str) -> pytest.MarkDecorator:
    """For a test that proves a feature: with this fixture's warehouse as a DuckDB file, and (`make test-lake`) as a DuckLake."""
    return pytest.mark.parametrize(fixture, ["duckdb", pytest.param("ducklake", marks=pytest.mark.lake)], indirect=True)


@pytest.fixture(params=["duckdb", pytest.param("ducklake", marks=pytest.mark.lake)])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings that say where the warehouse is, and with it ledger, park and budgets: beside a file, or in PostgreSQL."""
    if request.param == "duckdb":
        return {"warehouse": str(tmp_path / "w.duckdb")}
    store: dict[str, str] = request.getfixturevalue("lake_store")
    return store


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty place, which this process's settings point to as well."""
    here = Place(tmp_path)
    (tmp_path / "dagster").mkdir()
    _settle(here, monkeypatch)
    yield here
    load_settings.cache_clear()


@pytest.fixture(scope="session")
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Reference assets loaded through the real command, once a worker."""
    here = Place(tmp_path_factory.mktemp("loaded"))
    (here.folder / "dagster").mkdir()
    done = here.medsynth("run", "--codes", "I10", "--per-code", "1")
    assert done.returncode == 0, done.stderr
    return here


@pytest.fixture
def loaded_place(place: Place, _loaded: Place) -> Place:
    """A place with the reference assets loaded and one record, I10/001."""
    shutil.copytree(_loaded.folder, place.folder, dirs_exist_ok=True)
    return place


def _settle(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    for name, value in here.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(here.folder)
    load_settings.cache_clear()
