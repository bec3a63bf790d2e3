"""SQLite files that processes share: opened in WAL mode, each statement a transaction of its own.

Needs a local disk; SQLite's locks do not hold on network file systems.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import tenacity

BUSY_S = 60.0


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


# Switching a new file to WAL needs it alone, and SQLite does not wait there as it does everywhere else.
@tenacity.retry(
    retry=tenacity.retry_if_exception(_is_locked),
    wait=tenacity.wait_random(0.01, 0.1),
    stop=tenacity.stop_after_delay(BUSY_S),
    reraise=True,
)
def open_shared(path: Path, schema: str, synchronous: Literal["full", "off"]) -> sqlite3.Connection:
    """In autocommit mode, with the tables of `schema`. Raises sqlite3.Error and OSError.

    synchronous: `full` where a statement is on disk before it returns; `off` for what a crash of the machine may undo.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma synchronous = {synchronous}")
        connection.executescript(schema)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def one_transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Takes the write lock first, so that what is read inside stays true until the end; all or nothing."""
    connection.execute("begin immediate")
    try:
        yield connection
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # a full disk rolls back by itself
            connection.execute("rollback")
        raise
