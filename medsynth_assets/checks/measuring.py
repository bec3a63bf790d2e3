"""Measuring many records on all cores: the texts go to worker processes, the measures come back as rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from medsynth_assets.garbage import collect_rarely
from medsynth_assets.quality.workers import workers
from medsynth_assets.records.artifact import Artifact

Measure = Callable[[Sequence[Artifact], Mapping[str, Any]], pl.DataFrame]
_WORTH_IT = 400  # records; below it starting workers, more than a second, costs more than it saves
_PER_TASK = 100


def measured(measure: Measure, artifacts: Sequence[Artifact], beside: Mapping[str, Any]) -> pl.DataFrame:
    """What `measure` gives for the artifacts, in their order; a daemonic process, which may have no children, does it itself."""
    pool = workers() if len(artifacts) >= _WORTH_IT else None
    if pool is None:
        collect_rarely()
        return measure(artifacts, beside)
    parts = [artifacts[n : n + _PER_TASK] for n in range(0, len(artifacts), _PER_TASK)]
    own = [{name: _own(value, part) for name, value in beside.items()} for part in parts]
    return pl.concat(pool.map(measure, parts, own), how="vertical_relaxed")


def _own(value: Any, part: Sequence[Artifact]) -> Any:
    """Of a mapping by record or by code, what the part needs."""
    if not isinstance(value, Mapping):
        return value
    wanted = {key for artifact in part for key in (artifact.slot.record_id, artifact.slot.code)}
    return {key: value[key] for key in wanted if key in value}
