"""What every warehouse offers, wherever it is: short looks, and transactions that are sealed or did not happen.

Put here: what holds for the DuckDB file (file.py) and for DuckLake (lake.py) alike. Which one is meant say the settings
(choosing.py); nothing above this package asks.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import resources
from pathlib import Path

import duckdb

from medsynth_assets.disk_full import is_disk_full
from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse import seals
from medsynth_assets.warehouse.indexes import add_indexes
from medsynth_assets.warehouse.leases import Leases
from medsynth_assets.warehouse.migrating import bring_to, refuse_newer, version_of
from medsynth_assets.warehouse.shared_leases import SharedLeases

SCHEMA_VERSION = 5
CATALOG = "medsynth"  # what a connection has the warehouse attached as


class AnyWarehouse(ABC):
    """Opened for a moment and closed after it.

    name: what people know it by. path: files that belong to this machine's work on it lie beside this one; the
    warehouse itself where it is a file.
    """

    path: Path
    name: str

    @property
    @abstractmethod
    def exists(self) -> bool:
        """Whether anything was ever written to it."""

    @abstractmethod
    def stamp(self) -> tuple[object, ...]:
        """Another one after every transaction: what was computed under the same stamp still holds."""

    @abstractmethod
    def size_bytes(self) -> int:
        """What its data take, wherever they are."""

    @abstractmethod
    def shut_in(self, con: duckdb.DuckDBPyConnection) -> None:
        """From here on the connection reaches no file but the warehouse's, whatever it is asked."""

    @abstractmethod
    def copy_out(self, con: duckdb.DuckDBPyConnection, copy: Path) -> None:
        """All that this connection of `reading()` sees in its transaction, as a new DuckDB file."""

    @abstractmethod
    def leases(self, for_s: float) -> Leases | SharedLeases:
        """Leases that hold among all who write to this warehouse; for_s: how long one lives without renewal."""

    @abstractmethod
    def _open(self, *, read_only: bool) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection whose current catalog is the warehouse; with `read_only` unset, the only one that writes."""

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection; a warehouse of an earlier version is brought up to date first.

        Raises WarehouseError where there is no warehouse yet, and for one of a later version.
        """
        if not self.exists:
            raise WarehouseError(f"no warehouse at {self.name}; make one with: medsynth run --top 20")
        with self._open(read_only=True) as connection:
            version = version_of(connection)
            refuse_newer(version, SCHEMA_VERSION, self.name)
            if version in (0, SCHEMA_VERSION):
                yield connection
                return
        self.ensure()
        with self._open(read_only=True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside one transaction: sealed and committed at the end, rolled back on any error."""
        with self._open(read_only=False) as connection:
            connection.begin()
            try:
                seals.open_batch(connection)  # rows of an earlier version are sealed as they are found
                bring_to(SCHEMA_VERSION, connection, self.name, self._schema())
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

    @contextmanager
    def staying_open(self) -> Iterator[None]:
        """Where opening is dear and keeps nobody out, this process keeps open what it opens, until this is left."""
        yield

    def ensure(self) -> None:
        """Create the warehouse and its tables where they are missing."""
        with self.writing():
            pass

    def beside(self, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """A second connection to what this one sees, for another thread; a cursor alone would stand in no catalog."""
        row = con.execute("select replace(current_database(), '\"', '\"\"')").fetchone()
        second = con.cursor()
        second.execute(f'use "{row[0] if row else ""}"')
        return second

    def _schema(self) -> str:
        """The statements that make what is missing of the present version."""
        return (resources.files("medsynth_assets.warehouse") / "schema.sql").read_text("utf-8")

    def _roll_back(self, connection: duckdb.DuckDBPyConnection) -> None:
        """What is not committed is gone in any case; a connection that a full disk broke cannot even be asked."""
        with contextlib.suppress(duckdb.Error):
            connection.rollback()

    def _unwritten(self, error: duckdb.Error) -> WarehouseError:
        said = str(error).splitlines()[0]
        if is_disk_full(error):
            return WarehouseError(
                f"the disk of {self.name} is full ({said}); the warehouse is as it was before this write, and what was "
                "paid for is in the ledger: free some space and run the same again"
            )
        return WarehouseError(f"could not write {self.name}: {said}")
