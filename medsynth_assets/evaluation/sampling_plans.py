"""Group-conditioned sampling on and off: whom three ways to draw patients would bring, no text being written for them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.evaluation.cells import Cell, age_band, cell_shares, margin
from medsynth_assets.evaluation.distances import kullback_leibler
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.reading import Planned
from medsynth_assets.evaluation.sampling import limits, place
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Population

_D = Dimension.FIDELITY
Draw = Callable[[str, int], Cell]  # of a code and an ordinal


def sampling_plans(planned: Mapping[str, Planned]) -> list[Figure]:
    """KL from the codes' populations, overall and within codes, and the share of patients that their code does not admit.

    stratified: the low-discrepancy plan from each code's own population, as generation does. random: independent draws from it.
    unconditioned: independent draws that know nothing of the code, from the patients of all codes together.
    """
    slots = int(limits()["plan_slots"])
    cells = {code: cell_shares(of.population) for code, of in planned.items()}
    everyone: defaultdict[Cell, float] = defaultdict(float)
    for shares in cells.values():
        for cell, share in shares.items():
            everyone[cell] += share / len(cells)
    draws: dict[str, Draw] = {
        "stratified": lambda code, ordinal: _planned_cell(code, planned[code].population, ordinal),
        "random": lambda code, ordinal: _drawn(cells[code], f"{code}/{ordinal}"),
        "unconditioned": lambda code, ordinal: _drawn(everyone, f"any/{code}/{ordinal}"),
    }
    found: list[Figure] = []
    for name, draw in draws.items():
        of_code = {code: [draw(code, ordinal) for ordinal in range(1, slots + 1)] for code in planned}
        every = [(code, cell) for code, drawn in of_code.items() for cell in drawn]
        overall = kullback_leibler(Counter(cell for _, cell in every), everyone)
        within = [
            kullback_leibler(margin(Counter(drawn), (0, 1)), margin(cells[code], (0, 1)))
            for code, drawn in of_code.items()
        ]
        impossible = sum(not cells[code].get(cell) for code, cell in every)
        found += [
            Figure(_D, "plan_divergence", "overall", name, overall, size=len(every)),
            Figure(_D, "plan_divergence", "within codes, sex × age", name, float(np.mean(within)), size=len(within)),
            Figure(_D, "plan_violations", "", name, impossible / len(every), size=len(every)),
        ]
    return sorted(found, key=lambda figure: (figure.measure, figure.subject))


def _planned_cell(code: str, population: Population, ordinal: int) -> Cell:
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
