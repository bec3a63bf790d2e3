"""Charted shorthand read aloud: doses, schedules, vital signs."""

import re

from medsynth_assets.engines.offline.background import dispensing
from medsynth_assets.records.scenario import Investigation, Vitals

_UNITS = (
    (r"(?<=\d) ?mg\b", " milligrams"),
    (r"(?<=\d) ?mcg\b", " micrograms"),
    (r"(?<=\d) ?mL\b", " milliliters"),
    (r"(?<=\d) ?g\b", " grams"),
    (r"(?<=\d) ?%", " percent"),
)
_FLAGS = {"high": "high", "low": "low", "normal": "normal"}
_RELATIVES = {"mother": "mom", "father": "dad", "grandmother": "grandma", "grandfather": "grandpa"}
_HIGH_SYSTOLIC, _HIGH_DIASTOLIC, _FEVER_F, _FAST_PULSE, _LOW_SPO2 = 140, 90, 100.4, 100, 94


def dose(text: str) -> str:
    """`10 mg` as `10 milligrams`."""
    for pattern, word in _UNITS:
        text = re.sub(pattern, word, text)
    return text


def schedule(frequency: str) -> str:
    """`twice daily` as `twice a day`."""
    return str(dispensing()["spoken"].get(frequency, frequency))


def sig(charted: str) -> str:
    """A current medication, `lisinopril 10 mg by mouth once daily`, as a patient says it."""
    text = charted.replace(" by mouth", "")
    for frequency in sorted(dispensing()["spoken"], key=len, reverse=True):
        if text.endswith(frequency):
            text = f"{text.removesuffix(frequency).strip()}, {schedule(frequency)}"
            break
    else:
        text = re.sub(
            r" (daily|nightly)$", lambda m: {"daily": ", once a day", "nightly": ", at night"}[m.group(1)], text
        )
    return dose(text)


def relative(history: str) -> str:
    """`father with stroke` as `dad had a stroke`."""
    who, _, what = history.partition(" with ")
    what = re.sub(r"^(?=stroke\b)", "a ", what)
    who = _RELATIVES.get(who, who)
    return f"{who} had {what}" if what else history


def vitals(taken: Vitals) -> list[str]:
    said = []
    if taken.systolic_mmhg is not None:
        said.append(f"blood pressure {taken.systolic_mmhg} over {taken.diastolic_mmhg}")
    if taken.pulse_bpm is not None:
        said.append(f"heart rate {taken.pulse_bpm}")
    if taken.respirations_bpm is not None:
        said.append(f"breathing rate {taken.respirations_bpm}")
    if taken.temperature_f is not None:
        said.append(f"temperature {taken.temperature_f:.1f}")
    if taken.spo2_percent is not None:
        said.append(f"oxygen {taken.spo2_percent} percent on room air")
    if taken.bmi is not None:
        said.append(f"BMI {taken.bmi:.1f}")
    return said


def are_off(taken: Vitals, age_years: float) -> bool:
    """Whether an adult's vital signs want a word; a child's are judged against age elsewhere."""
    fever = (taken.temperature_f or 0) >= _FEVER_F
    if age_years < 18:
        return fever
    return (
        fever
        or (taken.systolic_mmhg or 0) >= _HIGH_SYSTOLIC
        or (taken.diastolic_mmhg or 0) >= _HIGH_DIASTOLIC
        or (taken.pulse_bpm or 0) > _FAST_PULSE
        or (taken.spo2_percent or 100) < _LOW_SPO2
    )


def value(test: Investigation) -> str:
    """A number with its unit as it is said; the unit of a plain percentage only."""
    return f"{test.result} percent" if test.unit == "%" else test.result


def flag(test: Investigation) -> str:
    return _FLAGS.get(test.flag, "not normal")
