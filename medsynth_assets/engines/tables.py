"""Tables that processes share: in a SQLite file, or for the machines of a lake in its PostgreSQL (postgres_tables.py).

What is asked of them is SQL that both understand, with `?` for values, and done in one transaction that nothing else comes between.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from medsynth_assets.errors import EngineDown
from medsynth_assets.sqlite_file import one_transaction, open_shared

T = TypeVar("T")


class Rows(Protocol):
    """What a statement brought."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connected(Protocol):
    """As much of sqlite3's connection as is used here."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows: ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Rows: ...


class Tables(Protocol):
    """Any thread may ask, one is served at a time."""

    def do(self, work: Callable[[Connected], T]) -> T:
        """`work` in one transaction: all of it on disk, or nothing. Raises EngineDown where the tables cannot be used."""

    def close(self) -> None:
        """Asked again after it, they are opened again."""


class FileTables:
    """In a SQLite file."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path, self._schema = path, schema
        self._using = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def do(self, work: Callable[[Connected], T]) -> T:
        try:
            with self._using:
                if self._connection is None:
                    self._connection = open_shared(self._path, self._schema, "full")
                    if sqlite3.sqlite_version_info < (3, 43):  # which has it
                        self._connection.create_function("octet_length", 1, lambda text: len(text.encode()))
                with one_transaction(self._connection) as con:
                    return work(con)
        except (sqlite3.Error, OSError) as error:
            raise EngineDown(f"the ledger {self._path} cannot be used: {error}; is the disk full?") from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
