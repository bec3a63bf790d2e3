"""A figure: one number of the report, with the same number of the reference corpus where one is given."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import polars as pl


class Dimension(StrEnum):
    """What the figures are about, in the order of the report."""

    REALISM = "realism"
    DIVERSITY = "diversity"
    FIDELITY = "fidelity"
    PRIVACY = "privacy"
    UTILITY = "utility"
    COST = "cost"


class Figure(NamedTuple):
    """One row of the numbers.

    measure names an entry of measures.yaml, which gives definition, source and unit. subject says what was measured (note,
    dialogue, ...), group the bar or line it belongs to (a band, a section, a demographic cell); '' where there is none.
    low and high bound the 95% interval; None where none was computed. size: how many things the value rests on.
    """

    dimension: Dimension
    measure: str
    subject: str = ""
    group: str = ""
    value: float | None = None
    reference: float | None = None
    low: float | None = None
    high: float | None = None
    size: int | None = None


SCHEMA = {
    "dimension": pl.String, "measure": pl.String, "subject": pl.String, "group": pl.String, "value": pl.Float64,
    "reference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "size": pl.Int64,
}  # fmt: skip


def frame(figures: Iterable[Figure]) -> pl.DataFrame:
    """The numbers as a table, in their order; what could not be computed is null."""
    numbers = pl.col("value", "reference", "low", "high")
    rows = [(str(figure.dimension), *figure[1:]) for figure in figures]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row", strict=False).with_columns(numbers.fill_nan(None))
