"""Demographic cells: sex x age band x ethnicity x language, and how a code's patients are planned over them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from medsynth_assets.agents.planning import english_shares
from medsynth_assets.records.population import Group, Population

_BANDS = (0, 18, 45, 65, 200)  # years: children, younger, middle-aged, older adults
BAND_NAMES = ("0–17", "18–44", "45–64", "65+")
AXES = ("sex", "age", "ethnicity", "language")
Cell = tuple[str, ...]


def age_band(age: float) -> str:
    """The band of an age in years."""
    return BAND_NAMES[int(np.searchsorted(_BANDS, age, "right")) - 1]


def cell_shares(population: Population) -> dict[Cell, float]:
    """The distribution of one code's patients over the cells."""
    found: defaultdict[Cell, float] = defaultdict(float)
    everyone = sum(group.share for group in population.groups)
    for group in population.groups:
        for low, part in _slices(group, population):
            options = [(name, share) for a, b, name, share in population.ethnicities if a <= low < b]
            total = sum(share for _, share in options) or 1.0
            for name, share in options:
                for language, spoken in english_shares(name).items():
                    cell = (group.sex, age_band(low), name, language)
                    found[cell] += group.share / everyone * part * share / total * spoken
    return dict(found)


def _slices(group: Group, population: Population) -> Iterator[tuple[float, float]]:
    """A group cut where a band of ours or an age of the ethnicity table begins: where a slice begins, and its part of the group."""
    inner = {*_BANDS, *(low for low, *_ in population.ethnicities)}
    edges = [group.min_age, *sorted(e for e in inner if group.min_age < e < group.max_age), group.max_age]
    for low, high in pairwise(edges):
        yield low, (high - low) / (group.max_age - group.min_age)


def margin(cells: Mapping[Cell, float], axes: tuple[int, ...]) -> dict[Cell, float]:
    """The cells summed over all but the named axes."""
    found: defaultdict[Cell, float] = defaultdict(float)
    for cell, value in cells.items():
        found[tuple(cell[axis] for axis in axes)] += value
    return dict(found)
