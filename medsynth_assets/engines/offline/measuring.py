"""Vital signs: usual ranges by age, replaced by the condition's own while it is active."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from medsynth_assets.clinical.family import State
from medsynth_assets.engines.offline.background import load_data
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import Vitals

_MEASURED = {  # share of visits at which a sign that is not in question is taken
    "blood_pressure": 0.95, "pulse": 0.92, "respirations": 0.6, "temperature": 0.7, "spo2": 0.6, "bmi": 0.5,
}  # fmt: skip
_SIGNS = ("systolic", "diastolic", "pulse", "respirations", "temperature", "spo2", "bmi")
_LEAST_PULSE_PRESSURE = 30  # mmHg; below it a reading would be a finding of its own


@cache
def _usual() -> list[dict[str, Any]]:
    bands: list[dict[str, Any]] = load_data("vital_ranges.yaml")
    return bands


def vitals(case: Case, builds: Sequence[tuple[float, float]], chooser: Chooser) -> Vitals:
    """One set of vital signs that fits the patient's age and how the condition stands.

    builds: ranges of body mass index, kg/m2, that go with the patient's other conditions.
    """
    usual = next(band for band in _usual() if case.age <= band["ages"][1])
    taken = {sign for sign, share in _MEASURED.items() if chooser.chance(share)}
    taken |= {"systolic", "diastolic"} if "blood_pressure" in taken else set()
    measured: dict[str, float | None] = {}
    for sign in _SIGNS:
        own = getattr(case.family.vitals, sign) if case.state is not State.STABLE or sign == "bmi" else None
        if sign == "bmi" and builds and not own:
            own = builds[0]
        limits = own if own and usual[sign] else usual[sign]
        decimals = 1 if sign in ("temperature", "bmi") else 0
        value = chooser.between(limits[0], limits[1], decimals) if limits else None
        measured[sign] = value if own or sign in taken else None
    systolic, diastolic = _whole(measured["systolic"]), _whole(measured["diastolic"])
    if systolic is None or diastolic is None:
        systolic = diastolic = None
    else:
        diastolic = min(diastolic, systolic - _LEAST_PULSE_PRESSURE)
    return Vitals(
        systolic_mmhg=systolic,
        diastolic_mmhg=diastolic,
        pulse_bpm=_whole(measured["pulse"]),
        respirations_bpm=_whole(measured["respirations"]),
        temperature_f=measured["temperature"],
        spo2_percent=_whole(measured["spo2"]),
        bmi=measured["bmi"],
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
