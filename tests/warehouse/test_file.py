"""The DuckDB file: waiting for it, refusing what is not one, all or nothing."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.file import WarehouseFile, attached
from medsynth_assets.warehouse.opening import SCHEMA_VERSION

HOLDER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
con.close()
print("let go", flush=True)
"""
TARGET = "insert into generation.targets (icd_code, record_count, run_id, set_at) values ('I10', ?, 'run', now())"


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process has the file open for writing until a line is sent to it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def targets(file: WarehouseFile) -> list[int]:
    with file.reading() as con:
        return [row[0] for row in con.execute("select record_count from generation.targets order by 1").fetchall()]


@pytest.fixture
def file(tmp_path: Path) -> WarehouseFile:
    made = WarehouseFile(tmp_path / "w.duckdb", timeout_s=60)
    made.ensure()
    return made


@pytest.mark.parametrize("mode", ["reading", "writing"])
def test_an_opening_waits_for_the_process_that_holds_the_file(
    file: WarehouseFile, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process holds the file an opening is refused and tried again, and it succeeds once let go."""
    refused = 0
    with held_elsewhere(file.path) as holder:

        def released_after_three(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
            nonlocal refused
            try:
                return attached(path, read_only=read_only)
            except duckdb.Error:
                refused += 1
                if refused == 3:
                    assert holder.stdin is not None
                    holder.stdin.write("\n")
                    holder.stdin.flush()
                raise

        monkeypatch.setattr("medsynth_assets.warehouse.file.attached", released_after_three)
        with getattr(file, mode)() as con:
            assert con.execute("select count(*) from generation.heads").fetchone() == (0,)
    assert refused >= 3


def test_a_file_of_an_older_duckdb_is_taken_over(tmp_path: Path) -> None:
    """What DuckDB 1.0 could read is read as it is, and written on as what DuckDB 1.4 reads."""
    path, stored = (
        tmp_path / "old.duckdb",
        "select tags['storage_version'] from duckdb_databases() where database_name = 'medsynth'",
    )
    with duckdb.connect(str(path)) as con:
        con.execute("create table of_somebody as select 42 as answer")
    file = WarehouseFile(path)
    with file.reading() as con:
        assert con.execute(stored).fetchone() == ("v1.0.0+",)
    file.ensure()
    with file.reading() as con:
        assert con.execute(stored).fetchone() == ("v1.4.0+",)
        assert con.execute("select answer from of_somebody").fetchone() == (42,)


def test_a_transaction_has_little_to_write_anew(file: WarehouseFile) -> None:
    """Rows are kept in small groups, also once another transaction has come and gone: the newest group is written with each."""
    many = "insert into generation.targets (icd_code, record_count, run_id, set_at) select 'E11.9', 1, 'run', now() from range(20_000)"
    with file.writing() as con:
        con.execute(many)
    with file.writing() as con:
        con.execute(TARGET, [1])
    with file.reading() as con:
        groups = con.execute(
            "select row_group_id, max(count) from pragma_storage_info('generation.targets') where segment_type <> 'VALIDITY' group by all"
        ).fetchall()
    assert len(groups) >= 10
    assert max(count for _, count in groups) <= 2048


@pytest.mark.parametrize("mode", ["reading", "writing"])
def test_a_file_held_for_too_long_is_an_error_that_says_what_to_do(file: WarehouseFile, mode: str) -> None:
    """After the timeout one line names the file, the likely culprit, and the setting that waits longer."""
    hurried = WarehouseFile(file.path, timeout_s=0.2)
    with held_elsewhere(file.path), pytest.raises(WarehouseError) as raised, getattr(hurried, mode)():
        pass
    assert str(file.path) in str(raised.value)
    assert "held by another process" in str(raised.value)
    assert "MEDSYNTH_LOCK_TIMEOUT_S" in str(raised.value)


OPENER = """
import sys, time
from medsynth_assets.warehouse.file import WarehouseFile
with getattr(WarehouseFile(sys.argv[1]), sys.argv[2])():
    print(sys.argv[2], file=open(sys.argv[3], "a"), flush=True)
    time.sleep(0.1)
"""


def until_they_wait(file: WarehouseFile, count: int) -> None:
    """Until so many processes wait for the locks of a file, as the kernel tells: "7: -> FLOCK  ADVISORY  WRITE pid fe:00:inode ..."."""
    ours = {str(path.stat().st_ino) for path in file.path.parent.glob("*.lock")}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        waits = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "-> FLOCK" in line]
        if sum(wait[6].rpartition(":")[2] in ours for wait in waits) >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"{count} processes never waited")


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who waits for a lock")
def test_a_reader_waits_for_one_writer_and_not_for_all_of_them(file: WarehouseFile, tmp_path: Path) -> None:
    """Three writers stand in line when the reader comes; at most the first of them goes before it."""
    order = tmp_path / "order"

    def opener(mode: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", OPENER, str(file.path), mode, str(order)])

    with file.path.with_name("w.duckdb.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        crew = [opener("writing") for _ in range(3)]
        until_they_wait(file, 3)
        crew.append(opener("reading"))
        until_they_wait(file, 4)
    for process in crew:
        assert process.wait(timeout=60) == 0
    assert sorted(order.read_text().split()) == ["reading", "writing", "writing", "writing"]
    assert order.read_text().split().index("reading") <= 1


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who waits for a lock")
def test_readers_share_the_file_and_a_writer_is_not_overtaken(file: WarehouseFile, tmp_path: Path) -> None:
    """While one process reads, others do, too; those that come after a writer wait for it."""
    order = tmp_path / "order"

    def opener(mode: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", OPENER, str(file.path), mode, str(order)])

    with file.reading():
        assert opener("reading").wait(timeout=60) == 0
        writer = opener("writing")
        until_they_wait(file, 1)
        reader = opener("reading")
        until_they_wait(file, 2)
        assert order.read_text().split() == ["reading"]
    assert (writer.wait(timeout=60), reader.wait(timeout=60)) == (0, 0)
    assert order.read_text().split() == ["reading", "writing", "reading"]


def test_an_error_while_writing_rolls_everything_back(file: WarehouseFile) -> None:
    """What was written before the error is not there afterwards, and the file takes the next transaction."""

    class OfTheCallerError(Exception):
        pass

    with pytest.raises(OfTheCallerError), file.writing() as con:  # noqa: PT012
        con.execute(TARGET, [1])
        raise OfTheCallerError
    assert targets(file) == []
    with file.writing() as con:
        con.execute(TARGET, [2])
    assert targets(file) == [2]


def test_an_interrupted_first_writing_leaves_no_half_made_schema(tmp_path: Path) -> None:
    """Tables and their marker come in the caller's transaction: after a failure the next opening makes both."""
    file = WarehouseFile(tmp_path / "w.duckdb")
    with pytest.raises(KeyboardInterrupt), file.writing():
        raise KeyboardInterrupt
    file.ensure()
    assert targets(file) == []


def test_reading_where_there_is_no_warehouse_says_how_to_make_one(tmp_path: Path) -> None:
    """A missing file is an error with the command that makes it, and reading does not create it."""
    file = WarehouseFile(tmp_path / "none.duckdb")
    with (
        pytest.raises(WarehouseError, match=r"no warehouse at .*none\.duckdb; make one with: medsynth run"),
        file.reading(),
    ):
        pass
    assert not file.exists
    assert list(tmp_path.iterdir()) == []


def test_writing_makes_missing_folders(tmp_path: Path) -> None:
    """A warehouse may be named in a folder that is not there yet."""
    file = WarehouseFile(tmp_path / "a" / "b" / "w.duckdb")
    file.ensure()
    assert file.exists


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    """A file where a folder should be is a WarehouseError naming MEDSYNTH_WAREHOUSE, not a traceback of the system."""
    (tmp_path / "taken").write_text("a file")
    file = WarehouseFile(tmp_path / "taken" / "sub" / "w.duckdb")
    with pytest.raises(WarehouseError, match=r"cannot create the folder .*MEDSYNTH_WAREHOUSE"), file.writing():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_names_the_setting(tmp_path: Path) -> None:
    """A folder that may not be written to is a WarehouseError naming MEDSYNTH_WAREHOUSE."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for path in (closed / "w.duckdb", closed / "sub" / "w.duckdb"):
        with pytest.raises(WarehouseError, match="MEDSYNTH_WAREHOUSE"), WarehouseFile(path).writing():
            pass


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"patient,code\n1,I10\n" * 500, id="text"), pytest.param(bytes(range(256)) * 64, id="binary")],
)
@pytest.mark.parametrize("mode", ["reading", "writing"])
def test_a_file_that_is_not_duckdb_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, mode: str) -> None:
    """A foreign file is a one-line WarehouseError at once, and not one byte of it is changed."""
    path = tmp_path / "w.duckdb"
    path.write_bytes(content)
    with pytest.raises(WarehouseError) as raised, getattr(WarehouseFile(path), mode)():
        pass
    assert "MEDSYNTH_WAREHOUSE" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """A folder named as the warehouse is a WarehouseError, whichever way it is opened."""
    for mode in ("reading", "writing"):
        with pytest.raises(WarehouseError, match="MEDSYNTH_WAREHOUSE"), getattr(WarehouseFile(tmp_path), mode)():
            pass


def test_a_reader_cannot_write(file: WarehouseFile) -> None:
    """The connection of reading() is read-only."""
    with file.reading() as con, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        con.execute(TARGET, [1])


def test_the_schema_is_created_once(file: WarehouseFile) -> None:
    """A later opening finds the marker and does not run schema.sql again: a view replaced by hand stays replaced."""
    with file.writing() as con:
        con.execute("create or replace view generation.current_heads as select 'by hand' as who")
    file.ensure()
    with file.reading() as con:
        assert con.execute("from generation.current_heads").fetchall() == [("by hand",)]
        marker = f"medsynth_schema_{SCHEMA_VERSION}"
        found = con.execute("select count(*) from duckdb_schemas() where schema_name = ?", [marker]).fetchone()
    assert found == (1,)


def test_times_are_read_back_in_utc(file: WarehouseFile) -> None:
    """Whatever the machine's zone, a connection speaks UTC."""
    with file.writing() as con:
        assert con.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)
    with file.reading() as con:
        assert con.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)
