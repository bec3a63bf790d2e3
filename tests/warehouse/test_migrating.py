"""Schema versions: a stored warehouse of each version opens, upgraded and whole; one of a later version is refused."""

import asyncio
import gzip
import re
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from medsynth_assets.agents.asking import Asking
from medsynth_assets.assets.generating import Generation
from medsynth_assets.assets.progress import LogProgress
from medsynth_assets.assets.work import Order
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.errors import WarehouseError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.planning import named
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.migrating import version_of
from medsynth_assets.warehouse.opening import SCHEMA_VERSION
from tests.cli.test_refusals import refused
from tests.conftest import Place

STORED = sorted((Path(__file__).parent / "stored").glob("*.duckdb.gz"))
CODES = ["E11.9", "I10"]
_COLUMNS = (
    "select schema_name, table_name, column_name, data_type, is_nullable from duckdb_columns() "
    "where database_name = current_database() and not internal order by all"
)
_VIEWS = "select schema_name, view_name, sql from duckdb_views() where not internal order by all"


@pytest.fixture(params=STORED, ids=lambda path: path.name.partition(".")[0])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A warehouse as an earlier version left it."""
    path = tmp_path / "w.duckdb"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a file, without our code and without seals. A column that is all null counts as not there."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        for schema, table in tables:
            relation = con.sql(f"select * from {schema}.{table} order by all")
            columns = [
                c
                for c in sorted(relation.columns)
                if c != "batch_id" and relation.filter(f'"{c}" is not null').fetchone()
            ]
            if columns and table not in ("seals", "batches"):
                found[f"{schema}.{table}"] = relation.select(*columns).fetchall()
    return found


def version(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as con:
        return version_of(con)


def test_there_is_a_stored_warehouse_of_every_version_before() -> None:
    """A version that is left behind leaves a warehouse behind."""
    stored = {int(re.findall(r"\d+", path.name)[0]) for path in STORED}
    assert stored >= set(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("mode", ["reading", "writing"])
def test_a_stored_warehouse_is_upgraded_on_open_and_keeps_every_row(stored: Path, mode: str, tmp_path: Path) -> None:
    """Afterwards it has the tables, columns and views of a new one, its version, and what was in it."""
    before = rows(stored)
    assert len(before["generation.heads"]) == 12
    with getattr(WarehouseFile(stored), mode)() as con:
        assert version_of(con) == SCHEMA_VERSION
        upgraded = con.execute(_COLUMNS).fetchall(), con.execute(_VIEWS).fetchall()
    with WarehouseFile(tmp_path / "new.duckdb").writing() as con:
        assert upgraded == (con.execute(_COLUMNS).fetchall(), con.execute(_VIEWS).fetchall())
    assert rows(stored) == before


def test_work_goes_on_in_an_upgraded_warehouse(stored: Path) -> None:
    """Slots are added after those that stand; what was there can still be read as it was."""
    file = WarehouseFile(stored)
    with file.reading() as con:
        before = store.heads(con, CODES)
    assert len(before) == 12
    policy = Policy(retry_h=1, retry_most_h=720, ttl_days=None, at_once=True)
    order = Order(("I10",), tuple(Stage), partial(named, per_code=3), policy, judge_rounds=4, concurrency=4)
    asking = Asking(OfflineEngine(), 1)
    asyncio.run(Generation(file, asking, knowledge_base(), LogProgress(lambda _: None), "run").run(order))
    with file.reading() as con:
        after = store.heads(con, CODES)
        kept = store.artifacts(con, [head.artifact.artifact_id for head in before.values()])
        assert con.execute("select count(*) = count(distinct seq) from generation.heads").fetchone() == (True,)
    assert {record for record, _ in after} == {*(record for record, _ in before), "I10/003"}
    assert len(kept) == 12


def test_an_upgrade_that_fails_leaves_the_warehouse_as_it_was(stored: Path) -> None:
    """One line says so; no half-made version stays."""
    if version(stored) == SCHEMA_VERSION:
        pytest.skip("nothing to upgrade")
    with duckdb.connect(str(stored)) as con:
        con.execute("drop view generation.current_quarantine")
        con.execute("create table generation.current_quarantine as select 1 as in_the_way")
    found, before = version(stored), rows(stored)
    with pytest.raises(WarehouseError, match=rf"from schema version {found} to {SCHEMA_VERSION} and stays as it was"):
        WarehouseFile(stored).ensure()
    assert (version(stored), rows(stored)) == (found, before)


def test_a_warehouse_of_a_later_version_is_refused_and_left_alone(place: Place) -> None:
    """A program that does not know it neither reads nor writes it, and says in one line what to do."""
    later = SCHEMA_VERSION + 1
    WarehouseFile(place.warehouse).ensure()
    with duckdb.connect(str(place.warehouse)) as con:
        con.execute(f"create schema medsynth_schema_{later}")
    content = place.warehouse.read_bytes()
    refused(place.medsynth("status"), f"schema version {later}", f"up to {SCHEMA_VERSION}", "install a newer one")
    refused(place.medsynth("run", "--codes", "I10"), f"schema version {later}", "MEDSYNTH_WAREHOUSE")
    assert place.warehouse.read_bytes() == content
