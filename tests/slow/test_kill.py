"""`kill -9` in the middle of a run."""

import os
import random
import signal
import subprocess
import sys
import time

import dagster as dg
import duckdb
import pytest

from tests.conftest import Place

TORN = """
    select count(*) from generation.heads as h
    left join generation.artifacts as a using (artifact_id)
    where a.artifact_id is null or (h.stage <> 'scenarios' and len(a.text) = 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_killed_run_leaves_whole_records_and_the_next_run_completes_it(loaded_place: Place, seed: int) -> None:
    """Whenever it is killed, the warehouse opens, no record is torn, and running again completes the job."""
    command = [sys.executable, "-m", "medsynth_assets.cli", "run", "--top", "60"]
    run = subprocess.Popen(
        command, cwd=loaded_place.folder, env=loaded_place.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(random.Random(seed).uniform(3.0, 9.0))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        assert con.execute(TORN).fetchone() == (0,)
    again = loaded_place.medsynth("run", "--top", "60")
    assert again.returncode == 0, again.stdout + again.stderr
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        assert con.execute(TORN).fetchone() == (0,)
        assert con.execute("select count(*) from staging.stg_dialogues").fetchone() == (300,)
        twice = con.execute("select count(*) from generation.artifacts group by artifact_id having count(*) > 1")
        assert twice.fetchall() == []
    with dg.DagsterInstance.get() as instance:
        assert not instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
