"""A scenario as plain sentences under headings, so that the checks of notes hold for it too."""

from collections.abc import Iterator

from medsynth_assets.records.scenario import Investigation, Scenario, Vitals


def scenario_text(scenario: Scenario) -> str:
    """Every statement that a check may judge, in the part of a note it belongs to."""
    return "\n".join(line for line in _lines(scenario) if line)


def _lines(scenario: Scenario) -> Iterator[str]:
    told, past, outcome = scenario.symptom_description, scenario.medical_history, scenario.medical_outcome
    who = scenario.demographics
    yield f"Subjective:\n{told.chief_complaint}."
    if who.age_years >= 2:
        yield f"{who.age_years:g}-year-old {who.gender}."
    yield _sentences([*told.main_symptoms, *told.associated_symptoms, *told.details])
    yield _listed("Past medical history", [*past.chronic_conditions, *past.previous_diagnoses])
    yield _listed("Medications", past.current_medications)
    yield _listed("Allergies", past.allergies)
    yield _listed("Family history", past.family_history)
    yield "Objective:"
    yield ", ".join(_vitals(scenario.physical_examination.vitals))
    yield _sentences([f"{f.system}: {f.finding}" for f in scenario.physical_examination.findings])
    yield _listed("Results", [_result(test) for test in scenario.investigations if test.status == "reviewed"])
    yield f"Assessment:\n{outcome.diagnosis}.\n{outcome.assessment}"
    yield _sentences([f"{p.name}. {p.assessment}" for p in outcome.other_problems])
    yield "Plan:"
    for order in outcome.prescriptions:
        yield f"{order.action.capitalize()} {order.drug} {order.dose} {order.route} {order.frequency} for {order.purpose}."
    yield _sentences([*outcome.treatments, *[p.plan for p in outcome.other_problems], *outcome.lifestyle_advice])
    yield _sentences([f"Refer to {r.specialty} for {r.reason}" for r in outcome.referrals])
    yield _sentences([f"Order {o.panel}" for o in outcome.laboratory_orders])
    yield _sentences([f"Order {i.modality} {i.body_area}" for i in outcome.imaging_orders])
    yield _sentences([*outcome.return_precautions, f"Follow up in {outcome.follow_up}"])


def _sentences(items: list[str]) -> str:
    return "\n".join(f"{item.rstrip('.')}." for item in items if item)


def _listed(heading: str, items: list[str]) -> str:
    return f"{heading}: {'; '.join(items)}." if items else ""


def _vitals(taken: Vitals) -> Iterator[str]:
    if taken.systolic_mmhg is not None:
        yield f"BP {taken.systolic_mmhg}/{taken.diastolic_mmhg} mmHg"
    for name, value, unit in (
        ("heart rate", taken.pulse_bpm, ""), ("respiratory rate", taken.respirations_bpm, ""),
        ("temperature", taken.temperature_f, " °F"), ("SpO2", taken.spo2_percent, "%"), ("BMI", taken.bmi, ""),
    ):  # fmt: skip
        if value is not None:
            yield f"{name} {value:g}{unit}"


def _result(test: Investigation) -> str:
    reference = f" ({test.flag}; reference {test.reference})" if test.reference else ""
    return f"{test.name} {test.result} {test.unit}{reference}" if test.reference else f"{test.name}: {test.result}"
