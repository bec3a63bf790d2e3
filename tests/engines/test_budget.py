"""Budgets: shared by processes, reserved before, settled after; a hard stop."""

import asyncio
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from medsynth_assets.engines.budget import Budget, FileBudget, Limits, until_next
from medsynth_assets.engines.contract import Reply
from medsynth_assets.engines.ledger import Ledger
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.errors import BudgetSpent, EngineDown
from medsynth_assets.settings import Settings
from tests.engines.conftest import note_request, scripted_openai, settings_for
from tests.scripted_openai.fixture import ScriptedOpenAI

__all__ = ["scripted_openai"]

SPENDER = """
import asyncio, json, sys
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.settings import Settings
from medsynth_assets.errors import BudgetSpent
async def one(budget):
    async with budget.paying(1.0, 10) as bill:
        await asyncio.sleep(0.002)
        bill.settle(1.25, 12)
async def main():
    budget = budget_of(Settings.model_validate(json.loads(sys.argv[1])), sys.argv[2])
    while True:
        try:
            await asyncio.gather(one(budget), one(budget))
        except BudgetSpent:
            return
asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.budget.sqlite"


def begun(store: dict[str, str], limits: Limits) -> Budget:
    return budget_of(Settings.model_validate(store)).begin(limits)


async def pay(budget: Budget, usd: float, tokens: int = 0, *, actual_usd: float | None = None) -> None:
    async with budget.paying(usd, tokens) as bill:
        if actual_usd is not None:
            bill.settle(actual_usd, tokens)


@pytest.mark.asyncio
async def test_what_is_reserved_counts_until_it_is_settled(any_store: dict[str, str]) -> None:
    """A call under way takes room; once it turned out cheaper, the rest is there again."""
    budget = begun(any_store, Limits(usd=1.0))
    async with budget.paying(0.8, 100) as bill:
        with pytest.raises(BudgetSpent, match=r"\$1\.00 is spent \(\$0\.0000, and \$0\.8000 under way\)"):
            await pay(budget, 0.3)
        bill.settle(0.1, 20)
    await pay(budget, 0.3, 5)
    spent = budget.spent()
    assert (round(spent.usd, 6), spent.tokens, spent.reserved_usd) == (0.4, 25, 0)


@pytest.mark.asyncio
async def test_a_call_that_brought_no_answer_costs_nothing_and_a_cancelled_one_what_was_expected(
    any_store: dict[str, str],
) -> None:
    """A failed call is settled at zero; one that was cut off may have been paid."""
    budget = begun(any_store, Limits(usd=1.0))
    with pytest.raises(EngineDown):
        async with budget.paying(0.5, 10):
            raise EngineDown("gone")
    assert budget.spent().usd == 0

    async def hangs() -> None:
        async with budget.paying(0.5, 10):
            await asyncio.sleep(60)

    task = asyncio.create_task(hangs())
    while not budget.spent().reserved_usd:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    spent = budget.spent()
    assert spent.usd + spent.reserved_usd == 0.5


@pytest.mark.asyncio
async def test_tokens_records_and_time_are_limits_too(any_store: dict[str, str]) -> None:
    """Each by itself, with words that say which."""
    with pytest.raises(BudgetSpent, match="100 tokens is spent"):
        await pay(begun(any_store, Limits(tokens=100)), 0, 101)
    with pytest.raises(BudgetSpent, match="it is past"):
        await begun(any_store, Limits(until=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))).demand_room()
    records = begun(any_store, Limits(records=3))
    assert [await records.take_records(2), await records.take_records(2), await records.take_records(2)] == [2, 1, 0]
    assert records.spent().ended == "the limit of 3 records is reached"
    unlimited = begun(any_store, Limits())
    await pay(unlimited, 1e6, 10**9)
    assert await unlimited.take_records(10**6) == 10**6
    assert unlimited.spent().ended == ""


@pytest.mark.asyncio
async def test_once_a_call_was_refused_no_slot_is_begun(any_store: dict[str, str]) -> None:
    """It could not be finished; a smaller call of one under way still may."""
    budget = begun(any_store, Limits(usd=1.0))
    with pytest.raises(BudgetSpent):
        await pay(budget, 2.0)
    with pytest.raises(BudgetSpent):
        await budget.demand_room()
    await pay(budget, 0.5)


def test_processes_that_spend_at_once_overspend_by_what_was_in_flight(any_store: dict[str, str]) -> None:
    """Four processes with two calls each in flight, each a quarter dearer than expected."""
    most, dearer, in_flight = 60.0, 0.25, 8
    budget = begun(any_store, Limits(usd=most))
    spenders = [
        subprocess.Popen([sys.executable, "-c", SPENDER, json.dumps(any_store), budget.budget_id])
        for _ in range(in_flight // 2)
    ]
    assert [process.wait(60) for process in spenders] == [0] * len(spenders)
    spent = budget.spent()
    assert most - 2 < spent.usd <= most + dearer * in_flight
    assert spent.reserved_usd == 0


def test_a_budget_that_does_not_exist_or_cannot_be_read_stops_everything(path: Path) -> None:
    """A limit that nobody keeps is none."""
    FileBudget(path).begin(Limits())
    with pytest.raises(EngineDown, match="no budget other"):
        FileBudget(path, "other").spent()
    path.write_text("not a database, but long enough to be looked into" * 50)
    with pytest.raises(EngineDown, match="cannot be used"):
        FileBudget(path).begin(Limits())


@pytest.mark.parametrize(
    ("clock", "now", "wanted"),
    [
        pytest.param("06:00", (2026, 3, 1, 22, 0), (2026, 3, 2, 6, 0), id="tomorrow"),
        pytest.param("06:00", (2026, 3, 1, 2, 0), (2026, 3, 1, 6, 0), id="today"),
        pytest.param("06:00", (2026, 3, 1, 6, 0), (2026, 3, 2, 6, 0), id="just-passed"),
    ],
)
def test_until_is_the_next_time_the_clock_shows_it(clock: str, now: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """In local time."""
    at = until_next(clock, dt.datetime(*now).astimezone())
    assert at is not None
    assert at.replace(tzinfo=None) == dt.datetime(*wanted)
    assert until_next("", dt.datetime.now(dt.UTC)) is None


@pytest.mark.asyncio
async def test_the_engine_pays_for_what_it_sends_and_for_nothing_it_has(
    path: Path, scripted_openai: ScriptedOpenAI
) -> None:
    """A call is counted as it was billed; an answer of the ledger costs nothing; without room nothing is sent."""
    ledger = path.with_name("ledger.sqlite")
    budget = FileBudget(path).begin(Limits(usd=1.0))
    for _ in range(2):
        engine = OpenAIEngine(settings_for(scripted_openai.url), Ledger(ledger), budget)
        reply = await engine.answer(note_request())
        await engine.close()
        assert isinstance(reply, Reply)
    (call,) = reply.calls
    assert call.from_ledger
    assert budget.spent().usd == pytest.approx(call.cost_usd)
    assert call.cost_usd > 0

    empty = FileBudget(path).begin(Limits(usd=1e-9))
    engine = OpenAIEngine(settings_for(scripted_openai.url), Ledger(ledger), empty)
    with pytest.raises(BudgetSpent):
        await engine.answer(note_request(ordinal=2))
    await engine.answer(note_request())
    await engine.close()
    assert len(scripted_openai.chats) == 1
