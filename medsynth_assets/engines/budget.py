"""The budget of a refresh: a counter that every run of it shares, on disk beside the ledger or where machines share theirs.

What a call is expected to cost is reserved before it is sent and settled when it was answered, so that however many
processes ask at once, no more is overspent than the calls in flight turn out dearer than expected. What a killed
process had reserved stays counted: its calls were under way, and may have been paid.
"""

import asyncio
import datetime as dt
import sqlite3
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from medsynth_assets.engines.tables import Connected
from medsynth_assets.errors import BudgetSpent, EngineDown, EngineError

T = TypeVar("T")

_BUSY_S = 60.0
_SCHEMA = """
create table if not exists budgets (
    budget_id text primary key, most_usd real, most_tokens integer, most_records integer, until_s real,
    spent_usd real not null default 0, spent_tokens integer not null default 0,
    taken_records integer not null default 0, stopped text not null default '',
    is_told integer not null default 0, made_at_s real not null
) strict;
create table if not exists reservations (
    reservation_id text primary key, budget_id text not null, usd real not null, tokens integer not null
) strict;
"""


class Limits(NamedTuple):
    """None: no limit. `until` is aware; nothing begins after it."""

    usd: float | None = None
    tokens: int | None = None
    records: int | None = None
    until: dt.datetime | None = None


class Spent(NamedTuple):
    """Where a budget stands. stopped: why it refused a call or a beginning, or ''."""

    limits: Limits
    usd: float
    tokens: int
    reserved_usd: float
    reserved_tokens: int
    records: int
    stopped: str

    @property
    def ended(self) -> str:
        """Why nothing more is begun, or ''."""
        most = self.limits.records
        return self.stopped or (f"the limit of {most:,} records is reached" if most and self.records >= most else "")


@dataclass
class Bill:
    """What one call came to; as long as nothing else is known, what was expected."""

    usd: float
    tokens: int

    def settle(self, usd: float, tokens: int) -> None:
        self.usd, self.tokens = usd, tokens


def budget_path(warehouse: Path) -> Path:
    """The file that all budgets of a warehouse share: beside it."""
    return warehouse.with_suffix(".budget.sqlite")


def until_next(clock: str, now: dt.datetime) -> dt.datetime | None:
    """The next time that a local clock shows `clock` (06:00), after `now`; None for ''."""
    if not clock:
        return None
    local = now.astimezone()
    at = dt.datetime.combine(local.date(), dt.time.fromisoformat(clock)).astimezone()
    return at if at > local else (at.replace(tzinfo=None) + dt.timedelta(days=1)).astimezone()


class Budget(ABC):
    """One budget, by id. Every method raises EngineDown where it cannot be read or written: a limit that nobody keeps is none.

    Here: on one machine, or what both kinds do alike; for several machines shared_budget.py.
    """

    def __init__(self, budget_id: str = "") -> None:
        self.budget_id = budget_id or uuid.uuid4().hex

    def begin(self, limits: Limits) -> Self:
        """A new budget, nothing spent of it."""
        until_s = limits.until.timestamp() if limits.until else None
        self._do(
            lambda con: con.execute(
                "insert into budgets (budget_id, most_usd, most_tokens, most_records, until_s, made_at_s)"
                " values (?, ?, ?, ?, ?, ?)",
                [self.budget_id, limits.usd, limits.tokens, limits.records, until_s, time.time()],
            )
        )
        return self

    @asynccontextmanager
    async def paying(self, usd: float, tokens: int) -> AsyncIterator[Bill]:
        """Around one call that is expected to cost this much. Raises BudgetSpent where that is no longer there."""
        reservation_id = uuid.uuid4().hex
        if why := await self._reserve(reservation_id, usd, tokens):
            raise BudgetSpent(why)
        bill = Bill(usd, tokens)
        try:
            yield bill
        except EngineError:  # no answer came of it
            bill.settle(0.0, 0)
            raise
        finally:
            await self._settle(reservation_id, bill)

    async def take_records(self, wanted: int) -> int:
        """How many of that many slots may be begun; they count as used."""
        return await self._apart(lambda con: self._take(con, wanted))

    async def demand_room(self) -> None:
        """Before a slot is begun. Raises BudgetSpent where `until` has passed, or a call was refused: none would be finished."""
        if why := await self._apart(self._demand_room):
            raise BudgetSpent(why)

    def spent(self) -> Spent:
        return self._do(lambda con: read_spent(con, self.budget_id))

    def tell_once(self) -> bool:
        """True for the first of all runs that asks: the one that tells people that the budget ended."""
        told = "update budgets set is_told = true where budget_id = ? and not is_told"
        return self._do(lambda con: con.execute(told, [self.budget_id]).rowcount == 1)

    async def close(self) -> None:
        """Give up what is held open for `paying`; it is opened again where it is wanted again."""
        return

    @abstractmethod
    def _do(self, work: Callable[[Connected], T]) -> T:
        """In one transaction, one at a time over all who share the budget."""

    async def _apart(self, work: Callable[[Connected], T]) -> T:
        """In a thread, since others are waited for. Shielded: a cancelled task must not leave a call unsettled."""
        return await asyncio.shield(asyncio.to_thread(self._do, work))

    async def _reserve(self, reservation_id: str, usd: float, tokens: int) -> str:
        """Why not, or ''."""
        return await self._apart(lambda con: self._reserved(con, reservation_id, usd, tokens))

    async def _settle(self, reservation_id: str, bill: Bill) -> None:
        await self._apart(lambda con: self._settled(con, reservation_id, bill))

    def _reserved(self, con: Connected, reservation_id: str, usd: float, tokens: int) -> str:
        why = why_not(read_spent(con, self.budget_id), usd, tokens)
        if why:
            self._stop(con, why)
        else:
            con.execute("insert into reservations values (?, ?, ?, ?)", [reservation_id, self.budget_id, usd, tokens])
        return why

    def _settled(self, con: Connected, reservation_id: str, bill: Bill) -> None:
        con.execute("delete from reservations where reservation_id = ?", [reservation_id])
        con.execute(
            "update budgets set spent_usd = spent_usd + ?, spent_tokens = spent_tokens + ? where budget_id = ?",
            [bill.usd, bill.tokens, self.budget_id],
        )

    def _take(self, con: Connected, wanted: int) -> int:
        now = read_spent(con, self.budget_id)
        most = now.limits.records
        granted = wanted if most is None else min(wanted, max(most - now.records, 0))
        con.execute(
            "update budgets set taken_records = taken_records + ? where budget_id = ?", [granted, self.budget_id]
        )
        return granted

    def _demand_room(self, con: Connected) -> str:
        now = read_spent(con, self.budget_id)
        why = now.stopped or _past(now)
        self._stop(con, why)
        return why

    def _stop(self, con: Connected, why: str) -> None:
        con.execute("update budgets set stopped = ? where budget_id = ? and stopped = ''", [why, self.budget_id])


class FileBudget(Budget):
    """In a SQLite file that the processes of one machine share."""

    def __init__(self, path: Path, budget_id: str = "") -> None:
        super().__init__(budget_id)
        self._path = path

    def _do(self, work: Callable[[Connected], T]) -> T:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)) as con:
                con.execute("begin immediate")
                if not con.execute("select 1 from sqlite_master where name = 'reservations'").fetchone():
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        con.execute(statement)
                done = work(con)
                con.execute("commit")
                return done
        except (sqlite3.Error, OSError) as error:
            raise EngineDown(f"the budget {self._path} cannot be used: {error}; is the disk full?") from error


def read_spent(con: Connected, budget_id: str) -> Spent:
    """Raises EngineDown where there is no such budget."""
    row = con.execute(
        "select most_usd, most_tokens, most_records, until_s, spent_usd, spent_tokens, taken_records, stopped"
        " from budgets where budget_id = ?",
        [budget_id],
    ).fetchone()
    if row is None:
        raise EngineDown(f"there is no budget {budget_id}; begin a refresh anew: medsynth refresh")
    usd, tokens, records, until_s, spent_usd, spent_tokens, taken, stopped = row
    reserved_usd, reserved_tokens = con.execute(
        "select coalesce(sum(usd), 0.0), cast(coalesce(sum(tokens), 0) as bigint) from reservations where budget_id = ?",
        [budget_id],
    ).fetchone()
    until = dt.datetime.fromtimestamp(until_s, dt.UTC) if until_s is not None else None
    limits = Limits(usd, tokens, records, until)
    return Spent(limits, spent_usd, spent_tokens, reserved_usd, reserved_tokens, taken, stopped)


def why_not(now: Spent, usd: float, tokens: int) -> str:
    """Why one more call of this size is not to be paid, or ''."""
    return _past(now) or _too_dear(now, usd, tokens)


def _past(now: Spent) -> str:
    until = now.limits.until
    if until is None or dt.datetime.now(dt.UTC) < until:
        return ""
    return f"it is past {until.astimezone():%Y-%m-%d %H:%M}"


def _too_dear(now: Spent, usd: float, tokens: int) -> str:
    """Why one more call of this size does not fit, or ''."""
    most_usd, most_tokens = now.limits.usd, now.limits.tokens
    if most_usd is not None and now.usd + now.reserved_usd + usd > most_usd:
        return f"the budget of ${most_usd:,.2f} is spent (${now.usd:,.4f}, and ${now.reserved_usd:,.4f} under way)"
    if most_tokens is not None and now.tokens + now.reserved_tokens + tokens > most_tokens:
        return f"the budget of {most_tokens:,} tokens is spent ({now.tokens:,}, and {now.reserved_tokens:,} under way)"
    return ""
