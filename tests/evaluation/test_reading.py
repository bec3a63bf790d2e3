"""What the report reads from the warehouse: calls by what became of them, and refusals."""

from pathlib import Path

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation import reading
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.opening import AnyWarehouse

_CALL = (
    "insert into generation.calls by name select ? as call_id, 'h' as request_hash, ? as record_id, 'I10' as icd_code, "
    "? as agent, ? as round, ? as attempt, 'r' as recipe_id, 'openai' as engine, 'm' as model, 'p' as prompt_version, "
    "'{}' as parameters, ? as status, '' as error, 100 as input_tokens, 10 as output_tokens, 0 as cached_tokens, "
    "0.5 as cost_usd, 2000 as latency_ms, ? as from_ledger, ? as run_id, now() as started_at, ? as artifact_id"
)
_ARTIFACT = (
    "insert into generation.artifacts by name select ? as artifact_id, 'note' as kind, 'I10/001' as record_id, 'I10' as icd_code, "
    "1 as ordinal, '{}' as content, '' as text, ? as parents, 'r' as recipe_id, 'openai' as engine, 'm' as model, "
    "'run' as run_id, now() as created_at"
)


def test_every_call_is_counted_once_by_what_became_of_it(any_warehouse: AnyWarehouse) -> None:
    """The chain of an accepted record is of use; everything else is waste of one kind, and ledger answers cost nothing."""
    file = any_warehouse
    calls = [  # record, agent, round, attempt, status, from ledger, run, artifact; what it is
        ("I10/001", "scenario_provider", 1, 1, "ok", False, "run", "s-rejected", "rejected by the judge"),
        ("I10/001", "scenario_provider", 2, 1, "ok", False, "run", "s", "accepted"),
        ("I10/001", "scenario_provider", 1, 1, "ok", False, "older", "s-old", "superseded"),
        ("I10/001", "note_writer", 1, 1, "timeout", False, "run", "", "call failed"),
        ("I10/001", "note_writer", 1, 2, "ok", False, "run", "n", "repair"),
        ("I10/001", "dialogue_polisher", 1, 1, "ok", False, "run", "d", "accepted"),
        ("I10/001", "dialogue_polisher", 2, 1, "ok", False, "run", "d", "repair"),
        ("I10/002", "note_writer", 1, 1, "ok", False, "run", "x", "rejected by a check"),
        ("I10/003", "scenario_provider", 1, 1, "ok", False, "run", "y", "quarantined"),
        ("I10/001", "note_polisher", 1, 1, "ok", True, "run", "n", None),
    ]
    with file.writing() as con:
        for n, (*call, _) in enumerate(calls):
            con.execute(_CALL, [str(n), *call])
        for artifact, parents in (("s", []), ("n", ["s"]), ("d", ["n"])):
            con.execute(_ARTIFACT, [artifact, parents])
        con.execute("create table marts.pairs as select 'I10/001' as record_id, 'd' as dialogue_id")
        con.execute("create table marts.rejected as select 'I10/002' as record_id")
    found = {
        (stage, outcome): (count, tokens, usd, seconds)
        for stage, outcome, count, tokens, usd, seconds in reading.calls(file).rows()
    }
    expected: dict[tuple[str, str], int] = {}
    for _, agent, *_, outcome in calls:
        stage = {"s": "scenarios", "n": "notes", "d": "dialogues"}[str(agent)[0]]
        if outcome:
            expected[stage, str(outcome)] = expected.get((stage, str(outcome)), 0) + 1
    assert found == {key: (count, 110 * count, 0.5 * count, 2.0 * count) for key, count in expected.items()}


def test_a_warehouse_without_its_marts_is_refused_with_what_to_run(tmp_path: Path) -> None:
    """As one that an earlier version made."""
    file = WarehouseFile(tmp_path / "w.duckdb")
    file.ensure()
    with pytest.raises(UsageError, match=r"marts\.encounters.*medsynth run"):
        reading.demand_marts(file)
