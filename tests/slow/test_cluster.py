"""A cluster of processes on this machine: Dagster's daemon, Redis, PostgreSQL and two workers; one of them is killed."""

import tempfile
from pathlib import Path

import pytest

pytest.importorskip("dagster_celery")
pytest.importorskip("dagster_postgres")

from deploy.cluster_demo import lake_of, make, summary
from deploy.local_cluster import LocalCluster
from deploy.servers import ServersMissing, demand_servers
from medsynth_assets.warehouse.reference_store import top_codes

CODES, PER_CODE = 6, 4


@pytest.mark.slow
def test_a_cluster_finishes_what_a_killed_worker_was_making() -> None:
    """Its run is found lost and made anew by the other; every record is there once, and all seals hold."""
    try:
        demand_servers()
    except ServersMissing as missing:
        pytest.skip(str(missing))
    variables = {"MEDSYNTH_PER_CODE": str(PER_CODE), "MEDSYNTH_MAX_PARTITIONS_PER_RUN": "2", "MEDSYNTH_LEASE_S": "5"}
    # not in tmp_path: a socket's name is short
    with tempfile.TemporaryDirectory(prefix="mc") as folder, LocalCluster(Path(folder), 2, variables) as cluster:
        workers = cluster.start_workers(2)
        with lake_of(cluster).reading() as con:
            codes = top_codes(con, CODES)
        course = make(cluster, codes, PER_CODE, kill=True)
        print(summary(course, workers))
        with lake_of(cluster).reading() as con:
            counts = con.execute(
                "select icd_code, count(*), count(distinct record_id) from generation.current_heads"
                " where stage = 'dialogues' group by all order by all"
            ).fetchall()
        cluster.call("head", "medsynth", "verify", "--all")
    assert counts == [(code, PER_CODE, PER_CODE) for code in sorted(codes)]
    assert course.is_whole
    assert course.killed is not None
    fates = {run.run_id: run.status for run in course.runs}
    assert fates.pop(course.killed_run) == "FAILURE"
    assert set(fates.values()) == {"SUCCESS"}
    (retried,) = [run.run_id for run in course.runs if run.is_retry]
    assert course.worker_by_run[course.killed_run] == course.killed.name != course.worker_by_run[retried]
