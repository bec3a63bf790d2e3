"""Objective of the offline note writer: vital signs, examination, results in hand."""

from medsynth_assets.engines.offline.charting import Charting
from medsynth_assets.engines.offline.wording import paragraph
from medsynth_assets.records.scenario import Investigation, Vitals

_FORMS = (  # how one clinician writes each sign: blood pressure, pulse, breaths, temperature, saturation, body mass
    ("BP {bp} mmHg", "heart rate {hr}", "respiratory rate {rr}", "temperature {t} °F", "SpO2 {o2}% on room air", "BMI {bmi} kg/m2"),
    ("BP {bp}", "HR {hr}", "RR {rr}", "T {t} F", "SpO2 {o2}% RA", "BMI {bmi}"),
    ("blood pressure {bp}", "pulse {hr}", "respirations {rr}", "temp {t} °F", "O2 sat {o2}%", "body mass index {bmi}"),
    ("BP: {bp}", "P: {hr}", "R: {rr}", "T: {t} °F", "O2: {o2}%", "BMI: {bmi}"),
    ("BP {bp} mmHg", "pulse {hr}/min", "RR {rr}/min", "temp {t}F", "oxygen saturation {o2}% on room air", "BMI {bmi}"),
)  # fmt: skip
_ORDERS = ((0, 1, 2, 3, 4, 5), (3, 0, 1, 2, 4, 5), (5, 0, 1, 3, 2, 4), (3, 1, 2, 0, 4, 5), (0, 1, 3, 4, 2, 5))


def objective(chart: Charting) -> str:
    exam = chart.scenario.physical_examination
    signs = _vitals(chart, exam.vitals)
    parts = [chart.say("vitals", vitals=", ".join(signs))] if signs else []
    findings = [f"{_system(chart, f.system)}: {f.finding}." for f in exam.findings]
    parts += _arranged(chart, findings)
    reviewed = [result(test, chart) for test in chart.scenario.investigations if test.status == "reviewed"]
    if reviewed and chart.exam_list == "bulleted":
        parts += [f"• {text}." for text in reviewed]
    elif reviewed:
        parts.append(chart.say("results", results="; ".join(reviewed)))
    return "\n".join(part for part in parts if part)


def _vitals(chart: Charting, taken: Vitals) -> list[str]:
    forms = chart.chooser.one(_FORMS)
    values = (
        taken.systolic_mmhg and {"bp": f"{taken.systolic_mmhg}/{taken.diastolic_mmhg}"},
        taken.pulse_bpm and {"hr": taken.pulse_bpm},
        taken.respirations_bpm and {"rr": taken.respirations_bpm},
        taken.temperature_f and {"t": f"{taken.temperature_f:.1f}"},
        taken.spo2_percent and {"o2": taken.spo2_percent},
        taken.bmi and {"bmi": f"{taken.bmi:.1f}"},
    )
    return [forms[n].format_map(value) for n in chart.chooser.one(_ORDERS) if (value := values[n])]


def _system(chart: Charting, system: str) -> str:
    return system.upper() if chart.headings["CC"].isupper() else system[:1].upper() + system[1:]


def _arranged(chart: Charting, findings: list[str]) -> list[str]:
    if chart.exam_list == "prose":
        return [paragraph(findings)]
    return [f"• {finding}" for finding in findings] if chart.exam_list == "bulleted" else findings


def result(test: Investigation, chart: Charting) -> str:
    """`LDL cholesterol 159 mg/dL (high; reference < 130)`, or `ECG: sinus rhythm`."""
    if not test.reference:
        return f"{test.name}: {test.result}"
    off = test.flag in ("high", "low")
    shown = f"{test.name} {test.result} {test.unit}".rstrip()
    form = chart.chooser.one(("full", "full", "flag", "short"))
    if form == "flag" and off:
        return f"{shown} ({test.flag})"
    if form == "short":
        return f"{shown}, {test.flag} (ref {test.reference})" if off else f"{shown} ({test.flag})"
    return f"{shown} ({test.flag + '; ' if off else ''}reference {test.reference})"
