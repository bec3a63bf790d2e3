"""Worker processes."""

import os

from medsynth_assets.workers import workers


def test_workers_give_way_to_the_process_that_waits_for_them() -> None:
    """Its event loop answers to a network."""
    pool = workers(2)
    assert pool is not None
    assert pool.submit(os.nice, 0).result() > os.nice(0)
