"""The client that is measured: what the generation assets do, without Dagster around it, in a process of its own.

    python -m benchmarks.throughput.chain --codes A,B --per-code 5

Settings come from the environment. Prints one JSON line of what it took.
"""

import argparse
import asyncio
import json
import os
import resource
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.processes import descendants
from medsynth_assets.agents.asking import asking_with
from medsynth_assets.assets.generating import Generation, Report
from medsynth_assets.assets.progress import LogProgress
from medsynth_assets.assets.work import Order, Todo
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.records.artifact import Recipe, Stage
from medsynth_assets.refresh.planning import named
from medsynth_assets.refresh.policy import policy_of
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.file import WarehouseFile


class Watched(Generation):
    """Notes when the first whole record was committed."""

    first_whole_at = 0.0
    planned_cpu_s = 0.0  # imports, reading of reference data and knowledge, the plan
    writing_cpu_s = 0.0

    def _announce(self, order: Order, todo: Todo) -> None:
        super()._announce(order, todo)
        self.planned_cpu_s = time.process_time()

    def _write(self, done: Sequence[store.Made], recipes: Sequence[Recipe]) -> None:
        began = time.thread_time()
        super()._write(done, recipes)
        self.writing_cpu_s += time.thread_time() - began
        if not self.first_whole_at and any(Stage.DIALOGUES in made.products for made in done):
            self.first_whole_at = time.time()


async def run(codes: tuple[str, ...], per_code: int) -> tuple[Report, Watched]:
    settings = load_settings()
    engine = engine_for("openai", settings)
    try:
        await engine.preflight()
        order = Order(
            codes, tuple(Stage), partial(named, per_code=per_code), policy_of(settings, at_once=True),
            settings.judge_rounds, settings.concurrency,
        )  # fmt: skip
        asking = asking_with(engine, 1, settings)
        progress = LogProgress(lambda line: None)
        making = Watched(WarehouseFile(settings.warehouse), asking, knowledge_base(), progress, "benchmark")
        return await making.run(order), making
    finally:
        await engine.close()


def workers_cpu_s() -> float:
    """Of the worker processes, which live still, and of the one that they are forks of."""
    ticks = 0
    for worker in descendants(os.getpid()):
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def used(report: Report, making: Watched) -> dict[str, Any]:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "first_whole_at": making.first_whole_at,
        "cpu_s": mine.ru_utime + mine.ru_stime,
        "planned_cpu_s": making.planned_cpu_s,
        "writing_cpu_s": making.writing_cpu_s,
        "workers_cpu_s": workers_cpu_s(),
        "rss_mib": mine.ru_maxrss / 1024,
        "calls": report.calls,
        "reasons": dict(report.reasons),
        "made": sum(count.made for (_, stage), count in report.counts.items() if stage is Stage.DIALOGUES),
        "quarantined": sum(count.quarantined for count in report.counts.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--codes", required=True)
    parser.add_argument("--per-code", type=int, required=True)
    parser.add_argument("--profile", default="")
    chosen = parser.parse_args()
    work = run(tuple(chosen.codes.split(",")), chosen.per_code)
    if chosen.profile:
        import cProfile

        profiler = cProfile.Profile(time.process_time)  # CPU, of all threads: the machine may be busy
        report, making = profiler.runcall(asyncio.run, work)
        profiler.dump_stats(chosen.profile)
    else:
        report, making = asyncio.run(work)
    print(json.dumps(used(report, making)), flush=True)


if __name__ == "__main__":
    main()
