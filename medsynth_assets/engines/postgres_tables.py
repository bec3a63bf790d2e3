"""Tables that machines share: a schema in the PostgreSQL that keeps the lake's catalog, its columns in shared_tables.sql.

A server that is restarted, or a connection that is cut, is waited for; so what is done here may be done twice and has to come to
the same.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

import tenacity

from medsynth_assets.engines.tables import Connected
from medsynth_assets.errors import EngineDown

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

_PATIENCE_S = 30.0  # for a server that was there before; a restart takes seconds
_LOCKS = 0x6D656463  # "medc": the class of our advisory locks, apart from those with a single key
_PASSING = ("08", "40", "57P")  # connection lost, deadlock, shut down: SQLSTATE classes
_LIFE: dict[str, Any] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


class PostgresTables:
    """One connection, opened when it is wanted and again when it was lost.

    dsn: libpq's connection string. lock: with a name, one transaction of that name at a time over all machines, as in a SQLite
    file; '' where the statements themselves see to that.
    """

    def __init__(self, dsn: str, lock: str = "") -> None:
        self._dsn, self._lock = dsn, lock
        self._using = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._was_there = False

    def do(self, work: Callable[[Connected], T]) -> T:
        """Raises EngineDown where the server cannot be used, or is away for too long."""
        import psycopg

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: self._was_there and _is_passing(error)),
            wait=tenacity.wait_random(0.05, 0.5),
            stop=tenacity.stop_after_delay(_PATIENCE_S),
            reraise=True,
        )
        try:
            with self._using:
                done: T = retrying(self._once, work)
                return done
        except psycopg.Error as error:
            raise unusable(error) from error

    def close(self) -> None:
        with self._using:
            self._drop()

    def _once(self, work: Callable[[Connected], T]) -> T:
        try:
            if self._connection is None:
                self._connection = connected(self._dsn)
                self._was_there = True
            with self._connection.transaction():
                if self._lock:
                    self._connection.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, self._lock])
                return work(_Spoken(self._connection))
        except BaseException:
            if self._connection is not None and self._connection.closed:
                self._drop()
            raise

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Spoken:
    """psycopg's connection in sqlite3's words: `?` marks a value."""

    def __init__(self, connection: "psycopg.Connection") -> None:
        self._connection = connection

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> "psycopg.Cursor[Any]":
        return self._connection.execute(sql.replace("?", "%s").encode(), values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> "psycopg.Cursor[Any]":
        cursor = self._connection.cursor()
        cursor.executemany(sql.replace("?", "%s").encode(), rows)
        return cursor


def connected(dsn: str) -> "psycopg.Connection":
    """A connection that finds our tables, each statement a transaction of its own. Raises psycopg.Error."""
    import psycopg

    connection = psycopg.connect(dsn, autocommit=True, application_name="medsynth", connect_timeout=10, **_LIFE)
    try:
        if not has_tables(connection):
            _make_tables(connection)
        connection.execute("set search_path to medsynth_calls")
        connection.execute("set synchronous_commit to on")  # whatever the server's habit is: an answer is money
    except BaseException:
        connection.close()
        raise
    return connection


def has_tables(connection: "psycopg.Connection") -> bool:
    """Whether any machine ever asked for them."""
    row = connection.execute("select to_regclass('medsynth_calls.engines') is not null").fetchone()
    return bool(row and row[0])


def _make_tables(connection: "psycopg.Connection") -> None:
    statements = (resources.files("medsynth_assets.engines") / "shared_tables.sql").read_bytes()
    with connection.transaction():  # `if not exists` alone fails where two make the same at once
        connection.execute("select pg_advisory_xact_lock(%s, 0)", [_LOCKS])
        connection.execute(statements)


@contextmanager
def looking(dsn: str) -> Iterator["psycopg.Connection"]:
    """A connection for a question or two; makes no tables. Raises EngineDown."""
    import psycopg

    try:
        with psycopg.connect(dsn, application_name="medsynth", connect_timeout=10, **_LIFE) as connection:
            yield connection
    except psycopg.Error as error:
        raise unusable(error) from error


def unusable(error: Exception) -> EngineDown:
    """One line for what PostgreSQL said."""
    said = " ".join(str(error).split())
    return EngineDown(
        f"ledger and budgets in PostgreSQL cannot be used: {said}; nothing that was kept is lost: see that the server is up and "
        "has room, and run the same again"
    )


def _is_passing(error: BaseException) -> bool:
    import psycopg

    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_PASSING)
