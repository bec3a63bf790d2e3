"""Worker processes for reading texts on all cores, shared by whatever in this process needs them."""

import atexit
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from multiprocessing import current_process, get_all_start_methods, get_context, parent_process
from multiprocessing.util import Finalize
from threading import Thread

from medsynth_assets.garbage import collect_rarely

_NICE = 5
_PRELOADED = "medsynth_assets.quality.preloaded"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers(count: int = 0) -> ProcessPoolExecutor | None:
    """The pool of so many, or of one a core; None for one, and in a daemonic process, which may have no children."""
    wanted = count or cores()
    return None if wanted < 2 or current_process().daemon else _pool(wanted)


@cache
def _pool(count: int) -> ProcessPoolExecutor:
    """Forks of one fresh process that has read what all of them read with. A fork of this one, in which Dagster and polars have
    threads, might hang. They live as long as this process."""
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    context.set_forkserver_preload([_PRELOADED])
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_give_way)
    # A process that is a child itself, as Dagster's runs are, waits for its own children before it ends the pool: for ever. Before
    # the pool's queues end (10), which tell the children.
    Finalize(None, pool.shutdown, kwargs={"cancel_futures": True}, exitpriority=100)
    # The first fork waits for what is read before it: a second, in which this process has other things to do.
    Thread(target=pool.submit, args=(import_module, _PRELOADED), daemon=True).start()
    return pool


def _give_way() -> None:
    """In a worker: what it does is never as urgent as what the process does that waits for it, which may answer to a network.
    At its end nothing is tidied up, which takes half a second where a lexicon was read."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    collect_rarely()
    atexit.register(os._exit, 0)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed tells nobody: its workers would wait for work for ever."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
