"""Cost: what an accepted record took, stage by stage, and how much of it was for nothing."""

from collections.abc import Iterator

import polars as pl

from medsynth_assets.evaluation.figure import Dimension, Figure

_D = Dimension.COST
_UNITS = ("calls", "tokens", "usd", "seconds")
_STAGES = ("scenarios", "notes", "dialogues")


def cost(calls: pl.DataFrame, accepted: int) -> Iterator[Figure]:
    """The figures of cost. calls: by stage and outcome (reading.calls); accepted: how many records there are to show for them."""
    if calls.is_empty() or not accepted:
        return
    for unit in _UNITS:
        yield Figure(_D, f"{unit}_per_record", "", "all stages", _sum(calls, unit) / accepted, size=accepted)
        for stage in _STAGES:
            spent = _sum(calls.filter(pl.col("stage") == stage), unit)
            yield Figure(_D, f"{unit}_per_record", "", stage, spent / accepted, size=accepted)
    unit = weighing(calls)
    total = _sum(calls, unit)
    wasted = calls.filter(pl.col("outcome") != "accepted")
    yield Figure(_D, "wasted_share", unit, "", _sum(wasted, unit) / total, size=int(_sum(calls, "calls")))
    for stage in _STAGES:
        of_stage = calls.filter(pl.col("stage") == stage)
        for outcome in sorted(of_stage["outcome"].to_list()):
            rows = of_stage.filter(pl.col("outcome") == outcome)
            yield Figure(_D, "spent_share", stage, outcome, _sum(rows, unit) / total, size=int(_sum(rows, "calls")))


def weighing(calls: pl.DataFrame) -> str:
    """What shares are taken of: dollars, tokens where nothing was paid, calls where no tokens were counted."""
    return next((unit for unit in ("usd", "tokens") if _sum(calls, unit) > 0), "calls")


def _sum(rows: pl.DataFrame, column: str) -> float:
    return float(rows[column].sum() or 0)
