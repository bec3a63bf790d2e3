"""Fidelity: whether the patients are the ones that were planned, in every group, and fit their codes.

Planned is what prevalence by group says of the codes that were made (reference/population.py), each code with the weight of
its accepted records; realised is marts.encounters.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import polars as pl

from medsynth_assets.evaluation.cells import AXES, Cell, age_band, cell_shares, margin
from medsynth_assets.evaluation.distances import Floats, chance_divergence, correlation_drift, kullback_leibler
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.reading import Planned, Rate
from medsynth_assets.evaluation.sampling import Keyed, limits, lowest
from medsynth_assets.evaluation.sampling_plans import sampling_plans

_D = Dimension.FIDELITY
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
    yield from sampling_plans(planned)


def _cells(frame: pl.DataFrame) -> list[Cell]:
    rows = frame.select("sex", "age_years", "ethnicity", "english_proficiency").rows()
    return [(sex, age_band(age), ethnicity, english) for sex, age, ethnicity, english in rows]


def _planned_shares(planned: Mapping[str, Planned]) -> dict[Cell, float]:
    """The share of each sex x age x ethnicity x language that the accepted records should have."""
    found: defaultdict[Cell, float] = defaultdict(float)
    total = sum(of.accepted for of in planned.values())
    for of in planned.values():
        for cell, share in cell_shares(of.population).items():
            found[cell] += share * of.accepted / total
    return dict(found)


def _divergences(realised: Mapping[Cell, float], shares: Shares) -> Iterator[Figure]:
    """KL of each margin and of all together; the reference is what as many random draws from the plan come to."""
    count = int(sum(realised.values()))
    for axes in ((0,), (1,), (2,), (3,), (0, 1), (0, 1, 2, 3)):
        name = " × ".join(AXES[axis] for axis in axes)
        one, plan = margin(realised, axes), margin(shares, axes)
        yield Figure(
            _D, "divergence", "", name, kullback_leibler(one, plan), chance_divergence(plan, count), size=count
        )


def _groups(realised: Mapping[Cell, float], shares: Shares) -> Iterator[Figure]:
    """Planned beside realised shares of each group, and KL of the other variables inside each group."""
    count = sum(realised.values())
    for axis, name in enumerate(AXES):
        one, plan = margin(realised, (axis,)), margin(shares, (axis,))
        for (level,), share in sorted(plan.items()):
            yield Figure(
                _D, "group_share", name, level, one.get((level,), 0.0) / count, share, size=int(one.get((level,), 0))
            )
        others = tuple(other for other in range(len(AXES)) if other != axis)
        for (level,) in sorted(plan):
            inside = margin({c: v for c, v in realised.items() if c[axis] == level}, others)
            wanted = margin({c: v for c, v in shares.items() if c[axis] == level}, others)
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
        one, plan = margin(realised, axes), margin(shares, axes)
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
