"""Drugs of a scenario: which are taken already, which are started or stepped up, and how much is dispensed."""

import math
import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from medsynth_assets.clinical.family import Medication, State
from medsynth_assets.engines.offline.background import dispensing
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import Prescription

Action = Literal["start", "continue", "increase", "change", "stop"]
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


class Drugs(NamedTuple):
    """What the patient takes on arrival, as charted, and what the plan prescribes."""

    current: list[str]
    prescriptions: list[Prescription]


def prescribe(case: Case, chooser: Chooser, excluded: Iterable[str]) -> Drugs:
    """Choose by state: new starts first line, worse steps up, stable continues.

    excluded: allergies, conditions and drug names that the judge has objected to, lower case.
    """
    barred = {word.lower() for word in excluded}
    usable = [m for m in case.open(case.family.medications) if not barred & {m.drug.lower(), *m.avoid}]
    first = [m for m in usable if m.line == 1]
    second = [m for m in usable if m.line == 2]
    relief = [m for m in usable if m.line == 0]
    current: list[str] = []
    plan: list[Prescription] = []
    chosen = chooser.weighted(first) if first else None
    if chosen and case.state is State.NEW:
        plan.append(_order(case, chosen, 0, "start"))
    elif chosen and "ongoing" in chosen.duration:
        level = chooser.whole(0, len(chosen.doses) - 1)
        current.append(sig(chosen, chosen.doses[level]))
        plan += _continued(case, chooser, chosen, level, second)
    elif chosen and case.state is State.WORSE:  # a course of treatment that did not do it
        plan.append(_order(case, chooser.weighted(second) if second else chosen, 0, "start"))
    if relief and case.state is not State.STABLE and (not plan or chooser.chance(0.5)):
        plan.append(_order(case, chooser.weighted(relief), 0, "start"))
    return Drugs(current, plan)


def _continued(
    case: Case, chooser: Chooser, chosen: Medication, level: int, second: list[Medication]
) -> list[Prescription]:
    if case.state is State.STABLE:
        return [_order(case, chosen, level, "continue")]
    if level + 1 < len(chosen.doses) and (not second or chooser.chance(0.6)):
        return [_order(case, chosen, level + 1, "increase")]
    added = [m for m in second if m.drug_class != chosen.drug_class]
    orders = [_order(case, chosen, level, "continue")]
    if added:
        orders.append(_order(case, chooser.weighted(added), 0, "start"))
    return orders


def _order(case: Case, drug: Medication, level: int, action: Action) -> Prescription:
    frequency, duration = drug.frequency[0], drug.duration[0]
    return Prescription(
        action=action,
        drug=drug.drug,
        dose=drug.doses[level],
        form=drug.form,
        route=case.written(drug.route),
        frequency=frequency,
        duration=duration,
        quantity=quantity(drug.form, frequency, duration),
        purpose=case.written(drug.purpose),
    )


def sig(drug: Medication, dose: str) -> str:
    """A current medication as charted: `lisinopril 10 mg by mouth once daily`."""
    return f"{drug.drug} {dose} {drug.route} {drug.frequency[0]}"


def quantity(form: str, frequency: str, duration: str) -> str:
    """Units dispensed: doses a day times days for counted forms, else the usual container."""
    table = dispensing()
    if form in table["counted_forms"]:
        count = max(1, math.ceil(table["doses_per_day"].get(frequency, 1) * days(duration) - 1e-3))
        return f"{count} {table['counted_forms'][form] if count > 1 else form}"
    kind = next((kind for kind in table["containers"] if form.endswith(kind)), "")
    return str(table["containers"].get(kind, f"1 {form}"))


def days(duration: str) -> int:
    """Length of a course in days; an ongoing drug is dispensed for the usual 90."""
    match = re.match(r"(\d+)\s*(day|week|month|year)", duration)
    return int(match.group(1)) * _DAYS[match.group(2)] if match else int(dispensing()["ongoing_days"])
