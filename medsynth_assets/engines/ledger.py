"""The ledger: every answer that was paid for, on disk before anything uses it.

A SQLite file in WAL mode: many processes may share it, and one killed between two answers loses neither.
Needs a local disk; SQLite's locks do not hold on network file systems.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

import tenacity
from pydantic import TypeAdapter

from medsynth_assets.errors import EngineDown
from medsynth_assets.records.call import Call

T = TypeVar("T")

_BUSY_S = 60.0
_SCHEMA = """
create table if not exists answers (
    call_id text primary key,
    request_hash text not null,
    status text not null,
    reusable integer not null,
    answer text,
    call text not null
) strict;
create index if not exists answers_by_request on answers (request_hash) where reusable;
"""


class Ledger:
    """Answers by request key. A thread of its own reads and writes, so no event loop waits on a disk.

    Every method raises EngineDown where the file cannot be used: without it, answers would be paid and lost.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._connection: sqlite3.Connection | None = None

    async def recall(self, request_hash: str) -> Call | None:
        """The newest reusable call for this key, marked `from_ledger`; None where it must be sent."""
        return await self._run(lambda connection: _recall(connection, request_hash))

    async def keep(self, call: Call, *, reusable: bool) -> None:
        """Store one paid answer; on return it is on disk.

        reusable: False for a truncated or refused one: kept for the record, it would fail every rerun.
        """
        await self._run(lambda connection: _keep(connection, call, reusable))

    async def retire(self, request_hash: str) -> None:
        """No longer reuse what is stored for this key: it led nowhere."""
        await self._run(lambda connection: _retire(connection, request_hash))

    async def close(self) -> None:
        """Waits for what is being written."""
        await asyncio.to_thread(self._thread.shutdown)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """In the ledger's thread. Shielded: a cancelled task must not leave an answer paid but not kept."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, self._with, work))

    def _with(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = _open(self._path)
            return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise EngineDown(f"the ledger {self._path} cannot be used: {error}") from error


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


# Switching a new file to WAL needs it alone, and SQLite does not wait there as it does everywhere else.
@tenacity.retry(
    retry=tenacity.retry_if_exception(_is_locked),
    wait=tenacity.wait_random(0.01, 0.1),
    stop=tenacity.stop_after_delay(_BUSY_S),
    reraise=True,
)
def _open(path: Path) -> sqlite3.Connection:
    """In autocommit mode: each statement is a transaction of its own, on disk before it returns."""
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")  # a sync takes milliseconds, an answer money
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _recall(connection: sqlite3.Connection, request_hash: str) -> Call | None:
    row = connection.execute(
        "select call, answer from answers where request_hash = ? and reusable order by rowid desc limit 1",
        [request_hash],
    ).fetchone()
    if row is None:
        return None
    stored = {**json.loads(row[0]), "answer": row[1], "from_ledger": True}
    return _calls().validate_python(stored)


def _keep(connection: sqlite3.Connection, call: Call, reusable: bool) -> None:
    stored = json.dumps({**call._asdict(), "answer": None}, default=str, ensure_ascii=False)
    connection.execute(
        "insert or ignore into answers values (?, ?, ?, ?, ?, ?)",
        [call.call_id, call.request_hash, call.status, reusable, call.answer, stored],
    )


def _retire(connection: sqlite3.Connection, request_hash: str) -> None:
    connection.execute("update answers set reusable = 0 where request_hash = ? and reusable", [request_hash])


@cache
def _calls() -> TypeAdapter[Call]:
    return TypeAdapter(Call)
