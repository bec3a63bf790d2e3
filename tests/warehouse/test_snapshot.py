"""A snapshot: whole, between two transactions, and nobody's file is lost by it."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from medsynth_assets.errors import WarehouseError
from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse import file as module
from medsynth_assets.warehouse.copying import share_or_copy
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.seals import SEALED, broken_batches, broken_seals
from medsynth_assets.warehouse.snapshot import take_snapshot
from tests.warehouse.test_file import TARGET, targets

KILLED = """
import os, sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("set checkpoint_threshold = '1TB'")
con.execute("create table left_in_the_log as select 7 as seven")
os._exit(0)
"""


@pytest.fixture
def file(tmp_path: Path) -> WarehouseFile:
    made = WarehouseFile(tmp_path / "w.duckdb")
    for count in (1, 2):
        with made.writing() as con:
            con.execute(TARGET, [count])
    return made


def test_a_snapshot_holds_what_was_written_and_its_seals_hold(any_warehouse: AnyWarehouse, tmp_path: Path) -> None:
    """Rows, views and the chain of seals are in the copy; it says up to which batch, and leaves nothing else behind."""
    for count in (1, 2):
        with any_warehouse.writing() as con:
            con.execute(TARGET, [count])
    with any_warehouse.writing() as con:
        build(con, SqlProject(), SqlProject().models)
    taken = take_snapshot(any_warehouse, tmp_path / "shared" / "s.duckdb")
    assert (taken.path, taken.batch_id) == (tmp_path / "shared" / "s.duckdb", 2)
    assert taken.size_bytes == taken.path.stat().st_size
    assert [left.name for left in taken.path.parent.iterdir()] == ["s.duckdb"]
    with duckdb.connect(str(taken.path), read_only=True) as con:
        assert con.execute("select record_count from generation.targets order by 1").fetchall() == [(1,), (2,)]
        assert con.execute("from generation.current_heads").fetchall() == []
        assert con.execute("select icd_code, target_count from marts.coverage").fetchall() == [("I10", 2)]
        assert con.execute("from staging.stg_notes").fetchall() == []
        assert broken_batches(con) == []
        assert [fault for sealed in SEALED for fault in broken_seals(con, sealed)] == []


def test_who_holds_a_snapshot_is_in_nobodys_way_and_keeps_what_he_opened(file: WarehouseFile, tmp_path: Path) -> None:
    """While an analyst has it open the warehouse is written to, and the next snapshot takes the name."""
    out = tmp_path / "s.duckdb"
    take_snapshot(file, out)
    with duckdb.connect(str(out), read_only=True) as held:
        with file.writing() as con:
            con.execute(TARGET, [3])
        # in a process of its own, as the schedule would: within one, DuckDB shares a file that is open
        code = (
            "import sys; from pathlib import Path; from medsynth_assets.warehouse.file import WarehouseFile;"
            "from medsynth_assets.warehouse.snapshot import take_snapshot;"
            "print(take_snapshot(WarehouseFile(sys.argv[1]), Path(sys.argv[2])).batch_id)"
        )
        done = subprocess.run([sys.executable, "-c", code, file.path, out], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("3\n", "")
        assert held.execute("select max(record_count) from generation.targets").fetchone() == (2,)
    assert targets(WarehouseFile(out)) == [1, 2, 3]


def test_what_a_killed_writer_left_in_the_log_is_in_the_snapshot(file: WarehouseFile, tmp_path: Path) -> None:
    """A write-ahead log beside the file belongs to it; the snapshot has taken it in and needs none."""
    subprocess.run([sys.executable, "-c", KILLED, file.path], check=True)
    assert Path(f"{file.path}.wal").exists()
    taken = take_snapshot(file, tmp_path / "s.duckdb")
    assert not Path(f"{taken.path}.wal").exists()
    with duckdb.connect(str(taken.path), read_only=True) as con:
        assert con.execute("from left_in_the_log").fetchall() == [(7,)]


@pytest.mark.parametrize("error", [None, OSError(18, "cross-device")], ids=["shared", "copied"])
def test_a_file_is_copied_whole_whatever_the_file_system_can(
    file: WarehouseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError | None
) -> None:
    """Where blocks cannot be shared, bytes are copied."""
    if error:

        def refused(*_: object) -> int:
            raise error

        monkeypatch.setattr(os, "copy_file_range", refused, raising=False)
    share_or_copy(file.path, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == file.path.read_bytes()


def test_a_file_that_is_no_snapshot_is_not_replaced(file: WarehouseFile, tmp_path: Path) -> None:
    """Notes of a person, a DuckDB file of another kind, the warehouse itself: refused by name, and as they were."""
    notes, other = tmp_path / "notes.duckdb", tmp_path / "other.duckdb"
    notes.write_text("mine")
    with duckdb.connect(str(other)) as con:
        con.execute("create table mine as select 1 as one")
    for path in (notes, other, file.path):
        before = path.read_bytes()
        with pytest.raises(WarehouseError, match=path.name):
            take_snapshot(file, path)
        assert path.read_bytes() == before


def test_a_copy_that_is_not_what_was_copied_gets_no_name(
    file: WarehouseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file is found out by opening it; the snapshot of before stays, and the draft goes."""
    out = tmp_path / "s.duckdb"
    take_snapshot(file, out)
    before = out.read_bytes()

    def half(source: Path, copy: Path) -> None:
        copy.write_bytes(source.read_bytes()[: source.stat().st_size // 2])

    monkeypatch.setattr(module, "share_or_copy", half)
    with pytest.raises(WarehouseError):
        take_snapshot(file, out)
    assert out.read_bytes() == before
    left = sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock"))
    assert left == ["s.duckdb", "w.duckdb"]


def test_without_a_warehouse_there_is_nothing_to_copy(tmp_path: Path) -> None:
    """The error says how to make one, and no file appears."""
    with pytest.raises(WarehouseError, match="no warehouse"):
        take_snapshot(WarehouseFile(tmp_path / "none.duckdb"), tmp_path / "s.duckdb")
    assert list(tmp_path.iterdir()) == []
