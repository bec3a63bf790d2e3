"""`make cluster-demo`: PostgreSQL, Redis and workers, processes of this machine, make 200 codes; a worker is killed on the way.

    python -m deploy.cluster_demo [--codes 200] [--per-code 2] [--workers 3] [--no-kill] [--stay]

Ends with 0 where every record is there once and all seals hold, 1 where not, 2 where the cluster did not come up.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from deploy.dagster_client import Refused
from deploy.local_cluster import ClusterFailed, LocalCluster, Run, Worker
from deploy.servers import ServersMissing, demand_servers
from medsynth_assets.warehouse.lake import LakeWarehouse
from medsynth_assets.warehouse.reference_store import top_codes

_KILL_AT = 0.2  # of the records
_LOOK_S = 3.0
_MADE = "select run_id, count(*) from generation.heads where stage = 'dialogues' group by run_id"
_WHOLE = "select count(distinct record_id), count(*) from generation.heads where stage = 'dialogues'"
_QUARANTINED = "select count(*) from generation.current_quarantine"


@dataclass
class Course:
    """What happened. killed_run: what the killed worker was making; twice: records made more than once."""

    wanted: int
    made: int = 0
    quarantined: int = 0
    twice: int = 0
    seconds: float = 0.0
    status: str = ""
    killed: Worker | None = None
    killed_at_s: float = 0.0
    killed_run: str = ""
    runs: list[Run] = field(default_factory=list)
    records_by_run: dict[str, int] = field(default_factory=dict)
    worker_by_run: dict[str, str] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        is_complete = self.status in ("COMPLETED", "COMPLETED_SUCCESS")
        return is_complete and self.made + self.quarantined == self.wanted and not self.twice


def lake_of(cluster: LocalCluster) -> LakeWarehouse:
    here = cluster.machine("head")
    return LakeWarehouse(
        here["MEDSYNTH_WAREHOUSE"], here["MEDSYNTH_DATA_PATH"], cluster.folder / "head" / "lake.duckdb"
    )


def make(cluster: LocalCluster, codes: list[str], per_code: int, *, kill: bool) -> Course:
    """Launch a backfill of the codes, see it to its end, kill a worker on the way."""
    course = Course(len(codes) * per_code)
    backfill_id = cluster.backfill(codes)
    with lake_of(cluster).reading() as con:
        _see_to_its_end(cluster, course, backfill_id, con, kill)
    course.worker_by_run = {run.run_id: cluster.worker_of(run) for run in course.runs}
    return course


def _see_to_its_end(
    cluster: LocalCluster, course: Course, backfill_id: str, con: duckdb.DuckDBPyConnection, kill: bool
) -> None:
    began, told = time.monotonic(), ""
    while True:
        course.status = cluster.backfill_ended(backfill_id)
        _count(con, course)
        course.runs = cluster.runs(backfill_id)
        course.seconds = time.monotonic() - began
        if (line := _line(course)) != told:
            print(f"{course.seconds:6.0f} s  {line}", flush=True)
            told = line
        if course.status:
            return
        if kill and course.killed is None and course.made >= _KILL_AT * course.wanted:
            _kill_one(cluster, course)
        time.sleep(_LOOK_S)


def _count(con: duckdb.DuckDBPyConnection, course: Course) -> None:
    """Of what the lake has by now: a reader of a lake is in nobody's way, and sees the newest snapshot with each query."""
    course.made, heads = con.execute(_WHOLE).fetchone() or (0, 0)
    (course.quarantined,) = con.execute(_QUARANTINED).fetchone() or (0,)
    course.records_by_run = dict(con.execute(_MADE).fetchall())
    course.twice = heads - course.made


def _kill_one(cluster: LocalCluster, course: Course) -> None:
    """The worker of the run that began last: it has the most to lose."""
    under_way = sorted((run for run in course.runs if run.status == "STARTED"), key=lambda run: -run.began_at)
    for run in under_way:
        name = cluster.worker_of(run)
        for worker in cluster.workers:
            if worker.name == name:
                worker.kill()
                course.killed, course.killed_run, course.killed_at_s = worker, run.run_id, course.seconds
                print(f"{course.seconds:6.0f} s  kill -9 {name}, in the middle of run {run.run_id[:8]}", flush=True)
                return


def _line(course: Course) -> str:
    states = Counter(run.status for run in course.runs)
    waiting = sum(states[state] for state in ("NOT_STARTED", "QUEUED", "STARTING"))
    ended = f"{states['SUCCESS']} done" + (f", {states['FAILURE']} failed" if states["FAILURE"] else "")
    return (
        f"{course.made:,} of {course.wanted:,} records; runs: {ended}, {states['STARTED']} under way, {waiting} waiting"
    )


def summary(course: Course, workers: list[Worker]) -> str:
    """What happened, for people."""
    lines = [
        f"{course.made:,} of {course.wanted:,} records in {course.seconds:.0f} s ({course.made / course.seconds:.1f} a second);"
        f" in quarantine {course.quarantined}, lost {course.wanted - course.made - course.quarantined},"
        f" made twice {course.twice}"
    ]
    for worker in workers:
        runs = [run for run, name in course.worker_by_run.items() if name == worker.name]
        records = sum(course.records_by_run.get(run, 0) for run in runs)
        fate = f"   killed after {course.killed_at_s:.0f} s" if worker is course.killed else ""
        lines.append(f"  {worker.name:<20} {len(runs):>3} runs {records:>6,} records{fate}")
    for run in course.runs:
        if run.is_retry:
            lines.append(
                f"  run {run.run_id[:8]}, by {course.worker_by_run[run.run_id]}, made what a killed run had left"
            )
    return "\n".join(lines)


def show(chosen: argparse.Namespace, folder: Path) -> int:
    """The demonstration in a folder."""
    print(f"PostgreSQL, Redis, Dagster and {chosen.workers} workers; logs in {folder}", flush=True)
    variables = {"MEDSYNTH_PER_CODE": str(chosen.per_code), "MEDSYNTH_MAX_PARTITIONS_PER_RUN": str(chosen.codes_a_run)}
    with LocalCluster(folder, chosen.workers, variables) as cluster:
        workers = cluster.start_workers(chosen.workers)
        print(f"Dagster's UI, while this runs: {cluster.url}/runs", flush=True)
        with lake_of(cluster).reading() as con:
            codes = top_codes(con, chosen.codes)
        course = make(cluster, codes, chosen.per_code, kill=not chosen.no_kill)
        cluster.build_marts()
        print(summary(course, workers), flush=True)
        print(cluster.call("head", "medsynth", "verify", "--all").strip(), flush=True)
        if chosen.stay:
            input(f"{cluster.url} is there until Enter is pressed. ")
    return 0 if course.is_whole else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=200, help="the most prevalent so many")
    parser.add_argument("--per-code", type=int, default=2)
    parser.add_argument("--codes-a-run", type=int, default=10)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--no-kill", action="store_true")
    parser.add_argument("--stay", action="store_true", help="leave the UI up at the end, until Enter")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="medsynth-"))
    try:
        demand_servers()
        code = show(chosen, folder)
    except (ServersMissing, ClusterFailed, Refused, OSError) as error:
        print(f"cluster-demo: {error}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        print("\nstopped; every process of the cluster has ended", file=sys.stderr)
        code = 130
    if code in (0, 130) or not any(folder.iterdir()):
        shutil.rmtree(folder)
    else:
        print(f"logs are left in {folder}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
