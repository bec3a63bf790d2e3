"""Thresholds of the SOAP checks (data/thresholds.yaml)."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from medsynth_assets.data_files import read_yaml


@cache
def thresholds() -> Mapping[str, float]:
    """Probabilities, 0 to 1, by the sections a sentence stands in and belongs to."""
    data: Mapping[str, float] = read_yaml(resources.files("medsynth_assets.quality.soap") / "data/thresholds.yaml")
    return data
