"""Measuring many records on all cores: the texts go to worker processes, the measures come back as rows."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import current_process, get_context
from typing import Any

import polars as pl

from medsynth_assets.records.artifact import Artifact

Measure = Callable[[Sequence[Artifact], Mapping[str, Any]], pl.DataFrame]
_WORTH_IT = 400  # records; below it starting workers, about two seconds, costs more than it saves
_PER_TASK = 100


def measured(measure: Measure, artifacts: Sequence[Artifact], beside: Mapping[str, Any]) -> pl.DataFrame:
    """What `measure` gives for the artifacts, in their order; a daemonic process, which may have no children, does it itself."""
    if len(artifacts) < _WORTH_IT or _cores() < 2 or current_process().daemon:
        return measure(artifacts, beside)
    parts = [artifacts[n : n + _PER_TASK] for n in range(0, len(artifacts), _PER_TASK)]
    own = [{name: _own(value, part) for name, value in beside.items()} for part in parts]
    return pl.concat(_workers().map(measure, parts, own), how="vertical_relaxed")


def _own(value: Any, part: Sequence[Artifact]) -> Any:
    """Of a mapping by record or by code, what the part needs."""
    if not isinstance(value, Mapping):
        return value
    wanted = {key for artifact in part for key in (artifact.slot.record_id, artifact.slot.code)}
    return {key: value[key] for key in wanted if key in value}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _workers() -> ProcessPoolExecutor:
    """Fresh processes, not forks: Dagster and polars have threads. They live as long as this process."""
    return ProcessPoolExecutor(_cores(), mp_context=get_context("spawn"))
