"""Worker processes for reading texts on all cores, shared by whatever in this process needs them."""

import atexit
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import current_process, get_context
from multiprocessing.util import Finalize

from medsynth_assets.garbage import collect_rarely

_NICE = 5


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers(count: int = 0) -> ProcessPoolExecutor | None:
    """The pool of so many, or of one a core; None for one, and in a daemonic process, which may have no children."""
    wanted = count or cores()
    return None if wanted < 2 or current_process().daemon else _pool(wanted)


@cache
def _pool(count: int) -> ProcessPoolExecutor:
    """Fresh processes, not forks: Dagster and polars have threads. They live as long as this process."""
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_give_way)
    # A process that is a child itself, as Dagster's runs are, waits for its own children before it ends the pool: for ever. Before
    # the pool's queues end (10), which tell the children.
    Finalize(None, pool.shutdown, kwargs={"cancel_futures": True}, exitpriority=100)
    return pool


def _give_way() -> None:
    """In a worker: what it does is never as urgent as what the process does that waits for it, which may answer to a network.
    At its end nothing is tidied up, which takes half a second where a lexicon was read."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    collect_rarely()
    atexit.register(os._exit, 0)
