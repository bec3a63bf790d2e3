"""Worker processes."""

import os
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

from medsynth_assets.process import is_alive
from medsynth_assets.quality.workers import workers
from tests.conftest import REPOSITORY


def test_workers_give_way_to_the_process_that_waits_for_them() -> None:
    """Its event loop answers to a network."""
    pool = workers(2)
    assert pool is not None
    assert pool.submit(os.nice, 0).result() > os.nice(0)


def _uses_workers() -> None:
    pool = workers(2)
    assert pool is not None
    assert pool.submit(abs, -1).result() == 1


def test_a_child_process_that_used_workers_ends() -> None:
    """Dagster executes a run in a child of its code server; one that never ended kept its memory."""
    child = get_context("spawn").Process(target=_uses_workers)
    child.start()
    child.join(60)
    try:
        assert child.exitcode == 0
    finally:
        child.kill()


_USER = """
import os, time
from medsynth_assets.quality.workers import workers
if __name__ == "__main__":
    print(*{workers(2).submit(os.getpid).result() for _ in range(20)}, flush=True)
    time.sleep(600)
"""


def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    """They have nobody to tell them, and 100 MB each."""
    script = tmp_path / "user.py"
    script.write_text(_USER)
    user = subprocess.Popen([sys.executable, str(script)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        assert user.stdout is not None
        pids = [int(pid) for pid in user.stdout.readline().split()]
    finally:
        user.kill()
        user.wait()
    assert pids
    waited_until = time.monotonic() + 30
    while time.monotonic() < waited_until and any(is_alive(pid) for pid in pids):
        time.sleep(0.05)
    assert not [pid for pid in pids if is_alive(pid)]
