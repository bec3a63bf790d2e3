"""One lake, two machines: processes that share nothing but PostgreSQL and a folder of Parquet; one of them is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from medsynth_assets.engines.stores import calls_of, has_ledger
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.process import is_alive
from medsynth_assets.settings import Settings
from medsynth_assets.warehouse.lake import LakeWarehouse
from tests.conftest import REPOSITORY, Place, store_of
from tests.lineage.conftest import CODES as FEW
from tests.lineage.conftest import load_reference
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script
from tests.slow.test_kill_openai import CONCURRENCY, Runs, identity, kill, sent
from tests.slow.test_kill_openai import PER_CODE as ASKED

CODES, PER_CODE = ("E78.5", "E11.9", "K21.9"), 3
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


@pytest.mark.slow
def test_what_a_killed_machine_was_making_another_makes(lake: LakeWarehouse, tmp_path: Path) -> None:
    """Both are asked for the same codes; one dies mid-run; every record is there once, and all seals hold."""
    first, second = machine(lake, tmp_path / "first"), machine(lake, tmp_path / "second")
    finished(start(first, "run", "--codes", "I10", "--per-code", "1"))
    wanted = ("run", "--codes", ",".join(CODES), "--per-code", str(PER_CODE))
    doomed = start(first, *wanted)
    with lake.catalog() as catalog:
        while not catalog.execute("select count(*) from medsynth_leases").fetchone()[0]:  # type: ignore[index]
            assert doomed.poll() is None, doomed.communicate()[0]
            time.sleep(0.05)
    doomed.send_signal(signal.SIGKILL)
    doomed.communicate()
    finished(start(second, *wanted))
    with lake.reading() as con:
        counts = con.execute(
            "select icd_code, count(*), count(distinct record_id) from generation.current_heads"
            " where stage = 'dialogues' and icd_code <> 'I10' group by all order by all"
        ).fetchall()
    assert counts == [(code, PER_CODE, PER_CODE) for code in sorted(CODES)]
    finished(start(second, "verify", "--all"))


@dataclass(frozen=True)
class Machine(Place):
    """A folder of its own, the lake of all."""

    lake: LakeWarehouse

    @property
    def variables(self) -> Mapping[str, str]:
        return {
            "MEDSYNTH_WAREHOUSE": self.lake.name, "MEDSYNTH_DATA_PATH": self.lake.data_path, "MEDSYNTH_LEASE_S": "3",
            "MEDSYNTH_SIDE_FILES": str(self.folder), "DAGSTER_HOME": str(self.folder / "dagster"),
        }  # fmt: skip


def paid_for(settings: Settings) -> list[str]:
    """What was answered by now, as the endpoint saw it."""
    if not has_ledger(settings):
        return []
    made_of = [(c.record_id, c.agent.value, c.messages, c.parameters["seed"]) for c in calls_of(settings)]
    return [identity(*parts) for parts in json.loads(json.dumps(made_of))]


@pytest.mark.slow
def test_two_machines_keep_one_limit_and_what_a_killed_one_paid_for_is_not_paid_again(
    lake: LakeWarehouse, scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> None:
    """Each makes a code, one is killed; the other makes the rest with its answers, every record once, and all seals hold."""
    load_reference(lake, tmp_path)
    settings = Settings.model_validate(store_of(lake))
    scripted_openai.script = Script(latency_s=0.3)
    machines = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        machines.append(Runs(Machine(tmp_path / name, lake), scripted_openai.url))
    first, second = machines
    try:
        doomed, other = (runs.start([code]) for runs, code in zip(machines, FEW, strict=True))
        while len(paid_for(settings)) < 3 * CONCURRENCY:
            assert is_alive(doomed), first.said
            assert is_alive(other), second.said
            time.sleep(0.05)
        most_of_both = scripted_openai.most_in_flight
        kill([doomed])  # what it had asked keeps the endpoint busy beside the other, which now takes all places
        kept, asked = set(paid_for(settings)), len(scripted_openai.chats)
        while is_alive(other):
            time.sleep(0.05)
        time.sleep(3)  # until the lease of the dead has ended
        scripted_openai.count_in_flight_anew()
        second.finish(list(FEW))
    finally:
        for runs in machines:
            runs.close()
    again = {sent(chat) for chat in scripted_openai.chats[asked:]}
    assert again
    assert not again & kept
    assert max(most_of_both, scripted_openai.most_in_flight) <= CONCURRENCY
    with lake.reading() as con:
        counts = con.execute(
            "select icd_code, count(*), count(distinct record_id) from generation.current_heads"
            " where stage = 'dialogues' and engine = 'openai' group by all order by all"
        ).fetchall()
        assert counts == [(code, ASKED, ASKED) for code in sorted(FEW)], second.said
        assert verify(con).faults == []
