"""The ledger: what is kept is on disk, for every process, whatever happens to the one that kept it."""

import asyncio
import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from medsynth_assets.engines.ledger import AnyLedger, Ledger
from medsynth_assets.engines.stores import calls_of, ledger_of
from medsynth_assets.errors import EngineDown
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.call import Call
from medsynth_assets.settings import Settings

pytestmark = pytest.mark.asyncio

# one process's work: keep `count` answers, each committed before its number is printed
_KEEPER = """
import asyncio, json, sys
from tests.engines.test_ledger import a_call, opened

async def keep(store, name, count):
    ledger = opened(json.loads(store))
    for number in range(int(count)):
        await ledger.keep(a_call(f"{name}-{number}"))
        print(number, flush=True)

asyncio.run(keep(*sys.argv[1:]))
"""


def a_call(key: str, *, call_id: str = "", answer: str = "{}") -> Call:
    return Call(
        call_id=call_id or f"call-{key}",
        request_hash=key,
        record_id="E11.9/001",
        icd_code="E11.9",
        agent=Agent.NOTE_WRITER,
        round=1,
        attempt=1,
        recipe_id="r",
        engine="openai",
        model="gpt-4o",
        prompt_version="p",
        messages=[{"role": "user", "content": "Grüß Gott"}],
        parameters={"temperature": 0.9, "seed": 2**59},
        answer=answer,
        status="ok",
        error="",
        input_tokens=10,
        output_tokens=20,
        cached_tokens=5,
        cost_usd=0.00012345,
        latency_ms=12.5,
        started_at=dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC),
    )


def opened(store: dict[str, str]) -> AnyLedger:
    return ledger_of(Settings.model_validate(store))


def kept_keys(store: dict[str, str]) -> list[str]:
    return [call.request_hash for call in calls_of(Settings.model_validate(store))]


def keeper(store: dict[str, str], name: str, count: int) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", _KEEPER, json.dumps(store), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )


async def test_a_call_comes_back_as_it_was(any_store: dict[str, str]) -> None:
    """Every field and character, and the mark that it was not sent again."""
    ledger, call = opened(any_store), a_call("k", answer='{"plan": "Ruhe\x00 ☃"}')
    await ledger.prepare()
    await ledger.keep(call)
    assert await ledger.recall("k") == call._replace(from_ledger=True)
    assert await ledger.recall("another") is None
    await ledger.close()


async def test_of_several_answers_the_newest_is_recalled(any_store: dict[str, str]) -> None:
    """Two processes that asked the same at once have both paid; from then on there is one answer."""
    ledger = opened(any_store)
    for number in (1, 2):
        await ledger.keep(a_call("k", call_id=f"c{number}", answer=str(number)))
    recalled = await ledger.recall("k")
    assert recalled is not None
    assert recalled.answer == "2"
    await ledger.close()


async def test_what_is_asked_and_kept_at_once_is_answered_each_by_itself(any_store: dict[str, str]) -> None:
    """A hundred tasks, some of which keep, some look up: each is told of its own key."""
    ledger = opened(any_store)
    await asyncio.gather(*(ledger.keep(a_call(f"k{n}", answer=str(n))) for n in range(50)))
    asked = [ledger.look_up(f"k{n}") for n in range(60)]
    *known, _ = await asyncio.gather(*asked, ledger.keep(a_call("another")))
    assert [one.call and one.call.answer for one in known] == [*map(str, range(50)), *[None] * 10]
    assert not any(one.is_out for one in known)
    await ledger.close()


async def test_processes_share_one_new_ledger(any_store: dict[str, str]) -> None:
    """Three of them create it at once and keep forty answers each: none is lost, none fails, each is kept once."""
    keepers = [keeper(any_store, name, 40) for name in "abca"]
    assert [process.wait(timeout=60) for process in keepers] == [0, 0, 0, 0]
    ledger = opened(any_store)
    for name in "abc":
        assert await ledger.recall(f"{name}-39") is not None
    await ledger.close()
    assert len(kept_keys(any_store)) == 120


async def test_what_was_kept_survives_a_killed_process(any_store: dict[str, str], tmp_path: Path) -> None:
    """Killed without warning: every answer whose keeping had returned is there, and the file is sound."""
    process = keeper(any_store, "a", 100_000)
    assert process.stdout is not None
    for _ in range(20):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    last = max([last, *map(int, rest.split())])
    assert set(kept_keys(any_store)) >= {f"a-{number}" for number in range(last + 1)}
    if path := next(tmp_path.glob("*.sqlite"), None):
        assert sqlite3.connect(path).execute("pragma integrity_check").fetchone() == ("ok",)


async def test_a_cancelled_task_still_keeps_its_answer(any_store: dict[str, str]) -> None:
    """The answer is paid for, whoever no longer waits for it."""
    ledger = opened(any_store)
    tasks = [asyncio.create_task(ledger.keep(a_call(f"k{n}"))) for n in range(50)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await ledger.recall("k49") is not None
    await ledger.close()


async def test_a_file_that_is_no_ledger_brings_the_engine_down(tmp_path: Path) -> None:
    """Without a ledger answers would be paid and lost; the line names the file."""
    path = tmp_path / "ledger.sqlite"
    path.write_text("not a database, and long enough to be looked at " * 100)
    ledger = Ledger(path)
    with pytest.raises(EngineDown, match=r"ledger\.sqlite"):
        await ledger.recall("k")
    await ledger.close()
