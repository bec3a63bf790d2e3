"""What a plan will cost, and what of it fits."""

import polars as pl
import pytest

from medsynth_assets.engines.budget import Limits
from medsynth_assets.engines.typical import typical_tokens
from medsynth_assets.records.artifact import Agent
from medsynth_assets.refresh.estimate import estimated, fitting
from medsynth_assets.settings import Settings
from tests.refresh.conftest import NOW, World

WRITER, POLISHER = Agent.NOTE_WRITER.value, Agent.NOTE_POLISHER.value


def call(world: World, record: str, agent: str, recipe: str, *, tokens: int, usd: float) -> None:
    world.execute(
        "insert into generation.calls by name select uuid()::varchar as call_id, 'h' as request_hash, ? as record_id,"
        " 'A00' as icd_code, ? as agent, 1 as round, 1 as attempt, ? as recipe_id, 'openai' as engine, 'gpt-4o' as model,"
        " 'p' as prompt_version, '{}' as parameters, 'ok' as status, '' as error, ? as input_tokens, 0 as output_tokens,"
        " 0 as cached_tokens, ?::double as cost_usd, 1.0 as latency_ms, false as from_ledger, 'r' as run_id,"
        " ?::timestamptz as started_at",
        record, agent, recipe, tokens, usd, NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "tokens", "usd"),
    [
        pytest.param("known", 150.0, 3.0, id="of-the-same-recipe-per-record-with-its-repeats"),
        pytest.param("new", 200.0, 3.5, id="else-of-the-same-agent-and-model"),
    ],
)
def test_history_tells_what_a_record_takes(world: World, recipe: str, tokens: float, usd: float) -> None:
    """Calls of the same recipe; where there are none, those of the same agent and model."""
    call(world, "A00/001", WRITER, "known", tokens=100, usd=1.0)
    call(world, "A00/001", WRITER, "known", tokens=100, usd=3.0)
    call(world, "A00/002", WRITER, "known", tokens=100, usd=2.0)
    call(world, "A00/003", WRITER, "other", tokens=300, usd=4.5)
    world.recipes["A00", "notes"] = "wanted"
    world.target("A00", 1)
    world.record("A00/001")
    rows = [("wanted", WRITER, recipe, "openai", "gpt-4o")]
    schema = ["stage_recipe_id", "agent", "recipe_id", "engine", "model"]
    plan = world.plan(top=1)
    with world.file.reading() as con:
        costs = estimated(con, plan, pl.DataFrame(rows, schema=schema, orient="row"), Settings())
    (note,) = costs.filter(pl.col("stage") == "notes").iter_rows(named=True)
    assert (note["tokens"], note["cost_usd"]) == (tokens, usd)


def test_without_history_an_agent_is_taken_as_usual_and_offline_is_free(world: World) -> None:
    """By typical_tokens.toml and the price table."""
    world.recipes["A00", "notes"] = "wanted"
    world.target("A00", 1)
    world.record("A00/001")
    plan = world.plan(top=1)
    schema = ["stage_recipe_id", "agent", "recipe_id", "engine", "model"]
    for engine, usual in (
        ("openai", typical_tokens(Agent.NOTE_POLISHER)),
        ("offline", typical_tokens(Agent.NOTE_WRITER)._replace(input=0, output=0)),
    ):
        recipes = pl.DataFrame([("wanted", POLISHER, "new", engine, "gpt-4o")], schema=schema, orient="row")
        with world.file.reading() as con:
            note = estimated(con, plan, recipes, Settings()).filter(pl.col("stage") == "notes").row(0, named=True)
        assert note["calls"] == 1
        assert note["tokens"] == usual.input + usual.output
        assert note["cost_usd"] == pytest.approx((usual.input * 2.5 + usual.output * 10) / 1e6)


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        pytest.param(Limits(), 3, id="none"),
        pytest.param(Limits(usd=2.5), 2, id="dollars"),
        pytest.param(Limits(tokens=10), 1, id="tokens"),
        pytest.param(Limits(usd=2.5, records=1), 1, id="the-narrowest"),
        pytest.param(Limits(usd=0.5), 0, id="no-room-at-all"),
    ],
)
def test_slots_fit_whole_and_in_order(limits: Limits, fits: int) -> None:
    """A slot's stages are counted together; what comes after the limit is reached does not fit."""
    rows = [(f"A00/00{n}", stage, 0.5, 5.0) for n in (1, 2, 3) for stage in ("notes", "dialogues")]
    costs = pl.DataFrame(rows, schema=["record_id", "stage", "cost_usd", "tokens"], orient="row")
    told = fitting(costs, limits)
    assert told["is_within"].to_list() == [True] * 2 * fits + [False] * 2 * (3 - fits)
