"""DuckLake: one writer over all processes, readers in nobody's way, nothing shown that is secret."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from medsynth_assets.errors import ConfigError, WarehouseError
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.lake import PREFIX, LakeWarehouse
from medsynth_assets.warehouse.seals import SEALED, broken_batches, broken_seals
from tests.postgres import Postgres
from tests.warehouse.test_file import TARGET

HOLDER = """
import os, sys
from pathlib import Path
from medsynth_assets.warehouse.lake import LakeWarehouse
with LakeWarehouse(*sys.argv[1:3], Path(sys.argv[3])).writing() as con:
    con.execute("insert into generation.targets (icd_code, record_count, run_id, set_at) values ('E11.9', 9, 'run', now())")
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_killed_writer_leaves_nothing_and_frees_the_turn_and_readers_never_wait(lake: LakeWarehouse) -> None:
    """While another process writes, readers see the snapshot before it; once it is killed, the next one writes, and the seals hold."""
    with lake.writing() as con:
        con.execute(TARGET, [1])
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, lake.name, lake.data_path, str(lake.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with lake.reading() as con:
            assert con.execute("select record_count from generation.targets").fetchall() == [(1,)]
        hurried = LakeWarehouse(lake.name, lake.data_path, lake.path, timeout_s=0.2)
        with pytest.raises(WarehouseError, match="MEDSYNTH_LOCK_TIMEOUT_S"), hurried.writing():
            pass
    finally:
        holder.kill()
        holder.communicate()
    before = lake.stamp()
    with lake.writing() as con:
        con.execute(TARGET, [2])
    assert lake.stamp() != before
    with lake.reading() as con:
        rows = con.execute("select record_count, batch_id from generation.targets order by 1").fetchall()
        assert rows == [(1, 1), (2, 2)]
        assert broken_batches(con) == []


def test_upkeep_changes_no_row_and_the_seals_hold(lake: LakeWarehouse) -> None:
    """After merging and expiring, every row and every number is what it was, and writing goes on."""
    for count in range(3):
        with lake.writing() as con:
            con.execute(TARGET, [count])
    done = lake.maintain(keep_days=0)
    assert done["expired"] > 0
    with lake.writing() as con:
        con.execute(TARGET, [3])
    with lake.reading() as con:
        assert con.execute("select record_count from generation.targets order by batch_id").fetchall() == [
            (0,),
            (1,),
            (2,),
            (3,),
        ]
        assert broken_batches(con) == []
        assert [fault for sealed in SEALED for fault in broken_seals(con, sealed)] == []


def test_a_reader_that_is_shut_in_reaches_nothing_else_and_cannot_write(lake: LakeWarehouse) -> None:
    """`medsynth sql` may ask the lake and no file of the machine."""
    with lake.writing() as con:
        con.execute(
            "insert into generation.targets (icd_code, record_count, run_id, set_at) select 'I10', range, 'r', now() from range(50)"
        )
    with lake.reading() as con:
        lake.shut_in(con)
        assert con.execute("select count(*) from generation.targets").fetchone() == (50,)
        with pytest.raises(duckdb.PermissionException):
            con.execute("from read_text('/etc/hostname')")
        with pytest.raises(duckdb.Error):
            con.execute(TARGET, [1])


def test_without_a_lake_there_is_nothing_to_read(lake: LakeWarehouse) -> None:
    """An empty database is no warehouse; the error says how to make one."""
    assert not lake.exists
    with pytest.raises(WarehouseError, match="make one with: medsynth run"), lake.reading():
        pass


def test_a_database_that_is_not_there_is_one_line(postgres: Postgres, tmp_path: Path) -> None:
    """The error names the lake and the two settings."""
    lost = LakeWarehouse(
        f"{PREFIX}dbname=none host={postgres.folder} user=medsynth", str(tmp_path), tmp_path / "l.duckdb"
    )
    with pytest.raises(WarehouseError, match="MEDSYNTH_DATA_PATH") as raised:
        lost.ensure()
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "data_path", "says"),
    [
        pytest.param(f"{PREFIX}dbname=x password=hush", "d", "PGPASSFILE", id="a-password"),
        pytest.param(f"{PREFIX}postgresql://u:hush@h/x", "d", "PGPASSFILE", id="a-password-in-a-url"),
        pytest.param("ducklake:sqlite:x", "d", "wanted a file, or ducklake:postgres:", id="another-catalog"),
        pytest.param(f"{PREFIX}dbname", "d", "dbname=", id="no-connection-string"),
        pytest.param(f"{PREFIX}dbname=x", "", "MEDSYNTH_DATA_PATH is not set", id="no-data-path"),
        pytest.param(f"{PREFIX}dbname=x", "ftp://h/x", "wanted a folder or s3://", id="another-store"),
    ],
)
def test_a_lake_that_cannot_be_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: str, data_path: str, says: str
) -> None:
    """The line says what is wanted and shows no password."""
    pytest.importorskip("psycopg")
    monkeypatch.setenv("MEDSYNTH_WAREHOUSE", given)
    monkeypatch.setenv("MEDSYNTH_DATA_PATH", data_path)
    load_settings.cache_clear()
    try:
        with pytest.raises(ConfigError) as raised:
            warehouse_of(load_settings())
    finally:
        load_settings.cache_clear()
    assert says in str(raised.value)
    assert "hush" not in str(raised.value)
