"""One lake, two machines: processes that share nothing but PostgreSQL and a folder of Parquet; one of them is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from medsynth_assets.engines.postgres_tables import has_tables
from medsynth_assets.warehouse.lake import LakeWarehouse
from tests.conftest import REPOSITORY
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script
from tests.slow.test_kill_openai import identity, sent

CODES, PER_CODE, CONCURRENCY = ("E78.5", "E11.9", "K21.9"), 3, 4
KEPT = 8  # answers, when the first machine is killed
_OURS = ("MEDSYNTH_", "OPENAI_", "DAGSTER_HOME")


def machine(lake: LakeWarehouse, folder: Path) -> dict[str, str]:
    """The environment of a machine: its own instance and side files, the lake of all."""
    (folder / "dagster").mkdir(parents=True)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
        "MEDSYNTH_WAREHOUSE": lake.name, "MEDSYNTH_DATA_PATH": lake.data_path, "MEDSYNTH_LEASE_S": "5",
        "MEDSYNTH_SIDE_FILES": str(folder), "DAGSTER_HOME": str(folder / "dagster"), "COLUMNS": "80",
    }  # fmt: skip


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "medsynth_assets.cli", *arguments],
        cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> None:
    said = process.communicate(timeout=900)[0]
    assert process.returncode == 0, said


def kept_by(lake: LakeWarehouse) -> list[str]:
    """What was paid for by now, as the endpoint saw it."""
    with lake.catalog() as catalog:
        if not has_tables(catalog):
            return []
        rows = catalog.execute("select call from medsynth_calls.answers").fetchall()
    calls = [json.loads(call) for (call,) in rows]
    return [identity(call["record_id"], call["agent"], call["messages"], call["parameters"]["seed"]) for call in calls]


@pytest.mark.slow
def test_what_a_killed_machine_was_making_another_makes_and_nothing_is_paid_twice(
    lake: LakeWarehouse, scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> None:
    """Both are asked for the same codes; one dies mid-run; every record is there once, what was answered is not asked again,
    the limit of requests at once holds, and all seals do."""
    asking = {
        "OPENAI_BASE_URL": scripted_openai.url, "OPENAI_API_KEY": "sk-test", "MEDSYNTH_OPENAI_MODEL": "gpt-4o",
        "MEDSYNTH_CONCURRENCY": str(CONCURRENCY),
    }  # fmt: skip
    first, second = ({**machine(lake, tmp_path / name), **asking} for name in ("first", "second"))
    finished(start(first, "run", "--codes", "I10", "--per-code", "1"))
    scripted_openai.script = Script(latency_s=0.2)
    wanted = ("run", "--codes", ",".join(CODES), "--per-code", str(PER_CODE), "--engine", "openai")
    doomed = start(first, *wanted)
    while len(kept_by(lake)) < KEPT:
        assert doomed.poll() is None, doomed.communicate()[0]
        time.sleep(0.02)
    doomed.send_signal(signal.SIGKILL)
    doomed.communicate()
    kept, asked = kept_by(lake), len(scripted_openai.chats)
    finished(start(second, *wanted))
    again = {sent(chat) for chat in scripted_openai.chats[asked:]}
    assert again
    assert not again & set(kept)
    assert scripted_openai.most_in_flight <= CONCURRENCY
    with lake.reading() as con:
        counts = con.execute(
            "select icd_code, count(*), count(distinct record_id) from generation.current_heads"
            " where stage = 'dialogues' and icd_code <> 'I10' group by all order by all"
        ).fetchall()
    assert counts == [(code, PER_CODE, PER_CODE) for code in sorted(CODES)]
    finished(start(second, "verify", "--all"))
    finished(start(second, "calls", "export", "--out", str(tmp_path / "calls.jsonl")))
    assert len((tmp_path / "calls.jsonl").read_text("utf-8").splitlines()) == len(kept_by(lake)) > len(kept)
