"""Worker processes for reading texts on all cores, shared by whatever in this process needs them."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import current_process, get_context


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers() -> ProcessPoolExecutor | None:
    """The pool; None on one core, and in a daemonic process, which may have no children."""
    return None if cores() < 2 or current_process().daemon else _pool()


@cache
def _pool() -> ProcessPoolExecutor:
    """Fresh processes, not forks: Dagster and polars have threads. They live as long as this process."""
    return ProcessPoolExecutor(cores(), mp_context=get_context("spawn"))
