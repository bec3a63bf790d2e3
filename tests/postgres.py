"""A PostgreSQL of its own for those who need one: Debian's package, a socket in a folder, nothing on the network."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy import servers
from medsynth_assets.warehouse.lake import PREFIX, LakeWarehouse


@dataclass(frozen=True)
class Postgres(servers.Postgres):
    """A running cluster, and lakes in it."""

    _made: dict[str, LakeWarehouse] = field(default_factory=dict)

    def database(self, like: str = "template1") -> str:
        """A new one, empty or with all that another holds: its libpq connection string."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.create(name, like)
        return self.dsn(name)

    def lake(self, folder: Path) -> LakeWarehouse:
        """One that is not there yet: its catalog an empty database, its Parquet in the folder."""
        return LakeWarehouse(f"{PREFIX}{self.database()}", str(folder / "parquet"), folder / "lake.duckdb")

    def made_once(self, name: str, make: Callable[[], LakeWarehouse]) -> LakeWarehouse:
        """Of this cluster: whichever test comes first makes it, and all take copies."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def copy_of(self, lake: LakeWarehouse, folder: Path) -> LakeWarehouse:
        """With all that the lake holds by now, in the folder."""
        like = lake.dsn.split()[0].removeprefix("dbname=")
        shutil.copytree(lake.data_path, folder / "parquet")
        copy = LakeWarehouse(f"{PREFIX}{self.database(like)}", str(folder / "parquet"), folder / "lake.duckdb")
        with copy.catalog() as catalog:
            catalog.execute("update ducklake_metadata set value = %s where key = 'data_path'", [copy.data_path])
        return copy


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Once a worker. Skips where PostgreSQL or the extra `cluster` is not installed."""
    for package in ("psycopg", "duckdb_extension_ducklake", "duckdb_extension_postgres_scanner"):
        pytest.importorskip(package)
    try:
        servers.demand_postgres()
    except servers.ServersMissing as missing:
        pytest.skip(str(missing))
    # not in tmp_path: a socket's name is short, and root's folders are closed to the user that PostgreSQL wants
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o711)
        cluster = Postgres(Path(folder) / "pg")
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture
def lake_store(postgres: Postgres, tmp_path: Path) -> dict[str, str]:
    """Settings of a DuckLake that is not there yet: its catalog an empty database, its Parquet in tmp_path."""
    return {
        "warehouse": f"{PREFIX}{postgres.database()}",
        "data_path": str(tmp_path / "parquet"),
        "side_files": str(tmp_path / "side"),
    }


@pytest.fixture
def lake(postgres: Postgres, tmp_path: Path) -> LakeWarehouse:
    """A DuckLake that is not there yet."""
    return postgres.lake(tmp_path)
