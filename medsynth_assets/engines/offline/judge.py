"""The scenario judge, offline: rules of medicine that a draft must not break, each with its feedback."""

from collections.abc import Iterator

from medsynth_assets.clinical.drugs import drugs_in
from medsynth_assets.clinical.family import below_age
from medsynth_assets.engines.offline.background import background
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.records.scenario import Prescription, Scenario
from medsynth_assets.records.verdict import Verdict


def judge(case: Case, scenario: Scenario) -> Verdict:
    """Correct where no rule is broken; plausible where age, sex and results agree with the code."""
    wrong = list(_medical_faults(case, scenario))
    odd = list(_implausibilities(case, scenario))
    return Verdict(medically_correct=not wrong, plausible=not odd, feedback=[*wrong, *odd])


def _medical_faults(case: Case, scenario: Scenario) -> Iterator[str]:
    history = scenario.medical_history
    allergic = {label for a in background().allergies if a.note in history.allergies for label in a.bars}
    conditions = {c.lower() for c in history.chronic_conditions}
    for order in scenario.medical_outcome.prescriptions:
        avoid = _avoid(case, order)
        if avoid & allergic or any(drug.is_allergen(allergic) for drug in drugs_in(order.drug)):
            yield f"{order.drug} is prescribed against an allergy, choose another drug: {order.drug}"
        elif avoid & conditions:
            yield f"{order.drug} is prescribed against a condition of the patient, choose another: {order.drug}"
    classes = [_class(case, o) for o in scenario.medical_outcome.prescriptions if o.action != "stop"]
    for name in {c for c in classes if c and classes.count(c) > 1}:
        yield f"two drugs of one class are prescribed, keep one: {name}"
    if scenario.medical_outcome.diagnosis != case.plan.icd.description:
        yield f"the diagnosis is not the one of the code: {case.plan.icd.description}"


def _implausibilities(case: Case, scenario: Scenario) -> Iterator[str]:
    age = scenario.demographics.age_years
    if not case.family.min_age <= age < below_age(case.family.max_age):
        yield f"age {age:g} does not fit the condition: {case.family.min_age:g} to {case.family.max_age:g}"
    if case.family.sex and scenario.demographics.gender != case.family.sex:
        yield f"the condition does not occur in this sex: {case.family.sex}"
    reported = {*scenario.symptom_description.main_symptoms, *scenario.symptom_description.associated_symptoms}
    for term in reported & set(scenario.symptom_description.denied_symptoms):
        yield f"a symptom is both reported and denied: {term}"


def _avoid(case: Case, order: Prescription) -> set[str]:
    return {word for m in case.family.medications if m.drug == order.drug for word in m.avoid}


def _class(case: Case, order: Prescription) -> str:
    return next((m.drug_class for m in case.family.medications if m.drug == order.drug), "")
