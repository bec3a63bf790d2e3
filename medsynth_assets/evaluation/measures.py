"""What each measure is: its title, definition, source and unit, from measures.yaml; and how its numbers are written."""

from functools import cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.data_files import read_yaml
from medsynth_assets.evaluation.figure import Dimension


class Measure(NamedTuple):
    """`other` says what the second column holds where it is not the reference corpus; '' where it is."""

    dimension: Dimension
    name: str
    title: str
    definition: str
    source: str
    unit: str
    other: str = ""


@cache
def measures() -> dict[str, Measure]:
    """Every measure by its name, in the order of the report."""
    data = read_yaml(resources.files("medsynth_assets.evaluation") / "measures.yaml")
    return {
        name: Measure(Dimension(dimension), name, **body)
        for dimension, listed in data.items()
        for name, body in listed.items()
    }


def shown(value: float | None, unit: str) -> str:
    """A number as people read it; a dash where there is none."""
    if value is None or value != value:
        return "–"
    if unit == "share":
        return f"{value:.1%}" if value in (0, 1) or 0.001 <= abs(value) <= 0.999 else f"{value:.2%}"
    if unit == "usd":
        return f"${value:,.4f}"
    if unit in ("count", "words", "turns", "tokens", "calls"):
        return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:,.1f}"
    if unit == "nats":
        return f"{value:.4f}"
    if unit in ("years", "seconds"):
        return f"{value:,.1f}" if abs(value) >= 0.1 else f"{value:.2g}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
