"""`medsynth calls export`: the ledger as a file."""

import asyncio
import json
from pathlib import Path

import polars as pl
import pytest

from medsynth_assets.engines.ledger import Ledger, ledger_path
from tests.cli.test_refusals import refused
from tests.conftest import Place
from tests.engines.test_ledger import a_call


def fill(place: Place, count: int) -> None:
    async def keep() -> None:
        ledger = Ledger(ledger_path(place.warehouse))
        for number in range(count):
            await ledger.keep(a_call(f"k{number}", answer=f'{{"plan": "Ruhe {number}"}}'))
        await ledger.close()

    asyncio.run(keep())


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_every_call_is_in_the_file_as_it_was_kept(place: Place, suffix: str) -> None:
    """One row a call in the order of the ledger: messages, answer, money, time, and whether it would be reused."""
    fill(place, 3)
    out = place.folder / f"calls.{suffix}"
    out.write_text("what stood there before")
    done = place.medsynth("calls", "export", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 calls")
    if suffix == "parquet":
        rows = pl.read_parquet(out).to_dicts()
        messages, started_at = json.loads(rows[1]["messages"]), rows[1]["started_at"].isoformat(sep=" ")
    else:
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        messages, started_at = rows[1]["messages"], rows[1]["started_at"]
    call = a_call("k1")
    assert [row["request_hash"] for row in rows] == ["k0", "k1", "k2"]
    assert (messages, started_at) == (call.messages, str(call.started_at))
    assert rows[1]["answer"] == '{"plan": "Ruhe 1"}'
    assert rows[1]["cost_usd"] == call.cost_usd
    assert sorted(
        path.name for path in place.folder.iterdir() if "calls." in path.name and path.suffix == out.suffix
    ) == [out.name]


@pytest.mark.parametrize(
    ("out", "words"),
    [
        pytest.param("calls.csv", ["calls.csv", ".parquet", ".jsonl"], id="another-format"),
        pytest.param("nowhere/calls.jsonl", ["nowhere"], id="no-folder"),
        pytest.param("calls.jsonl", ["no ledger", "medsynth run --engine openai"], id="no-ledger"),
    ],
)
def test_what_cannot_be_exported_is_one_line(place: Place, out: str, words: list[str]) -> None:
    """Nothing is left where nothing was written."""
    refused(place.medsynth("calls", "export", "--out", str(place.folder / out)), *words)
    assert not list(place.folder.rglob("*calls.*")), Path(place.folder)
