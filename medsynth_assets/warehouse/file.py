"""The DuckDB file: opened per call and closed after it, because DuckDB lets one process write at a time."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

import duckdb
import tenacity

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.copying import share_or_copy, wal_of
from medsynth_assets.warehouse.extensions import quoted
from medsynth_assets.warehouse.leases import Leases, leases_path
from medsynth_assets.warehouse.opening import CATALOG, AnyWarehouse

_BUSY = (
    "lock on file",
    "different configuration",
    "Conflicting lock",
    "could not set lock",
    "being used by another process",
)
# Rows that DuckDB keeps together, the fewest that it allows: a transaction that adds to a table has its newest group written anew, which
# is some megabytes of notes; with DuckDB's own 122,880 it took half a gigabyte and most of a second, and left holes as large in the file.
_ROW_GROUP = 2_048
# How new files are kept: what any DuckDB from 1.4 on reads, in a tenth to a half of the space of what 1.0 could read, and with a quarter less CPU.
_STORAGE = "v1.4.0"
# Each connection is a DuckDB of its own, and the lock that it takes on the file (POSIX) is of the whole process.
_one_at_a_time = threading.RLock()


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, duckdb.Error) and any(sign.lower() in str(error).lower() for sign in _BUSY)


class WarehouseFile(AnyWarehouse):
    """Opens the file for a moment. Waits with jitter while another process holds it.

    timeout_s: how long to wait for the lock before WarehouseError.
    """

    def __init__(self, path: Path | str, timeout_s: float = 60.0) -> None:
        self.path = Path(path)
        self.name = str(path)
        self._timeout_s = timeout_s

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def stamp(self) -> tuple[object, ...]:
        files = (self.path, wal_of(self.path))
        found = (file.stat() for file in files if file.exists())
        return tuple((seen.st_mtime_ns, seen.st_size) for seen in found)

    def size_bytes(self) -> int:
        return self.path.stat().st_size

    def shut_in(self, con: duckdb.DuckDBPyConnection) -> None:
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")

    def copy_out(self, con: duckdb.DuckDBPyConnection, copy: Path) -> None:
        # the file last: closing it gives up the lock that this process has on it (POSIX), whoever asked for that lock
        for source, target in ((wal_of(self.path), wal_of(copy)), (self.path, copy)):
            if source.exists():
                share_or_copy(source, target)

    def leases(self, for_s: float) -> Leases:
        return Leases(leases_path(self.path), for_s)

    def _prepare_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(
                f"cannot create the folder {self.path.parent}: {error.strerror}; set MEDSYNTH_WAREHOUSE to a writable path"
            ) from error

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        if not read_only:
            self._prepare_folder()
        _take_values()
        with _one_at_a_time, _turn(self.path, read_only=read_only):
            connection = self._connect(read_only)
            try:
                connection.execute("set TimeZone = 'UTC'")
                yield connection
            finally:
                connection.close()

    def _connect(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        started = time.monotonic()
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_busy),
            wait=tenacity.wait_random(0.005, 0.06),
            stop=tenacity.stop_after_delay(self._timeout_s),
            reraise=True,
        )
        try:
            return retrying(attached, self.path, read_only=read_only)
        except duckdb.Error as error:
            if _is_busy(error):
                waited = time.monotonic() - started
                raise WarehouseError(
                    f"{self.path} was held by another process for {waited:.0f} s; close the program that keeps it open"
                    " (a DuckDB shell?) or raise MEDSYNTH_LOCK_TIMEOUT_S"
                ) from error
            raise WarehouseError(
                f"cannot open {self.path}: {str(error).splitlines()[0]}; set MEDSYNTH_WAREHOUSE to a DuckDB file or a new path"
            ) from error


@cache
def _take_values() -> None:
    """The first value that DuckDB is given for a `?` has it import pandas, once in a process: one to two seconds of CPU, in which
    no file need be held."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("select ?", [0])


def attached(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection of its own with the file as its catalog. Raises duckdb.Error, also where another process has the file."""
    with ExitStack() as unless_attached:
        connection = duckdb.connect(":memory:", config={"temp_directory": f"{path}.tmp"})
        unless_attached.callback(connection.close)
        how = "read_only" if read_only else f"row_group_size {_ROW_GROUP}, storage_version '{_STORAGE}'"
        connection.execute(f"attach {quoted(str(path))} as {CATALOG} (type duckdb, {how})")
        connection.execute(f"use {CATALOG}")
        unless_attached.pop_all()
    return connection


@contextmanager
def _turn(path: Path, *, read_only: bool) -> Iterator[None]:
    """Wait behind our other processes: a writer first in the line of writers, then both in the line for the file, which readers share.

    Retrying alone starves a process when eight want the file on a busy machine; the kernel queues those that wait
    for a file lock, and frees it when its holder dies. Who is first in the line waits there until he has the file: nobody overtakes
    him, and a reader waits for one writer and not for all of them. Others' programs do not stand in these lines: for them there is the retry.
    """
    with ExitStack() as held:
        if not read_only:
            held.enter_context(_locked(path, ".writers.lock"))
        with _locked(path, ".line.lock"):
            held.enter_context(_locked(path, ".lock", is_shared=read_only))
        yield


@contextmanager
def _locked(path: Path, suffix: str, *, is_shared: bool = False) -> Iterator[None]:
    """Nothing is locked in a folder that can only be read."""
    with ExitStack() as held:
        lock = None
        with suppress(OSError):
            lock = os.open(f"{path}{suffix}", os.O_RDWR | os.O_CREAT, 0o644)
            held.callback(os.close, lock)
        if fcntl and lock is not None:
            fcntl.flock(lock, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX)
        yield
