"""`kill -9` of paid runs at random moments, by the hundred: every slot is whole, and nothing that was answered is sent again.

MEDSYNTH_TEST_KILLS sets how many (60; 300 before a release).
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from medsynth_assets.engines.ledger import ledger_path
from medsynth_assets.process import is_alive
from tests.conftest import REPOSITORY, Place
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script, http, play

KILLS = int(os.environ.get("MEDSYNTH_TEST_KILLS", "60"))
KILLS_A_PLACE = 5  # then these codes are brought to their end, and others begun
CONCURRENCY = 8
PROCESSES = 2  # of each run, planning the same slots
PER_CODE = 8
MOST_REQUESTS = 40  # that a run sends before it is killed
INCOMPLETE = """
    select w.record_id from (
        select icd_code || '/' || lpad(n::varchar, 3, '0') as record_id
        from (select unnest(?::varchar[]) as icd_code), (select unnest(range(1, ? + 1)) as n)
    ) as w
    left join generation.current_quarantine as q using (record_id)
    where q.record_id is null and (
        select count(*) from generation.current_heads as h inner join generation.artifacts as a using (artifact_id)
        where h.record_id = w.record_id and (h.stage = 'scenarios' or len(a.text) > 0)
    ) < 3
"""
TORN = "select count(*) from generation.heads as h left join generation.artifacts as a using (artifact_id) where a.artifact_id is null"
TWICE = "select call_id from generation.calls group by call_id having count(*) > 1"
BOTH_MADE = """
    select record_id, stage from generation.heads where engine = 'openai' group by record_id, stage, stage_recipe_id, parent_artifact_id
    having count(*) > 1
"""


class Runs:
    """Starts runs in processes of their own, and kills them."""

    def __init__(self, place: Place, url: str) -> None:
        self._log = place.folder / "runs.log"
        settings = {
            "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-test", "MEDSYNTH_OPENAI_MODEL": "gpt-4o",
            "MEDSYNTH_CONCURRENCY": str(CONCURRENCY), "PYTHONPATH": str(REPOSITORY),
        }  # fmt: skip
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.slow.killable"], cwd=place.folder, env={**place.environment, **settings},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, codes: list[str]) -> int:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        told = {"codes": codes, "per_code": PER_CODE, "log": str(self._log)}
        self._parent.stdin.write(json.dumps(told) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def finish(self, codes: list[str]) -> None:
        """A last run, which nobody kills."""
        pid = self.start(codes)
        deadline = time.monotonic() + 240
        while is_alive(pid):
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")[-4000:] if self._log.exists() else ""

    def close(self) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(timeout=10)


def kill(pids: list[int]) -> None:
    for pid in pids:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    while any(map(is_alive, pids)):
        time.sleep(0.002)


def identity(record_id: str, agent: str, messages: list[dict[str, str]], seed: int) -> str:
    """A request as the endpoint saw it."""
    return json.dumps([record_id, agent, messages, seed], sort_keys=True)


def sent(chat: dict[str, Any]) -> str:
    headers, body = chat["headers"], chat["body"]
    return identity(headers["x-medsynth-record"], headers["x-medsynth-agent"], body["messages"], body["seed"])


def in_ledger(place: Place) -> set[str]:
    """What was answered before now."""
    path = ledger_path(place.warehouse)
    found: set[str] = set()
    if not path.exists() or not path.stat().st_size:
        return found
    with sqlite3.connect(path, timeout=60) as con:
        if con.execute("select 1 from sqlite_master where name = 'answers'").fetchone():
            for (call,) in con.execute("select call from answers"):
                told = json.loads(call)
                made_of = (told["record_id"], told["agent"], told["messages"], told["parameters"]["seed"])
                found.add(identity(*made_of))
    return found


def wait_for_a_moment(moments: random.Random, pids: list[int], endpoint: ScriptedOpenAI) -> None:
    """Now and then while a run begins; else when it has sent some more requests, and a little later, or is over."""
    if moments.random() < 0.2:
        time.sleep(moments.uniform(0, 1))
        return
    wanted = len(endpoint.chats) + moments.randint(1, MOST_REQUESTS)
    deadline = time.monotonic() + 60
    while len(endpoint.chats) < wanted and any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(moments.uniform(0, 0.05))


@pytest.fixture
def runs(loaded_place: Place, scripted_openai: ScriptedOpenAI) -> Iterator[Runs]:
    started = Runs(loaded_place, scripted_openai.url)
    yield started
    started.close()


@pytest.mark.slow
def test_runs_killed_at_random_moments_lose_nothing_and_pay_for_nothing_twice(
    loaded_place: Place, scripted_openai: ScriptedOpenAI, runs: Runs
) -> None:
    """Two processes at once on the same slots, both killed, time and again; faults and refusals on the way."""
    faults = [
        (0.03, play("malformed")), (0.01, play("refusal")), (0.01, play("length")),
        (0.02, http(500, headers={"retry-after-ms": "5"})), (0.02, http(429, headers={"retry-after-ms": "5"})),
    ]  # fmt: skip
    scripted_openai.script = Script(rates=faults, latency_s=0.02, latency_is_mean=True, seed=7)
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        codes = [
            row[0]
            for row in con.execute("select code from reference.icd_prevalence order by rank limit 400").fetchall()
        ]
    moments = random.Random(20251121)
    under_way = 0
    sent_again_when_kept: list[str] = []
    lost: list[int] = []
    for number in range(KILLS):
        at = 2 * (number // KILLS_A_PLACE) + 1
        here = codes[at : at + 2]
        before, first = in_ledger(loaded_place), len(scripted_openai.chats)
        pids = [runs.start(here) for _ in range(PROCESSES)]
        wait_for_a_moment(moments, pids, scripted_openai)
        under_way += any(map(is_alive, pids))
        kill(pids)
        while scripted_openai.in_flight:
            time.sleep(0.002)
        chats = scripted_openai.chats[first:]
        sent_again_when_kept += [sent(chat) for chat in chats if sent(chat) in before]
        answered = {sent(chat) for chat in chats if "answered_at" in chat}
        lost.append(len(answered - in_ledger(loaded_place)))
        with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
            assert con.execute(TORN).fetchone() == (0,)
        if number % KILLS_A_PLACE == KILLS_A_PLACE - 1 or number == KILLS - 1:
            runs.finish(here)
            with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
                assert con.execute(INCOMPLETE, [here, PER_CODE]).fetchall() == [], runs.said
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        assert con.execute(TWICE).fetchall() == []
        assert con.execute(BOTH_MADE).fetchall() == []
        made = con.execute("select count(distinct record_id) from generation.current_heads where engine = 'openai'")
        (records,) = made.fetchone() or (0,)
        (paid,) = con.execute(
            "select count(*) from generation.calls where engine = 'openai' and answer is not null"
        ).fetchone() or (0,)
    assert sent_again_when_kept == []
    # one process holds the slots; of twice as many as requests are allowed, each had one under way when it was killed
    assert max(lost) <= 2 * CONCURRENCY
    answers = sum("answered_at" in chat for chat in scripted_openai.chats)
    with sqlite3.connect(ledger_path(loaded_place.warehouse)) as con:
        (on_disk,) = con.execute("select count(*) from answers").fetchone()
    assert on_disk == paid == answers - sum(lost)
    assert under_way > KILLS / 2, "kills came too late to hit a run"
    repeated = Counter(sent(chat) for chat in scripted_openai.chats if "answered_at" in chat)
    print(
        f"{KILLS} kills, {under_way} of them in a run; {records} records, {answers} answers, "
        f"{sum(lost)} lost in flight, {sum(n - 1 for n in repeated.values())} asked twice"
    )
