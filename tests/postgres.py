"""A PostgreSQL of its own for those who need one: Debian's package, a socket in a folder, nothing on the network."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from medsynth_assets.warehouse.lake import PREFIX, LakeWarehouse


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(path) for path in [shutil.which("initdb")] if path
    ]
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Postgres:
    """A running cluster; its socket is in `folder`."""

    binaries: Path
    folder: Path
    _made: dict[str, LakeWarehouse] = field(default_factory=dict)

    def run(self, program: str, *arguments: str) -> None:
        """As the user whose cluster it is: PostgreSQL refuses root."""
        other = "postgres" if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(self.binaries / program), *arguments], user=other, group=other, extra_groups=[] if other else None,
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        self.run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "medsynth", "--no-sync", "-E", "UTF8")
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        self.run(
            "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", str(self.folder / "log"), "-w", "start"
        )

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def database(self, like: str = "template1") -> str:
        """A new one, empty or with all that another holds: its libpq connection string."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.run("createdb", "-h", str(self.folder), "-U", "medsynth", "-T", like, name)
        return f"dbname={name} host={self.folder} user=medsynth"

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
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # not in tmp_path: a socket's name is short, and root's folders are closed to the user that PostgreSQL wants
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        cluster = Postgres(binaries, Path(folder))
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
