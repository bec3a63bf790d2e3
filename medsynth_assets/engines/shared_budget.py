"""The budget of several machines: as budget.py, in the PostgreSQL of the lake.

A budget is one row that all who spend of it wait for, so what the tasks of a process ask at about the same time is one transaction:
the wait grows with the number of machines and not with that of calls.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from medsynth_assets.engines.budget import Bill, Budget, read_spent, why_not
from medsynth_assets.engines.grouping import Together
from medsynth_assets.engines.postgres_tables import PostgresTables
from medsynth_assets.engines.tables import Connected

T = TypeVar("T")

# done again after a cut connection, it settles nothing twice
_SETTLE = (
    "with settled as (delete from reservations where reservation_id = ? returning budget_id) "
    "update budgets set spent_usd = spent_usd + ?, spent_tokens = spent_tokens + ? from settled "
    "where budgets.budget_id = settled.budget_id"
)
_RESERVE = "insert into reservations values (?, ?, ?, ?) on conflict do nothing"


class _Change(NamedTuple):
    """A call to reserve for, or one to settle."""

    reservation_id: str
    bill: Bill
    is_settled: bool


class SharedBudget(Budget):
    """dsn: libpq's connection string of the server that all machines of a lake use."""

    def __init__(self, dsn: str, budget_id: str = "") -> None:
        super().__init__(budget_id)
        self._dsn = dsn
        self._tables = self._opened()
        self._together: Together[_Change, str] = Together(self._changed)

    async def close(self) -> None:
        await self._together.finish()
        self._tables.close()

    def _opened(self) -> PostgresTables:
        return PostgresTables(self._dsn, lock=f"budget {self.budget_id}")

    def _do(self, work: Callable[[Connected], T]) -> T:
        """By a connection that does not stay: who only looks, closes nothing."""
        tables = self._opened()
        try:
            return tables.do(work)
        finally:
            tables.close()

    async def _apart(self, work: Callable[[Connected], T]) -> T:
        return await asyncio.shield(asyncio.to_thread(self._tables.do, work))

    async def _reserve(self, reservation_id: str, usd: float, tokens: int) -> str:
        return await self._together.ask(_Change(reservation_id, Bill(usd, tokens), is_settled=False))

    async def _settle(self, reservation_id: str, bill: Bill) -> None:
        await self._together.ask(_Change(reservation_id, bill, is_settled=True))

    def _changed(self, changes: Sequence[_Change]) -> list[str]:
        return self._tables.do(lambda con: self._in_one_transaction(con, changes))

    def _in_one_transaction(self, con: Connected, changes: Sequence[_Change]) -> list[str]:
        """Why each is refused, or ''. Those that are settled make room first."""
        settled = [change for change in changes if change.is_settled]
        if settled:
            con.executemany(_SETTLE, [[c.reservation_id, c.bill.usd, c.bill.tokens] for c in settled])
        if len(settled) == len(changes):
            return [""] * len(changes)
        now, told, reserved = read_spent(con, self.budget_id), [], []
        for change in changes:
            usd, tokens = change.bill.usd, change.bill.tokens
            told.append("" if change.is_settled else why_not(now, usd, tokens))
            if not change.is_settled and not told[-1]:
                now = now._replace(reserved_usd=now.reserved_usd + usd, reserved_tokens=now.reserved_tokens + tokens)
                reserved.append([change.reservation_id, self.budget_id, usd, tokens])
        con.executemany(_RESERVE, reserved)
        if refused := [why for why in told if why]:
            self._stop(con, refused[0])
        return told
