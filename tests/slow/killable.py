"""Runs that can be killed by the hundred: a parent that has imported everything and forks a run for each line it reads.

`python -m tests.slow.killable`: a line is JSON (codes, per_code, warehouse); answers with the child's pid. A forked run is a
process like any other to kill -9, and starts in milliseconds instead of seconds.
"""

import asyncio
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

from medsynth_assets.agents.asking import asking_with
from medsynth_assets.assets.generating import Generation
from medsynth_assets.assets.progress import LogProgress
from medsynth_assets.assets.work import Order
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.planning import named
from medsynth_assets.refresh.policy import policy_of
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of


async def run(codes: list[str], per_code: int) -> None:
    """What the generation assets do, without Dagster around it."""
    settings = load_settings()
    engine = engine_for("openai", settings)
    try:
        await engine.preflight()
        order = Order(
            tuple(codes),
            tuple(Stage),
            partial(named, per_code=per_code),
            policy_of(settings, at_once=True),
            settings.judge_rounds,
            settings.concurrency,
        )
        asking = asking_with(engine, 1, settings)
        making = Generation(warehouse_of(settings), asking, knowledge_base(), LogProgress(lambda _: None), "run")
        await making.run(order)
    finally:
        await engine.close()


def child(told: dict[str, Any]) -> None:
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    asyncio.run(run(told["codes"], told["per_code"]))


def main() -> None:
    import openai  # noqa: F401

    knowledge_base()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave nothing behind
    Path("killable.ready").touch()
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                child(told)
                os._exit(0)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
