"""What only the ledger of several machines has to bear: cut connections, a server that is away, another's batch in between."""

import asyncio
from collections.abc import Iterator

import pytest

from medsynth_assets.engines import postgres_tables
from medsynth_assets.engines.budget import Limits
from medsynth_assets.engines.parking import ParkedRequest
from medsynth_assets.engines.shared_budget import SharedBudget
from medsynth_assets.engines.shared_ledger import SharedLedger
from medsynth_assets.engines.stores import calls_of, has_ledger, parking_of
from medsynth_assets.errors import EngineDown, UsageError
from medsynth_assets.settings import Settings
from tests.engines.test_ledger import a_call
from tests.postgres import Postgres

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.fixture
def settings(lake_store: dict[str, str]) -> Settings:
    return Settings.model_validate(lake_store)


@pytest.fixture
def operator(settings: Settings) -> Iterator["object"]:
    """Another session of the same server."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        yield connection


def parked(key: str) -> ParkedRequest:
    return ParkedRequest(key, f"id-{key}", "gpt-4o", {"messages": []}, {}, a_call(key), None, 0, None)


def cut_off(operator: object) -> None:
    others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    operator.execute(others)  # type: ignore[attr-defined]


async def test_a_cut_connection_loses_no_answer_and_settles_nothing_twice(settings: Settings, operator: object) -> None:
    """Every connection is ended by the operator, in the middle of it: all goes on as if nothing had been."""
    ledger, budget = SharedLedger(settings.catalog), SharedBudget(settings.catalog).begin(Limits(usd=10.0))
    await ledger.keep(a_call("k0"))
    async with budget.paying(1.0, 10) as bill:
        cut_off(operator)
        await ledger.keep(a_call("k1"))
        bill.settle(0.5, 5)
        cut_off(operator)
    assert {key: (await ledger.recall(key)) is not None for key in ("k0", "k1", "k2")} == {
        "k0": True,
        "k1": True,
        "k2": False,
    }
    spent = budget.spent()
    assert (spent.usd, spent.tokens, spent.reserved_usd) == (0.5, 5, 0.0)
    await ledger.close()
    await budget.close()


async def test_a_server_that_stays_away_brings_the_engine_down(
    settings: Settings, operator: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some patience; one that never was there, at once. The line says that nothing is lost."""
    monkeypatch.setattr(postgres_tables, "_PATIENCE_S", 0.5)
    ledger = SharedLedger(settings.catalog)
    await ledger.prepare()
    psycopg = pytest.importorskip("psycopg")
    name = operator.info.dbname  # type: ignore[attr-defined]
    with psycopg.connect(settings.catalog, dbname="postgres", autocommit=True) as elsewhere:
        elsewhere.execute(f"alter database {name} with allow_connections false")
    cut_off(operator)
    with pytest.raises(EngineDown, match="nothing that was kept is lost") as raised:
        await ledger.keep(a_call("k"))
    assert len(str(raised.value).splitlines()) == 1
    await ledger.close()
    never = SharedLedger(settings.catalog.replace("dbname=t", "dbname=no"))
    with pytest.raises(EngineDown, match="does not exist"):
        await never.prepare()


async def test_what_another_is_sending_in_a_batch_is_out(settings: Settings) -> None:
    """Asked in the very moment in which it is claimed for a batch, a request is not sent besides."""
    ledger, parking = SharedLedger(settings.catalog), parking_of(settings)
    await ledger.prepare()
    parking.park(parked("k"))
    claiming = postgres_tables.connected(settings.catalog)
    with claiming.transaction():
        claiming.execute("update parked set submission_id = 's' where request_hash = 'k'")
        asked = asyncio.create_task(ledger.look_up("k"))
        done, _ = await asyncio.wait([asked], timeout=0.3)
        assert not done  # it waits for what the other makes of it
    claiming.close()
    known = await asked
    assert (known.call, known.is_out) == (None, True)
    parking.land([a_call("k")])
    known = await ledger.look_up("k")
    assert (known.call is not None, known.is_out) == (True, False)
    await ledger.close()
    parking.close()


async def test_to_ask_for_a_ledger_makes_none(settings: Settings, postgres: Postgres) -> None:
    """Who only looks changes nothing; the error says where a ledger comes from."""
    assert not has_ledger(settings)
    with pytest.raises(UsageError, match="medsynth run --engine openai"):
        next(calls_of(settings))
    assert not has_ledger(settings)
