"""From a warehouse and a way of asking to a plan. Holds the warehouse only while it reads, not while it hashes."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import duckdb
import polars as pl

from medsynth_assets.agents.asking import Asking, asking_with
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.refresh.expected import Expected, expected_of
from medsynth_assets.refresh.plan import Plan, make_plan
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.refresh.wanted import wanted_by_refresh, wanted_of
from medsynth_assets.settings import Settings
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.reference_store import code_facts

Wanting = Callable[[duckdb.DuckDBPyConnection], pl.DataFrame]


@contextmanager
def would_ask(engine: str, seed: int, settings: Settings) -> Iterator[Asking]:
    """The way of asking that runs would have; nothing is asked."""
    answering = engine_for(engine, settings)
    try:
        yield asking_with(answering, seed, settings)
    finally:
        asyncio.run(answering.close())


class Planned(NamedTuple):
    """A plan and what it was made from. icd: what the official set says of the codes."""

    plan: Plan
    expected: Expected
    icd: dict[str, CodeFacts]


def named(codes: Sequence[str], per_code: int) -> Wanting:
    """A person's choice of codes."""
    return lambda con: wanted_of(con, codes, per_code)


def refreshing(settings: Settings, within: Sequence[str] | None = None) -> Wanting:
    """What a refresh is about; of that, only the codes `within`."""
    return lambda con: wanted_by_refresh(con, settings.top_codes, settings.per_code, within)


def plan_for(
    warehouse: AnyWarehouse, asking: Asking, wanting: Wanting, policy: Policy, stages: Sequence[Stage] = tuple(Stage)
) -> Planned:
    """The plan of now. Writes nothing; raises WarehouseError where there is no warehouse."""
    with warehouse.reading() as con:
        wanted = wanting(con)
        in_force = wanted.filter(pl.col("mark") == "")["icd_code"].to_list()
        icd = code_facts(con, in_force)
    expected = expected_of(asking, icd, in_force, stages)
    with warehouse.reading() as con:
        return Planned(make_plan(con, wanted, expected, policy), expected, icd)
