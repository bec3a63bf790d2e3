"""The ledger of several machines: as ledger.py, in the PostgreSQL of the lake, so that what one has paid for all know.

An answer is committed there before it is used. However many tasks ask at once, their answers are one commit and their
questions one question; a request that is out in a batch is never sent besides, whatever others do to it meanwhile.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from medsynth_assets.engines.grouping import Together
from medsynth_assets.engines.ledger import Known, call_of
from medsynth_assets.engines.postgres_tables import PostgresTables, has_tables, looking
from medsynth_assets.engines.tables import Connected
from medsynth_assets.errors import UsageError
from medsynth_assets.records.call import Call

_ROWS_AT_ONCE = 1000

_KEEP = "insert into answers (call_id, request_hash, status, call) values (?, ?, ?, ?) on conflict do nothing"
_ANSWERED = "select distinct on (request_hash) request_hash, call from answers where request_hash = any(?) order by request_hash, seq desc"
# One statement, so one snapshot: whoever lands a batch meanwhile, moves a request from the park to the answers before it or
# after it. What another sends in a batch meanwhile is not dropped by us, and so it is out.
_KNOWN = f"""
with answered as ({_ANSWERED}),
dropped as (
    delete from parked
    where request_hash = any(?) and submission_id is null and request_hash not in (select request_hash from answered)
    returning request_hash
)
select asked.request_hash, answered.call, parked.request_hash is not null and dropped.request_hash is null
from unnest(?::text[]) as asked (request_hash)
left join answered using (request_hash) left join parked using (request_hash) left join dropped using (request_hash)
"""  # noqa: S608


class _Question(NamedTuple):
    """keep: an answer to put down; without one, what is known of `key`. drops: it is about to be sent at once."""

    key: str
    keep: Call | None = None
    drops: bool = False


class SharedLedger:
    """Answers by request key. Every method raises EngineDown where PostgreSQL cannot be used: answers would be paid and lost."""

    def __init__(self, dsn: str) -> None:
        self._tables = PostgresTables(dsn)
        self._together: Together[_Question, Known] = Together(self._answers)

    async def prepare(self) -> None:
        """Before anything is paid for: the tables are there and can be asked."""
        await self._together.ask(_Question(""))

    async def look_up(self, request_hash: str) -> Known:
        """One that only waits for a batch is taken out of the park: it is about to be sent at once."""
        return await self._together.ask(_Question(request_hash, drops=True))

    async def recall(self, request_hash: str) -> Call | None:
        """The newest call for this key, marked `from_ledger`; None where it must be sent."""
        return (await self._together.ask(_Question(request_hash))).call

    async def keep(self, call: Call) -> None:
        """Store one paid answer; on return it is on the server's disk, and once however often it is kept."""
        await self._together.ask(_Question(call.request_hash, keep=call))

    async def close(self) -> None:
        """Waits for what is being written."""
        await self._together.finish()
        self._tables.close()

    def _answers(self, questions: Sequence[_Question]) -> list[Known]:
        return self._tables.do(lambda con: self._in_one_transaction(con, questions))

    def _in_one_transaction(self, con: Connected, questions: Sequence[_Question]) -> list[Known]:
        kept = [question.keep for question in questions if question.keep]
        if kept:
            con.executemany(_KEEP, [_row(call) for call in kept])
        known: dict[str, Known] = {}
        asked = sorted({question.key for question in questions if not question.keep and not question.drops})
        if asked:
            known = {key: _known(call) for key, call in con.execute(_ANSWERED, [asked])}
        sending = sorted({question.key for question in questions if question.drops})
        if sending:
            known |= {key: _known(call, is_out=out) for key, call, out in con.execute(_KNOWN, [sending] * 3)}
        return [known.get(question.key, Known(None, is_out=False)) for question in questions]


def insert_shared(con: Connected, call: Call) -> None:
    """Inside the caller's transaction; does nothing where the call is there."""
    con.execute(_KEEP, _row(call))


def _row(call: Call) -> list[Any]:
    return [call.call_id, call.request_hash, call.status, orjson.dumps(call._asdict()).decode()]


def calls_at(dsn: str) -> Iterator[Call]:
    """Every call of a ledger, oldest first. Reads as it goes.

    Raises UsageError where there is no ledger, EngineDown where it cannot be read.
    """
    with looking(dsn) as connection:
        if not has_tables(connection):
            raise UsageError(
                "no ledger in the PostgreSQL of the lake: nothing was paid for yet; it comes with medsynth run --engine openai"
            )
        with connection.cursor("calls") as cursor:  # named: the server hands it out bit by bit
            cursor.itersize = _ROWS_AT_ONCE
            for (call,) in cursor.execute("select call from medsynth_calls.answers order by seq"):
                yield call_of(json.loads(call), from_ledger=False)


def _known(call: str | None, *, is_out: bool = False) -> Known:
    if call is None:
        return Known(None, is_out)
    return Known(call_of(json.loads(call), from_ledger=True), is_out=False)
