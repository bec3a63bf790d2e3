"""The ledger: every answer that was paid for, on disk before anything uses it.

A SQLite file in WAL mode: many processes may share it, and one killed between two answers loses neither. What is asked of it at
about the same time is done in one transaction, with one sync to disk for all. Beside it lies a reserve of disk space: where the
disk is full, it is given up, so that what was paid for can still be kept.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from pydantic import TypeAdapter

from medsynth_assets.disk_full import Reserve, is_disk_full
from medsynth_assets.engines.grouping import Together
from medsynth_assets.engines.tables import Connected
from medsynth_assets.errors import EngineDown, MedsynthError, UsageError
from medsynth_assets.records.call import Call
from medsynth_assets.sqlite_file import one_transaction, open_shared

_GATHERED_S = (
    0.005  # a fortieth of a quick answer's time; it halves the transactions, and what passing work to a thread costs
)

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]

LEDGER_SCHEMA = """
create table if not exists answers (
    call_id text primary key,
    request_hash text not null,
    status text not null,
    reusable integer not null,
    answer text,
    call text not null
) strict;
create index if not exists answers_by_request on answers (request_hash) where reusable;
create table if not exists parked (
    request_hash text primary key,
    custom_id text not null,
    model text not null,
    body text not null,
    dialect text not null,
    call text not null,
    submission_id text,
    tries integer not null default 0,
    fault text
) strict;
create index if not exists parked_by_submission on parked (submission_id);
"""


def ledger_path(warehouse: Path) -> Path:
    """Where the ledger of a warehouse lies: beside it."""
    return warehouse.with_suffix(".calls.sqlite")


class Known(NamedTuple):
    """What the ledger has of a request. call: the newest reusable one, marked `from_ledger`. is_out: in a batch, to be paid there."""

    call: Call | None
    is_out: bool


class AnyLedger(Protocol):
    """What an engine asks of its ledger: this file's, or that of several machines (shared_ledger.py)."""

    async def prepare(self) -> None: ...

    async def look_up(self, request_hash: str) -> Known: ...

    async def recall(self, request_hash: str) -> Call | None: ...

    async def keep(self, call: Call) -> None: ...

    async def close(self) -> None: ...


class Ledger:
    """Answers by request key. Threads read and write, one at a time, so no event loop waits on a disk.

    Every method raises EngineDown where the file cannot be used: without it, answers would be paid and lost.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._connection: sqlite3.Connection | None = None
        self._reserve = Reserve(self._path.with_suffix(".reserve"))
        self._together: Together[Work, Any] = Together(self._with, _GATHERED_S)

    async def prepare(self) -> None:
        """Before anything is paid for: the file can be used, and there is room for what is under way."""
        await self._run(lambda connection: self._reserve.make())

    async def look_up(self, request_hash: str) -> Known:
        """One that only waits for a batch is taken out of the park: it is about to be sent at once."""
        return await self._run(lambda connection: _known(connection, request_hash))

    async def recall(self, request_hash: str) -> Call | None:
        """The newest reusable call for this key, marked `from_ledger`; None where it must be sent."""
        return await self._run(lambda connection: _recall(connection, request_hash))

    async def keep(self, call: Call) -> None:
        """Store one paid answer; on return it is on disk, and once however often it is kept."""
        await self._run(lambda connection: insert_call(connection, call))

    async def close(self) -> None:
        """Waits for what is being written."""
        await self._together.finish()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """With what else is asked by then; a cancelled task leaves no answer paid but not kept."""
        answer: T = await self._together.ask(work)
        return answer

    def _with(self, works: Sequence[Work]) -> list[Any]:
        try:
            return self._in_one_transaction(works)
        except (sqlite3.Error, OSError) as error:
            if not is_disk_full(error):
                raise EngineDown(f"the ledger {self._path} cannot be used: {error}") from error
            raise self._full(works) from error

    def _in_one_transaction(self, works: Sequence[Work]) -> list[Any]:
        with one_transaction(self._connected()) as connection:
            return [work(connection) for work in works]

    def _full(self, works: Sequence[Work]) -> EngineDown:
        """Do it once more in the space of the reserve; the run ends all the same, having lost nothing."""
        self._reserve.give_up()
        try:
            self._in_one_transaction(works)
            told = "every answer paid for is kept"
        except (sqlite3.Error, OSError):
            told = "what was just answered could not be kept"
        return EngineDown(
            f"the disk of the ledger {self._path} is full; {told}; free some space and run the same again"
        )

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_shared(
                self._path, LEDGER_SCHEMA, "full"
            )  # a sync takes milliseconds, an answer money
        return self._connection


def calls_in(path: Path) -> Iterator[Call]:
    """Every call of a ledger, oldest first. Reads as it goes.

    Raises UsageError where there is no ledger, MedsynthError where it cannot be read.
    """
    if not path.exists():
        raise UsageError(f"no ledger at {path}: nothing was paid for yet; it comes with medsynth run --engine openai")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for call, answer in connection.execute("select call, answer from answers order by rowid"):
            yield _call(call, answer, from_ledger=False)
    except sqlite3.Error as error:
        raise MedsynthError(f"the ledger {path} cannot be read: {error}") from error
    finally:
        connection.close()


def _recall(connection: sqlite3.Connection, request_hash: str) -> Call | None:
    row = connection.execute(
        "select call, answer from answers where request_hash = ? and reusable order by rowid desc limit 1",
        [request_hash],
    ).fetchone()
    return _call(*row, from_ledger=True) if row else None


def _known(connection: sqlite3.Connection, request_hash: str) -> Known:
    call = _recall(connection, request_hash)
    if call is not None:
        return Known(call, is_out=False)
    parked = connection.execute("select submission_id from parked where request_hash = ?", [request_hash]).fetchone()
    if parked is not None and parked[0] is None:
        connection.execute("delete from parked where request_hash = ?", [request_hash])
    return Known(None, is_out=parked is not None and parked[0] is not None)


def _call(stored: str, answer: str | None, *, from_ledger: bool) -> Call:
    return call_of({**json.loads(stored), "answer": answer}, from_ledger=from_ledger)


def call_of(fields: Mapping[str, Any], *, from_ledger: bool) -> Call:
    """From what was stored of it."""
    return _calls().validate_python({**fields, "from_ledger": from_ledger})


def insert_call(connection: Connected, call: Call) -> None:
    """Inside the caller's transaction; does nothing where the call is there."""
    stored = orjson.dumps({**call._asdict(), "answer": None}).decode()
    connection.execute(
        "insert or ignore into answers values (?, ?, ?, 1, ?, ?)",
        [call.call_id, call.request_hash, call.status, call.answer, stored],
    )


@cache
def _calls() -> TypeAdapter[Call]:
    return TypeAdapter(Call)
