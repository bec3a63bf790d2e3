"""The DuckDB file: opened per call and closed after it, because DuckDB lets one process write at a time."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import tenacity

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from medsynth_assets.disk_full import is_disk_full
from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse import seals
from medsynth_assets.warehouse.indexes import add_indexes
from medsynth_assets.warehouse.migrating import bring_to, refuse_newer, version_of

SCHEMA_VERSION = 4
_BUSY = (
    "lock on file",
    "different configuration",
    "Conflicting lock",
    "could not set lock",
    "being used by another process",
)
_one_at_a_time = threading.RLock()  # within a process DuckDB refuses mixed read-only and writable connections


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, duckdb.Error) and any(sign.lower() in str(error).lower() for sign in _BUSY)


class WarehouseFile:
    """Opens the file for a moment. Waits with jitter while another process holds it.

    timeout_s: how long to wait for the lock before WarehouseError.
    """

    def __init__(self, path: Path | str, timeout_s: float = 60.0) -> None:
        self.path = Path(path)
        self._timeout_s = timeout_s

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection; a warehouse of an earlier version is brought up to date first.

        Raises WarehouseError where there is no warehouse yet, and for one of a later version.
        """
        if not self.exists:
            raise WarehouseError(f"no warehouse at {self.path}; make one with: medsynth run --top 20")
        with self._open(read_only=True) as connection:
            version = version_of(connection)
            refuse_newer(version, SCHEMA_VERSION, self.path)
            if version in (0, SCHEMA_VERSION):
                yield connection
                return
        self.ensure()
        with self._open(read_only=True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside one transaction: sealed and committed at the end, rolled back on any error."""
        self._prepare_folder()
        with self._open(read_only=False) as connection:
            connection.begin()
            try:
                seals.open_batch(connection)  # rows of an earlier version are sealed as they are found
                bring_to(SCHEMA_VERSION, connection, self.path)
                add_indexes(connection)
                yield connection
                seals.close_batch(connection)
            except BaseException as error:
                self._roll_back(connection)
                if isinstance(error, duckdb.Error) and is_disk_full(error):
                    raise self._unwritten(error) from error
                raise
            try:
                connection.commit()
            except duckdb.Error as error:
                raise self._unwritten(error) from error

    def ensure(self) -> None:
        """Create the file and its tables where they are missing."""
        with self.writing():
            pass

    def _roll_back(self, connection: duckdb.DuckDBPyConnection) -> None:
        """What is not committed is gone in any case; a connection that a full disk broke cannot even be asked."""
        with contextlib.suppress(duckdb.Error):
            connection.rollback()

    def _unwritten(self, error: duckdb.Error) -> WarehouseError:
        said = str(error).splitlines()[0]
        if is_disk_full(error):
            return WarehouseError(
                f"the disk of {self.path} is full ({said}); the warehouse is as it was before this write, and what was "
                "paid for is in the ledger: free some space and run the same again"
            )
        return WarehouseError(f"could not write {self.path}: {said}")

    def _prepare_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(
                f"cannot create the folder {self.path.parent}: {error.strerror}; set MEDSYNTH_WAREHOUSE to a writable path"
            ) from error

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        with _one_at_a_time, _turn(self.path):
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
            return retrying(duckdb.connect, str(self.path), read_only=read_only)
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


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Wait in line behind our other processes, first come first served.

    Retrying alone starves a process when eight want the file on a busy machine; the kernel queues those that wait
    for a file lock, and frees it when its holder dies. Others' programs do not stand in this line: for them there
    is the retry.
    """
    try:
        line = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:  # a folder that can only be read
        yield
        return
    try:
        if fcntl:
            fcntl.flock(line, fcntl.LOCK_EX)
        yield
    finally:
        os.close(line)
