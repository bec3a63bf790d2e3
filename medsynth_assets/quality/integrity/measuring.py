"""Vital signs and laboratory values: inside physiological limits, in known units, flagged as their reference says."""

import re
from collections.abc import Iterator
from functools import cache

from medsynth_assets.clinical.drugs import drug_names
from medsynth_assets.clinical.measurements import LaboratoryTest, VitalSign, laboratory_tests, vital_signs
from medsynth_assets.clinical.phrases import Phrases
from medsynth_assets.quality.integrity.chart import Chart
from medsynth_assets.quality.integrity.finding import Finding

_PRESSURE = re.compile(r"\b(?:BP|blood pressure)\b[^\d/.;]{0,30}(\d{2,3})\s*(?:/|over)\s*(\d{2,3})\b", re.IGNORECASE)
_LEAST_PULSE_PRESSURE = 10  # mmHg; below it a reading is a slip of the pen
_VALUE = r"(?:\s*(?:is|was|of|at|:|=|came back(?: at)?|measured|today))*\s*(?P<value>\d{1,6}(?:,\d{3})*(?:\.\d+)?)(?![\d/-])(?!\s*(?:feet|foot|ft|['’′]))"
_UNIT = r"\s*(?P<unit>mm/hr|mL/min/1\.73 ?m2|mL/min|[a-zA-Zµ%]+(?:/[a-zA-Z0-9µ.]+)*)?"
_VITAL = re.compile(rf"{_VALUE}(?P<unit>\s*°?\s*[A-Za-z%]+(?:/[A-Za-z0-9]+)?)?")
_RESULT = re.compile(rf"{_VALUE}{_UNIT}")
_EXACT = 3  # names of up to so many letters are taken as written: `P`, `RR`, `Na`
_REFERENCE = re.compile(
    r"\((?:(?P<flag>high|low|normal|elevated|abnormal)[;,] )?(?:reference|ref)\.?:? (?P<range>[<>]? ?[\d.,]+(?:\s*-\s*[\d.,]+)?)\)|"
    r", (?P<flag2>high|low|normal) \(ref (?P<range2>[<>]? ?[\d.,]+(?:\s*-\s*[\d.,]+)?)\)",
    re.IGNORECASE,
)


def measurements(chart: Chart) -> Iterator[Finding]:
    for sentence in chart.sentences:
        text = sentence.text
        yield from _pressure(text)
        yield from _vitals(text)
        if sentence.section != "plan":
            yield from _laboratory(text)


def _pressure(text: str) -> Iterator[Finding]:
    for match in _PRESSURE.finditer(text):
        systolic, diastolic = int(match[1]), int(match[2])
        low, high = _limits("systolic blood pressure")
        if not low <= systolic <= high or systolic - diastolic < _LEAST_PULSE_PRESSURE:
            yield Finding("vitals_possible", text, f"{match.group()}: no blood pressure of a patient at a visit")


@cache
def _limits(name: str) -> tuple[float, float]:
    return next(sign.limits for sign in vital_signs() if sign.name == name)


@cache
def _vital_names() -> Phrases[tuple[VitalSign, ...]]:
    """Signs by name; one name may stand for several, told apart by their unit."""
    named: dict[str, tuple[VitalSign, ...]] = {}
    for sign in vital_signs():
        for name in (sign.name, *sign.aliases) if "blood pressure" not in sign.name else ():
            named[name] = (*named.get(name, ()), sign)
    return Phrases(named, _EXACT)


def _vitals(text: str) -> Iterator[Finding]:
    for found in _vital_names().find(text):
        match = _VITAL.match(text, found.end)
        if not match:
            continue
        value, unit = float(match["value"].replace(",", "")), (match["unit"] or "").strip()
        fitting = [sign for sign in found.meaning if not unit or _unit_fits(sign.unit, unit)]
        if fitting and not any(sign.limits[0] <= value <= sign.limits[1] for sign in fitting):
            sign = fitting[0]
            said = text[found.start : match.end()].strip()
            wanted = f"{sign.limits[0]:g} to {sign.limits[1]:g} {sign.unit}"
            yield Finding("vitals_possible", text, f"{said}: {sign.name} of a patient at a visit is {wanted}")


def _unit_fits(wanted: str, said: str) -> bool:
    one, other = (re.sub(r"[^a-z%]", "", unit.lower()) for unit in (wanted, said))
    return one[:1] == other[:1] if one and other else True


@cache
def _laboratory_names() -> Phrases[LaboratoryTest]:
    return Phrases({name: test for test in laboratory_tests() for name in (test.name, *test.aliases)}, _EXACT)


def _laboratory(text: str) -> Iterator[Finding]:
    for found in _laboratory_names().find(text):
        match = _RESULT.match(text, found.end)
        if not match:
            continue
        test, said = found.meaning, text[found.start : match.end()].strip()
        value, unit = float(match["value"].replace(",", "")), match["unit"] or ""
        known = _known_unit(test, unit)
        if known:
            low, high = test.units[known]
            if not low <= value <= high:
                reason = f"{said}: {test.name} of a patient at a visit is {low:g} to {high:g} {known}"
                yield Finding("laboratory_possible", text, reason)
        elif _looks_like_unit(unit) and not _is_drug(text, found.start):
            yield Finding("laboratory_unit_right", text, f"{said}: {test.name} is given in {' or '.join(test.units)}")
        yield from _flag(text, said, value, text[match.end() :])


def _is_drug(text: str, at: int) -> bool:
    """Whether a name at a place stands for a drug that is given, not for its level: `tacrolimus 3 mg`."""
    return any(found.start <= at < found.end for found in drug_names().find(text))


def _known_unit(test: LaboratoryTest, said: str) -> str | None:
    plain = _plain(said)
    for unit in test.units:
        if _plain(unit) == plain:
            return unit
    return None


def _plain(unit: str) -> str:
    return re.sub(r"[^a-z0-9%/]", "", unit.lower().replace("µ", "u").replace("mcg", "ug"))


def _looks_like_unit(text: str) -> bool:
    """A word after a number is a unit only where it is written like one."""
    return "/" in text or text in ("%", "mg", "g", "mmHg", "mEq", "ng", "pg")


def _flag(text: str, said: str, value: float, after: str) -> Iterator[Finding]:
    match = _REFERENCE.match(after.lstrip(" ")) or _REFERENCE.match(after)
    if not match:
        return
    flag = (match["flag"] or match["flag2"] or "normal").lower()
    low, high = _bounds(match["range"] or match["range2"])
    is_high, is_low = high is not None and value > high, low is not None and value < low
    right = "high" if is_high else "low" if is_low else "normal"
    if right != {"elevated": "high"}.get(flag, flag) and flag != "abnormal":
        yield Finding("laboratory_flag_right", text, f"{said} is {right} by the stated reference, not {flag}")


def _bounds(reference: str) -> tuple[float | None, float | None]:
    numbers = [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", reference)]
    if reference.strip().startswith("<"):
        return None, numbers[0]
    if reference.strip().startswith(">"):
        return numbers[0], None
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (None, None)
