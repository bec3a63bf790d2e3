"""Vital signs: usual ranges by age, replaced by the family's while the condition is active."""

from functools import cache
from typing import Any

from medsynth_assets.clinical.family import State
from medsynth_assets.engines.offline.background import load_data
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import Vitals

_SIGNS = ("systolic", "diastolic", "pulse", "respirations", "temperature", "spo2", "bmi")
_LEAST_PULSE_PRESSURE = 30  # mmHg; below it a reading would be a finding of its own


@cache
def _usual() -> list[dict[str, Any]]:
    bands: list[dict[str, Any]] = load_data("vital_ranges.yaml")
    return bands


def vitals(case: Case, chooser: Chooser) -> Vitals:
    """One set of vital signs that fits the patient's age and how the condition stands."""
    usual = next(band for band in _usual() if case.age <= band["ages"][1])
    measured: dict[str, float | None] = {}
    for sign in _SIGNS:
        own = getattr(case.family.vitals, sign) if case.state is not State.STABLE or sign == "bmi" else None
        limits = own if own and usual[sign] else usual[sign]
        decimals = 1 if sign in ("temperature", "bmi") else 0
        measured[sign] = chooser.between(limits[0], limits[1], decimals) if limits else None
    systolic, diastolic = _whole(measured["systolic"]), _whole(measured["diastolic"])
    if systolic is not None and diastolic is not None:
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
