"""Fidelity: whether the patients are the ones that were planned, in every group, and fit their codes.

Planned is what prevalence by group says of the codes that were made (reference/population.py), each code with the weight of
its accepted records; realised is marts.encounters.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise, product

import numpy as np
import polars as pl

from medsynth_assets.agents.planning import english_shares, plan_slot
from medsynth_assets.evaluation.distances import Floats, chance_divergence, correlation_drift, kullback_leibler
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.reading import Planned, Rate
from medsynth_assets.evaluation.sampling import Keyed, limits, lowest, place
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group, Population

_D = Dimension.FIDELITY
_BANDS = (0, 18, 45, 65, 200)  # years: children, younger, middle-aged, older adults
BAND_NAMES = ("0–17", "18–44", "45–64", "65+")
AXES = ("sex", "age", "ethnicity", "language")
Cell = tuple[str, ...]
Shares = Mapping[Cell, float]

VITALS = (
    "systolic_mmhg", "diastolic_mmhg", "pulse_bpm", "respirations_bpm", "temperature_f", "spo2_percent", "bmi",
)  # fmt: skip
_STRUCTURED = ("age_years", *VITALS, "laboratory_count", "prescription_count", "medication_count", "condition_count")


def fidelity(
    encounters: pl.DataFrame, planned: Mapping[str, Planned], rates: list[Rate], failing: Mapping[str, int]
) -> Iterator[Figure]:
    """The figures of fidelity.

    rates: of the checks of sex, age and code, over all that was made; failing: accepted pairs that fail them, by check.
    """
    accepted = encounters.filter("is_accepted")
    realised = Counter(_cells(accepted))
    shares = _planned_shares(planned)
    yield from _divergences(realised, shares)
    yield from _groups(realised, shares)
    yield from _representation(realised, shares)
    yield from _violations(rates, failing)
    yield from _dimensionality(realised, shares)
    yield from _drift(encounters)
    yield from _sampling_plans(planned)


def _cells(frame: pl.DataFrame) -> list[Cell]:
    rows = frame.select("sex", "age_years", "ethnicity", "english_proficiency").rows()
    return [(sex, age_band(age), ethnicity, english) for sex, age, ethnicity, english in rows]


def age_band(age: float) -> str:
    """The band of an age in years."""
    return BAND_NAMES[int(np.searchsorted(_BANDS, age, "right")) - 1]


def _planned_shares(planned: Mapping[str, Planned]) -> dict[Cell, float]:
    """The share of each sex x age x ethnicity x language that the accepted records should have."""
    found: defaultdict[Cell, float] = defaultdict(float)
    total = sum(of.accepted for of in planned.values())
    for of in planned.values():
        for cell, share in cell_shares(of.population).items():
            found[cell] += share * of.accepted / total
    return dict(found)


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


def _margin(cells: Mapping[Cell, float], axes: tuple[int, ...]) -> dict[Cell, float]:
    found: defaultdict[Cell, float] = defaultdict(float)
    for cell, value in cells.items():
        found[tuple(cell[axis] for axis in axes)] += value
    return dict(found)


def _divergences(realised: Mapping[Cell, float], shares: Shares) -> Iterator[Figure]:
    """KL of each margin and of all together; the reference is what as many random draws from the plan come to."""
    count = int(sum(realised.values()))
    for axes in ((0,), (1,), (2,), (3,), (0, 1), (0, 1, 2, 3)):
        name = " × ".join(AXES[axis] for axis in axes)
        one, plan = _margin(realised, axes), _margin(shares, axes)
        yield Figure(
            _D, "divergence", "", name, kullback_leibler(one, plan), chance_divergence(plan, count), size=count
        )


def _groups(realised: Mapping[Cell, float], shares: Shares) -> Iterator[Figure]:
    """Planned beside realised shares of each group, and KL of the other variables inside each group."""
    count = sum(realised.values())
    for axis, name in enumerate(AXES):
        one, plan = _margin(realised, (axis,)), _margin(shares, (axis,))
        for (level,), share in sorted(plan.items()):
            yield Figure(
                _D, "group_share", name, level, one.get((level,), 0.0) / count, share, size=int(one.get((level,), 0))
            )
        others = tuple(other for other in range(len(AXES)) if other != axis)
        for (level,) in sorted(plan):
            inside = _margin({c: v for c, v in realised.items() if c[axis] == level}, others)
            wanted = _margin({c: v for c, v in shares.items() if c[axis] == level}, others)
            size = int(sum(inside.values()))
            if size:
                value, chance = kullback_leibler(inside, wanted), chance_divergence(wanted, size)
                yield Figure(_D, "divergence_within_group", name, level, value, chance, size=size)


def _representation(realised: Mapping[Cell, float], shares: Shares) -> Iterator[Figure]:
    """Small groups: realised over planned records of the least represented ones, and how many stay below the floor."""
    count = sum(realised.values())
    rules = limits()["representation"]
    ratios = {
        cell: realised.get(cell, 0.0) / (share * count)
        for cell, share in shares.items()
        if share * count >= rules["least_planned"]
    }
    below = sum(ratio < rules["floor_frac"] for ratio in ratios.values())
    yield Figure(_D, "groups_below_floor", "sex × age × ethnicity × language", "", below, size=len(ratios))
    for cell, ratio in sorted(ratios.items(), key=lambda item: item[1])[:12]:
        yield Figure(
            _D, "representation", "sex × age × ethnicity × language", ", ".join(cell), ratio, 1.0,
            size=int(realised.get(cell, 0)),
        )  # fmt: skip


def _violations(rates: list[Rate], failing: Mapping[str, int]) -> Iterator[Figure]:
    for rate in rates:
        yield Figure(_D, "violations", "accepted", rate.check, failing.get(rate.check, 0), size=rate.judged)
        yield Figure(_D, "violations_made", "all made", rate.check, rate.failed, size=rate.judged)


def _dimensionality(realised: Mapping[Cell, float], shares: Shares) -> Iterator[Figure]:
    """KL of the joint distribution of the first 1, 2, 3, 4 variables."""
    count = int(sum(realised.values()))
    for size in range(1, len(AXES) + 1):
        axes = tuple(range(size))
        one, plan = _margin(realised, axes), _margin(shares, axes)
        yield Figure(
            _D,
            "divergence_by_dimensions",
            "",
            str(size),
            kullback_leibler(one, plan),
            chance_divergence(plan, count),
            size=count,
        )


def _drift(encounters: pl.DataFrame) -> Iterator[Figure]:
    """Correlations of the structured side as variables are added: accepted against all that were made, beside two random halves
    of the accepted. Vital signs that were not taken count as the column's mean."""
    wide = encounters.select(
        "record_id", "is_accepted", *(pl.col(c).fill_null(pl.col(c).mean()).fill_null(0.0) for c in _STRUCTURED)
    )
    everyone = wide.select(_STRUCTURED).to_numpy()
    accepted = wide.filter("is_accepted")
    values = accepted.select(_STRUCTURED).to_numpy()
    order = lowest((Keyed(id_, n) for n, id_ in enumerate(accepted["record_id"])), len(accepted))
    for size in range(2, len(_STRUCTURED) + 1):
        halves: tuple[Floats, Floats] = (values[order[::2], :size], values[order[1::2], :size])
        if min(map(len, halves)) > 2:
            drift = correlation_drift(values[:, :size], everyone[:, :size])
            yield Figure(
                _D,
                "correlation_drift",
                "accepted against all made",
                str(size),
                drift,
                correlation_drift(*halves),
                size=len(values),
            )


def _sampling_plans(planned: Mapping[str, Planned]) -> Iterator[Figure]:
    """Group-conditioned sampling on and off: KL of what three ways to draw patients would realise, no text being written.

    stratified: the low-discrepancy plan from each code's own population, as generation does. random: independent draws from it.
    unconditioned: independent draws that know nothing of the code, from the patients of all codes together.
    """
    slots = int(limits()["plan_slots"])
    cells = {code: cell_shares(of.population) for code, of in planned.items()}
    target: defaultdict[Cell, float] = defaultdict(float)
    for shares in cells.values():
        for cell, share in shares.items():
            target[cell] += share / len(cells)
    draws: dict[str, Callable[[str, int], Cell]] = {
        "stratified": lambda code, ordinal: _plan_cell(code, planned[code].population, ordinal),
        "random": lambda code, ordinal: _drawn(cells[code], f"{code}/{ordinal}"),
        "unconditioned": lambda code, ordinal: _drawn(target, f"any/{code}/{ordinal}"),
    }
    for name, draw in draws.items():
        drawn = [(code, draw(code, ordinal)) for code, ordinal in product(planned, range(1, slots + 1))]
        realised = Counter(cell for _, cell in drawn)
        yield Figure(_D, "plan_divergence", "overall", name, kullback_leibler(realised, target), size=len(drawn))
        within = [
            kullback_leibler(Counter(cell[:2] for _, cell in drawn[n : n + slots]), _margin(cells[code], (0, 1)))
            for n, (code, _) in zip(range(0, len(drawn), slots), drawn[::slots], strict=True)
        ]
        yield Figure(_D, "plan_divergence", "within codes, sex × age", name, float(np.mean(within)), size=len(within))
        impossible = sum(not cells[code].get(cell) for code, cell in drawn)
        yield Figure(_D, "plan_violations", "", name, impossible / len(drawn), size=len(drawn))


def _plan_cell(code: str, population: Population, ordinal: int) -> Cell:
    facts = CodeFacts(
        code=code,
        description="",
        category=code[:3],
        chapter="",
        inclusion_terms=[],
        episode="",
        release_id="",
        row_hash="",
    )
    plan = plan_slot(facts, ordinal, population, int(limits()["seed"]))
    return plan.sex, age_band(plan.age_years), plan.ethnicity, plan.english_proficiency


def _drawn(shares: Mapping[Cell, float], key: str) -> Cell:
    left = place(key) / 2**64 * sum(shares.values())
    for cell, share in shares.items():
        left -= share
        if left < 0:
            return cell
    return next(reversed(list(shares)))
