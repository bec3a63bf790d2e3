"""Slot plans: who each record's patient is, spread over the real distribution of the code.

A slot's place in the distribution is a point of a Sobol sequence, scrambled at random per code (Owen 1998, "Scrambling
Sobol' and Niederreiter-Xing points"). Few slots of a code already spread evenly (of any four that follow one another
from a multiple of four, one lies in each quarter of every dimension), more can be added without moving any, and over
many codes the realised groups follow the plan.
"""

import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any, TypeVar

from numpy.random import default_rng

from medsynth_assets.agents.sobol import scrambled_points
from medsynth_assets.records.identity import digest
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.population import Group, Population

_FEWEST_POINTS = 8

T = TypeVar("T")


@cache
def _shares() -> dict[str, Any]:
    text = (resources.files("medsynth_assets.agents") / "population.toml").read_text("utf-8")
    return tomllib.loads(text)


def plan_slot(icd: CodeFacts, ordinal: int, population: Population, seed: int) -> SlotPlan:
    """The plan of one slot: a function of the seed, the code, the ordinal and the population alone."""
    u = _point(seed, icd.code, ordinal)
    group = _at([(g, g.share) for g in population.groups], u[0])
    age = _age(group, u[1])
    ethnicities = [(name, share) for low, high, name, share in population.ethnicities if low <= age < high]
    ethnicity = _at(ethnicities, u[2])
    shares = _shares()
    return SlotPlan(
        icd=icd,
        prevalence_release_id=population.prevalence_release_id,
        prevalence_row_hash=population.prevalence_row_hash,
        seed=seed,
        age_years=age,
        sex=group.sex,
        ethnicity=ethnicity,
        region=_at(list(shares["regions"].items()), u[3]),
        urbanicity="metropolitan" if u[4] < population.metropolitan_share else "non-metropolitan",
        english_proficiency=_at(list(english_shares(ethnicity).items()), u[5]),
        socioeconomic_status=_at(list(shares["socioeconomic_status"].items()), u[6]),
        visit_draw=round(u[7], 6),
    )


def english_shares(ethnicity: str) -> dict[str, float]:
    """How many of an ethnicity are non-native speakers, need an interpreter, are native: in this order, summing to 1."""
    english = _shares()["english"]
    spoken: dict[str, float] = english.get(ethnicity, english["default"])
    return {**spoken, "native": 1 - sum(spoken.values())}


def _point(seed: int, code: str, ordinal: int) -> list[float]:
    most = max(_FEWEST_POINTS, 1 << (ordinal - 1).bit_length())
    return _points(seed, code, most)[ordinal - 1]


@lru_cache(maxsize=4096)
def _points(seed: int, code: str, count: int) -> list[list[float]]:
    """The first `count` points of a code, a power of two; more points begin with the same ones."""
    return scrambled_points(count, default_rng(int(digest("points:1", seed, code)[:16], 16)))


def _at(options: Sequence[tuple[T, float]], draw: float) -> T:
    left = draw * sum(share for _, share in options)
    for option, share in options:
        left -= share
        if left < 0:
            return option
    return options[-1][0]


def _age(group: Group, draw: float) -> float:
    """Whole years; whole months below two."""
    age = group.min_age + draw * (group.max_age - group.min_age)
    return float(int(age)) if age >= 2 else int(age * 12) / 12
