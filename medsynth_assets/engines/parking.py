"""Parked requests: what waits to be sent in a batch, what is out in one, and which codes wait for it.

In the ledger's own file or schema, so that an answer enters the ledger and its request leaves the park in one transaction. Put
here: storage, in SQL for both (tables.py). Not here: HTTP and the provider's files (batches.py).
"""

import datetime as dt
import json
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from medsynth_assets.engines.ledger import LEDGER_SCHEMA
from medsynth_assets.engines.tables import Connected, Tables
from medsynth_assets.process import is_alive
from medsynth_assets.records.call import Call

_SENDING_MOST = dt.timedelta(hours=1)  # a submission of another machine that takes longer has lost its process

PARKING_SCHEMA = (
    LEDGER_SCHEMA
    + """
create table if not exists batches (
    seq integer primary key autoincrement,
    submission_id text unique not null,
    model text not null,
    request_count integer not null,
    state text not null,
    batch_id text,
    provider_status text not null default '',
    told text not null default '',
    host text not null,
    pid integer not null,
    created_at text not null
) strict;
create table if not exists dialects (model text primary key, dialect text not null) strict;
create table if not exists waiting_codes (
    icd_code text not null, run_config text not null, ready_seq integer, primary key (icd_code, run_config)
) strict;
"""
)


class ParkedRequest(NamedTuple):
    """One request: its line in a batch file, and its call so far. `fault`: why it will not be tried again."""

    request_hash: str
    custom_id: str
    model: str
    body: dict[str, Any]
    dialect: dict[str, Any]
    call: Call
    submission_id: str | None
    tries: int
    fault: dict[str, str] | None


class Batch(NamedTuple):
    """One submission. state: submitting, interrupted (half sent), open, ended (the provider is done), landed, cancelled.

    submission_id is ours, given before the provider hears of it; batch_id the provider's, '' until it answered.
    """

    seq: int
    submission_id: str
    model: str
    request_count: int
    state: str
    batch_id: str
    provider_status: str
    told: str
    created_at: str


class Ready(NamedTuple):
    """Codes that can go on, with the run configuration that they were asked with, since landing number `seq`."""

    seq: int
    run_config: str
    codes: tuple[str, ...]


class Parking:
    """The park of one warehouse. Methods are short and block; call them from a thread where a loop must not wait.

    Every method raises EngineDown where the tables cannot be used. keep: how the ledger beside it stores a call.
    """

    def __init__(self, tables: Tables, keep: Callable[[Connected, Call], None]) -> None:
        self._do, self.close = tables.do, tables.close
        self._keep = keep
        self._host, self._pid = socket.gethostname(), os.getpid()

    # Requests

    def find(self, request_hash: str) -> ParkedRequest | None:
        found = self._do(lambda con: _parked(con, "request_hash = ?", request_hash))
        return found[0] if found else None

    def park(self, parked: ParkedRequest) -> None:
        """Once, however often it is asked."""
        self._do(
            lambda con: con.execute(
                "insert into parked values (?, ?, ?, ?, ?, ?, null, 0, null) on conflict do nothing",
                [
                    parked.request_hash, parked.custom_id, parked.model, json.dumps(parked.body, ensure_ascii=False),
                    json.dumps(parked.dialect), _to_text(parked.call),
                ],
            )
        )  # fmt: skip

    def drop(self, request_hash: str) -> None:
        """Asked again, it will be parked anew."""
        self._do(lambda con: con.execute("delete from parked where request_hash = ?", [request_hash]))

    def drop_waiting(self) -> int:
        """Forget what was not sent yet; how many that was."""
        where = "submission_id is null and fault is null"
        return self._do(lambda con: con.execute(f"delete from parked where {where}").rowcount)  # noqa: S608

    def waiting_count(self) -> int:
        return self._one("select count(*) from parked where submission_id is null and fault is null")

    def dialect_of(self, model: str) -> dict[str, Any] | None:
        row = self._do(lambda con: con.execute("select dialect from dialects where model = ?", [model]).fetchone())
        return json.loads(row[0]) if row else None

    # Submissions

    def claim(self, submission_id: str, most_requests: int, most_bytes: int) -> Batch | None:
        """Put waiting requests of one model into a new submission of ours; None where nothing waits."""

        def claiming(con: Connected) -> Batch | None:
            first = con.execute(
                "select model from parked where submission_id is null and fault is null order by rowid limit 1"
            ).fetchone()
            if first is None:
                return None
            rows = con.execute(
                "select request_hash from ("
                " select request_hash, row_number() over w as n, sum(octet_length(body) + 200) over w as bytes"
                " from parked where submission_id is null and fault is null and model = ? window w as (order by rowid)"
                ") as counted where n <= ? and (bytes <= ? or n = 1)",
                [first[0], most_requests, most_bytes],
            ).fetchall()
            con.executemany(
                "update parked set submission_id = ? where request_hash = ?", [[submission_id, row[0]] for row in rows]
            )
            con.execute(
                "insert into batches (submission_id, model, request_count, state, host, pid, created_at) "
                "values (?, ?, ?, 'submitting', ?, ?, ?)",
                [submission_id, first[0], len(rows), self._host, self._pid, dt.datetime.now(dt.UTC).isoformat()],
            )
            return _batches(con, "submission_id = ?", submission_id)[0]

        return self._do(claiming)

    def adopt_interrupted(self) -> list[Batch]:
        """Submissions of which it is not known whether the provider has them: their process died, or gave up on an
        endpoint that was down. They are ours from now on."""

        def adopting(con: Connected) -> list[Batch]:
            rows = con.execute(
                "select submission_id, state, host, pid, created_at from batches"
                " where state in ('submitting', 'interrupted') order by seq"
            ).fetchall()
            dead = [id_ for id_, state, *by in rows if state == "interrupted" or self._is_dead(*by)]
            con.executemany(
                "update batches set state = 'submitting', host = ?, pid = ? where submission_id = ?",
                [[self._host, self._pid, id_] for id_ in dead],
            )
            return [batch for id_ in dead for batch in _batches(con, "submission_id = ?", id_)]

        return self._do(adopting)

    def _is_dead(self, host: str, pid: int, created_at: str) -> bool:
        """A process of another machine cannot be asked."""
        if host == self._host:
            return not is_alive(pid)
        return dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(created_at) > _SENDING_MOST

    def requests_of(self, submission_id: str) -> list[ParkedRequest]:
        return self._do(lambda con: _parked(con, "submission_id = ?", submission_id))

    def note(self, submission_id: str, *, state: str, batch_id: str = "", status: str = "", told: str = "") -> None:
        """What is known of a submission now; what is left out stays as it was."""
        self._do(
            lambda con: con.execute(
                "update batches set state = ?, batch_id = coalesce(nullif(?, ''), batch_id), "
                "provider_status = coalesce(nullif(?, ''), provider_status), told = coalesce(nullif(?, ''), told) "
                "where submission_id = ?",
                [state, batch_id, status, told, submission_id],
            )
        )

    def batches(self, *states: str) -> list[Batch]:
        """Those in one of the states, oldest first; all where none is named."""
        marks = ", ".join("?" * len(states))
        where = f"state in ({marks})" if states else "true"
        return self._do(lambda con: _batches(con, where, *states))

    # Landing

    def land(self, calls: Sequence[Call]) -> None:
        """Paid answers enter the ledger as their requests leave the park: both or neither."""

        def landing(con: Connected) -> None:
            for call in calls:
                self._keep(con, call)
            con.executemany("delete from parked where request_hash = ?", [[call.request_hash] for call in calls])

        self._do(landing)

    def refuse(self, faults: Iterable[tuple[str, dict[str, str]]]) -> None:
        """These requests failed for good, with status and detail; the chain is told when it asks."""
        rows = [[json.dumps(fault), key] for key, fault in faults]
        self._do(
            lambda con: con.executemany(
                "update parked set fault = ?, submission_id = null where request_hash = ?", rows
            )
        )

    def learn(self, model: str, dialect: dict[str, Any], request_hashes: Iterable[str]) -> None:
        """The model wants another form: these requests leave, to be parked in it when they are asked again."""
        keys = [[key] for key in request_hashes]

        def learning(con: Connected) -> None:
            con.execute(
                "insert into dialects values (?, ?) on conflict (model) do update set dialect = excluded.dialect",
                [model, json.dumps(dialect)],
            )
            con.executemany("delete from parked where request_hash = ?", keys)

        self._do(learning)

    def finish(self, submission_id: str, affected: Iterable[str], *, drop: bool, told: str) -> None:
        """A batch has landed: what it left unanswered waits for the next one, or is dropped; the codes may go on."""
        codes = sorted(set(affected))

        def finishing(con: Connected) -> None:
            if drop:
                con.execute("delete from parked where submission_id = ?", [submission_id])
            con.execute(
                "update parked set submission_id = null, tries = tries + 1 where submission_id = ?", [submission_id]
            )
            if not drop:
                con.executemany(
                    "update waiting_codes set ready_seq = (select seq from batches where submission_id = ?) "
                    "where icd_code = ?",
                    [[submission_id, code] for code in codes],
                )
            con.execute(
                "update batches set state = ?, told = ? where submission_id = ?",
                ["cancelled" if drop else "landed", told, submission_id],
            )

        self._do(finishing)

    # Codes that wait

    def set_waiting(self, codes: Sequence[str], parked: Sequence[str], run_config: str) -> None:
        """After a run over `codes`: those with parked slots wait, with what the run was asked; the others do not."""

        def setting(con: Connected) -> None:
            con.executemany(
                "delete from waiting_codes where icd_code = ? and run_config = ?",
                [[code, run_config] for code in codes],
            )
            con.executemany(
                "insert into waiting_codes values (?, ?, null)", [[code, run_config] for code in sorted(set(parked))]
            )

        self._do(setting)

    def ready(self) -> list[Ready]:
        """What can go on since batches landed, by run configuration."""
        rows = self._do(
            lambda con: con.execute(
                "select run_config, ready_seq, icd_code from waiting_codes "
                "where ready_seq is not null order by run_config, icd_code"
            ).fetchall()
        )
        by_config = [(config, list(some)) for config, some in groupby(rows, key=lambda row: row[0])]
        return [
            Ready(max(seq for _, seq, _ in some), config, tuple(code for _, _, code in some))
            for config, some in by_config
        ]

    def _one(self, sql: str) -> int:
        return int(self._do(lambda con: con.execute(sql).fetchone())[0])


def _parked(con: Connected, where: str, *values: object) -> list[ParkedRequest]:
    rows = con.execute(  # `where` is ours
        "select request_hash, custom_id, model, body, dialect, call, submission_id, tries, fault "  # noqa: S608
        f"from parked where {where} order by rowid",
        values,
    )
    return [
        ParkedRequest(
            key, custom_id, model, json.loads(body), json.loads(dialect), _CALLS.validate_json(call), submission_id,
            tries, json.loads(fault) if fault else None,
        )
        for key, custom_id, model, body, dialect, call, submission_id, tries, fault in rows
    ]  # fmt: skip


def _batches(con: Connected, where: str, *values: object) -> list[Batch]:
    rows = con.execute(  # `where` is ours
        "select seq, submission_id, model, request_count, state, coalesce(batch_id, ''), provider_status, told, created_at "  # noqa: S608
        f"from batches where {where} order by seq",
        values,
    )
    return [Batch(*row) for row in rows]


def _to_text(call: Call) -> str:
    return json.dumps(call._asdict(), default=str, ensure_ascii=False)


_CALLS: TypeAdapter[Call] = TypeAdapter(Call)
