"""Integrity checks against notes that are wrong in one way, and notes that are right."""

import pytest

from medsynth_assets.clinical.family import Sex
from medsynth_assets.quality.integrity.checking import CHECKS, integrity
from medsynth_assets.quality.integrity.finding import Subject
from medsynth_assets.quality.suites import written as suite

KNEE = Subject("S83.91XA", "Sprain of unspecified site of right knee, initial encounter", 37.0, Sex.FEMALE)
KNEE_LATER = Subject("S83.91XD", "Sprain of unspecified site of right knee, subsequent encounter", 37.0, Sex.FEMALE)
PREGNANT = Subject("Z34.01", "Encounter for supervision of normal first pregnancy, first trimester", 28.0, Sex.FEMALE)
THYROTOXIC = Subject("E05.90", "Thyrotoxicosis, unspecified without thyrotoxic crisis or storm", 61.0, Sex.MALE)
PRESSURE = Subject("I10", "Essential (primary) hypertension", 61.0, Sex.MALE)

RIGHT = """Subjective:
Mr. Otis Reed is a 61-year-old man with hypertension and hypothyroidism, here for a blood pressure visit. He quit smoking 12 years ago. \
He denies chest pain. His mother was diagnosed with diabetes at age 70.
Medications: lisinopril 20 mg by mouth once daily and levothyroxine 88 mcg by mouth every morning.
Allergies: penicillin (hives).

Objective:
Vitals: BP 128/76 mmHg, heart rate 68, respiratory rate 14, temperature 98.2 °F, SpO2 97% on room air, BMI 27.4 kg/m2.
Lungs: clear to auscultation bilaterally.
Results: potassium 4.2 mmol/L (reference 3.5-5.1); LDL cholesterol 141 mg/dL (high; reference < 130).

Assessment:
Essential (primary) hypertension. Blood pressure is at goal.

Plan:
1. Continue lisinopril 20 mg by mouth once daily for blood pressure control, dispense 90 tablets.
2. Avoid ibuprofen and naproxen; use acetaminophen for pain.
3. Follow up in 6 months for a blood pressure check."""


def changed(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new)


WRONG = [
    ("dose_exists", changed("Continue lisinopril 20 mg", "Continue lisinopril 200 mg"), PRESSURE),
    ("dose_exists", changed("Continue lisinopril 20 mg", "Continue lisinopril 17 mg"), PRESSURE),
    ("dose_exists", changed("levothyroxine 88 mcg", "levothyroxine 88 mg"), PRESSURE),
    ("frequency_plausible", changed("Continue lisinopril 20 mg by mouth once daily", "Continue lisinopril 20 mg by mouth four times daily"), PRESSURE),
    ("route_plausible", changed("Continue lisinopril 20 mg by mouth", "Continue lisinopril 20 mg in each nostril"), PRESSURE),
    ("no_drug_against_allergy", changed("2. Avoid", "2. Start amoxicillin 500 mg by mouth three times daily for 10 days.\n2. Avoid"), PRESSURE),
    ("no_drug_against_condition", changed("Essential (primary) hypertension. Blood", "Hyperthyroidism. Blood").replace("Continue lisinopril 20 mg by mouth once daily for blood pressure control", "Continue levothyroxine 88 mcg by mouth once daily for the thyroid"), THYROTOXIC),
    ("no_class_twice", changed("and levothyroxine", ", enalapril 10 mg by mouth once daily and levothyroxine"), PRESSURE),
    ("every_lasting_drug_has_its_condition", changed("and levothyroxine", ", donepezil 10 mg by mouth at bedtime and levothyroxine"), PRESSURE),
    ("every_treated_condition_has_its_drug", changed(" and levothyroxine 88 mcg by mouth every morning", ""), PRESSURE),
    ("vitals_possible", changed("BP 128/76", "BP 76/128"), PRESSURE),
    ("vitals_possible", changed("temperature 98.2 °F", "temperature 198.2 °F"), PRESSURE),
    ("vitals_possible", changed("SpO2 97%", "SpO2 117%"), PRESSURE),
    ("laboratory_possible", changed("potassium 4.2 mmol/L", "potassium 42.0 mmol/L").replace("(reference 3.5-5.1)", ""), PRESSURE),
    ("laboratory_unit_right", changed("potassium 4.2 mmol/L", "potassium 4.2 mg/dL"), PRESSURE),
    ("laboratory_flag_right", changed("(high; reference < 130)", "(low; reference < 130)"), PRESSURE),
    ("laboratory_flag_right", changed("4.2 mmol/L (reference 3.5-5.1)", "5.9 mmol/L (reference 3.5-5.1)"), PRESSURE),
    ("age_arithmetic", changed("quit smoking 12 years ago", "quit smoking 72 years ago"), PRESSURE),
    ("age_arithmetic", changed("quit smoking 12 years ago", "has a 200 pack-year history"), PRESSURE),
    ("age_arithmetic", changed("He denies chest pain.", "Hypertension was diagnosed at age 70."), PRESSURE),
    ("age_arithmetic", changed("61-year-old", "31-year-old"), PRESSURE),
    ("age_arithmetic", changed("He denies chest pain.", "She is currently pregnant."), PRESSURE),
    ("assessment_names_the_diagnosis", changed("Essential (primary) hypertension. Blood pressure is at goal.", "Acute otitis media of the left ear."), PRESSURE),
    ("plan_treats_the_diagnosis", RIGHT.partition("Plan:")[0] + "Plan:\nA pleasant visit.", PRESSURE),
    ("side_site_episode_agree", "Assessment:\nSprain of the left knee.\n\nPlan:\nRest and ice for the left knee.", KNEE),
    ("side_site_episode_agree", "Subjective:\nThis just happened this morning.\nAssessment:\nSprain of right knee.\nPlan:\nRest.", KNEE_LATER),
    ("side_site_episode_agree", "Subjective:\nRight knee fell on.\nAssessment:\nSprain of right knee, healing as expected.\nPlan:\nRest.", KNEE),
    ("side_site_episode_agree", "Subjective:\nCurrently 30 weeks pregnant.\nAssessment:\nNormal first pregnancy, supervision.\nPlan:\nFollow up in 4 weeks.", PREGNANT),
]  # fmt: skip


def test_a_note_without_contradictions_is_left_alone() -> None:
    """Relatives' ages, avoided drugs, allergies and denials are no findings."""
    assert integrity(RIGHT, PRESSURE) == []


@pytest.mark.parametrize(("check", "note", "subject"), WRONG, ids=[f"{c}-{n}" for n, (c, _, _) in enumerate(WRONG)])
def test_a_contradiction_is_found_and_nothing_else(check: str, note: str, subject: Subject) -> None:
    """Each finding names the check, a sentence of the note, and a reason."""
    found = integrity(note, subject)
    assert {finding.check for finding in found} == {check}
    assert all(finding.sentence in " ".join(note.split()) or finding.sentence in note for finding in found)
    assert all(len(finding.reason) > 15 for finding in found)


def test_every_check_has_a_counter_example_and_an_expectation() -> None:
    """No check without a note that breaks it, nor without its limit and reason in the suites of scenarios and notes."""
    assert {check for check, _, _ in WRONG} == set(CHECKS)
    for name in ("scenarios", "notes"):
        assert set(CHECKS) <= {check.name for check in suite(name).checks}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Plan:\nStop lisinopril 20 mg.\nSwitch from enalapril to losartan 50 mg daily.", id="stopped"),
        pytest.param("Plan:\nDiscussed amoxicillin, not indicated.\nAllergies: none.", id="discussed"),
        pytest.param("Family history: mother diagnosed with breast cancer at age 82. A 40-year-old woman.", id="relative"),
        pytest.param("A 40-year-old woman. Her son is 12 years old. Tetanus shot 5 years ago.", id="others-ages"),
        pytest.param("Plan:\nAmoxicillin-clavulanate 875-125 mg by mouth twice daily. Start insulin glargine 10 units at bedtime.", id="combined"),
        pytest.param("Objective:\nBP 118/70, pulse 62, temperature 36.8 C, weight 181 lb, height 70 in.", id="units"),
    ],
)  # fmt: skip
def test_what_sounds_like_a_contradiction_and_is_none(text: str) -> None:
    """A check that cries wolf is worse than none."""
    assert integrity(text) == []
