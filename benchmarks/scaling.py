"""How records a second grow with workers: the cluster of `make cluster-demo`, the same number of new codes for 1, 2, 4 workers.

    python -m benchmarks.scaling [--workers 1,2,4] [--codes 16] [--per-code 5]
    python -m benchmarks.scaling --latency-ms 2000 [--requests 64]

Offline, workers compute, so the cores of the machine are the limit. With --latency-ms they ask the scripted endpoint and wait for it most of
the time, as workers of a real model do: a record asks one thing at a time, so a run has as many requests under way as records. Time is from the start of the first run to the end
of the last; each worker has made one run before, which it needs to load what it needs.
"""

import argparse
import os
import signal
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks.scripted_endpoint import endpoint
from deploy.cluster_demo import lake_of
from deploy.local_cluster import LocalCluster, Worker
from medsynth_assets.warehouse.reference_store import top_codes
from tests.scripted_openai.script import Script

ROOT = Path(__file__).resolve().parents[1]
CODES_A_RUN = 2
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(workers: list[Worker]) -> float:
    """CPU seconds of the workers' processes so far."""
    groups, ticks = {worker.process.pid for worker in workers}, 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) in groups:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def backfill_s(cluster: LocalCluster, codes: list[str]) -> float:
    """Seconds from the start of its first run to the end of its last."""
    backfill_id = cluster.backfill(codes)
    wanted = -(-len(codes) // CODES_A_RUN)
    while True:
        time.sleep(1)
        runs = cluster.runs(backfill_id)
        if any(run.status in ("FAILURE", "CANCELED") for run in runs):
            raise SystemExit(f"a run failed; see {cluster.url}/runs and the logs in {cluster.folder}")
        if len(runs) >= wanted and all(run.status == "SUCCESS" for run in runs):
            return max(run.ended_at for run in runs) - min(run.began_at for run in runs)


def measure(chosen: argparse.Namespace, variables: dict[str, str]) -> None:
    counts = [int(count) for count in chosen.workers.split(",")]
    with (
        tempfile.TemporaryDirectory(prefix="mc") as folder,
        LocalCluster(Path(folder), max(counts), variables) as cluster,
    ):
        with lake_of(cluster).reading() as con:
            codes = iter(top_codes(con, 2000))
        workers: list[Worker] = []
        alone = 0.0
        print(
            f"{'workers':>7} {'records':>7} {'wall s':>7} {'records/s':>9} {'speed-up':>8} {'CPU s/record':>12} {'cores used':>10} {'load':>5}"
        )
        for count in counts:
            started = cluster.start_workers(count - len(workers))
            workers += started
            # the new ones load what they need; the others are given as much to do meanwhile
            backfill_s(cluster, list(islice(codes, CODES_A_RUN * len(workers))))
            before = cpu_s(workers)
            wall = backfill_s(cluster, list(islice(codes, chosen.codes)))
            spent, records = cpu_s(workers) - before, chosen.codes * chosen.per_code
            alone = alone or wall
            print(
                f"{count:>7} {records:>7} {wall:>7.1f} {records / wall:>9.2f} {alone / wall:>8.2f} {spent / records:>12.2f}"
                f" {spent / wall:>10.2f} {os.getloadavg()[0]:>5.1f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", default="1,2,4", help="rising")
    parser.add_argument("--codes", type=int, default=16, help="for each number of workers")
    parser.add_argument("--per-code", type=int, default=5)
    parser.add_argument("--latency-ms", type=float, default=0.0, help="mean of the scripted endpoint; 0: offline")
    parser.add_argument("--requests", type=int, default=64, help="under way at once, of all workers together")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the cluster is stopped on the way out
    variables = {
        "MEDSYNTH_PER_CODE": str(chosen.per_code),
        "MEDSYNTH_MAX_PARTITIONS_PER_RUN": str(CODES_A_RUN),
        "MEDSYNTH_CONCURRENCY": str(chosen.requests),
    }
    print(f"{len(os.sched_getaffinity(0))} cores, shared with the servers of the cluster", flush=True)
    if not chosen.latency_ms:
        measure(chosen, variables)
        return
    script = Script(latency_s=chosen.latency_ms / 1000, latency_spread_frac=0.5, keeps_bodies=False, tells_limits=False)
    with endpoint(script) as url:
        asking = {"MEDSYNTH_ENGINE": "openai", "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-benchmark"}
        measure(chosen, {**variables, **asking, "MEDSYNTH_OPENAI_MODEL": "gpt-4o"})


if __name__ == "__main__":
    main()
