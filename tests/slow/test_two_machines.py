"""One lake, two machines: processes that share nothing but PostgreSQL and a folder of Parquet; one of them is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from medsynth_assets.warehouse.lake import LakeWarehouse
from tests.conftest import REPOSITORY

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
