"""Worker processes."""

import os
from multiprocessing import get_context

from medsynth_assets.workers import workers


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
