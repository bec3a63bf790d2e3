"""A scenario: one encounter described by the 13 variables of MedSynth (arXiv 2508.01401, table 1)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator


class Strict(BaseModel):
    """Closed and immutable; every field required, so that a model cannot leave one out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Prescription(Strict):
    """One drug of the plan. `dose` carries its unit ("500 mg"); quantity counts units dispensed."""

    action: Literal["start", "continue", "increase", "change", "stop"]
    drug: str
    dose: str
    form: str
    route: str
    frequency: str
    duration: str
    quantity: str
    purpose: str


class Referral(Strict):
    specialty: str
    reason: str
    physician: str


class LaboratoryOrder(Strict):
    panel: str
    tests: list[str]


class ImagingOrder(Strict):
    modality: str
    body_area: str
    reason: str


class OtherProblem(Strict):
    """Another condition that the visit also attends to: how it has been going, where it stands, what is done."""

    name: str
    history: str
    assessment: str
    plan: str


class MedicalOutcome(Strict):
    """Variable 1: diagnosis and everything decided at the visit."""

    @model_validator(mode="before")
    @classmethod
    def _written_before_other_problems(cls, data: Any) -> Any:
        """Scenarios stored by earlier versions have none."""
        return {"other_problems": [], **data} if isinstance(data, dict) else data

    diagnosis: str
    assessment: str
    differential: list[str]
    prescriptions: list[Prescription]
    treatments: list[str]
    referrals: list[Referral]
    laboratory_orders: list[LaboratoryOrder]
    imaging_orders: list[ImagingOrder]
    lifestyle_advice: list[str]
    return_precautions: list[str]
    other_problems: list[OtherProblem]
    follow_up: str


class MedicalHistory(Strict):
    """Variable 2."""

    chronic_conditions: list[str]
    previous_diagnoses: list[str]
    family_history: list[str]
    current_medications: list[str]
    allergies: list[str]


class SymptomDescription(Strict):
    """Variable 3. `details` are further statements of the history, one fact a sentence."""

    chief_complaint: str
    main_symptoms: list[str]
    associated_symptoms: list[str]
    denied_symptoms: list[str]
    duration: str
    course: str
    severity: str
    frequency: str
    aggravating_factors: list[str]
    relieving_factors: list[str]
    impact_on_daily_life: str
    details: list[str]


class Habits(Strict):
    """Variable 4, self-reported."""

    sleep: str
    diet: str
    exercise: str
    tobacco: str
    alcohol: str
    drugs: str
    recreation: str


class Demographics(Strict):
    """Variable 5. `age_years` is fractional below two years; `companion` speaks for a child."""

    name: str
    age_years: float
    gender: Literal["female", "male"]
    ethnicity: str
    socioeconomic_status: str
    education: str
    health_literacy: Literal["low", "adequate", "high"]
    occupation: str
    companion: str


class Vitals(Strict):
    """Measured at the visit; mmHg, per minute, degrees Fahrenheit, percent, kg/m2. None: not taken."""

    systolic_mmhg: int | None
    diastolic_mmhg: int | None
    pulse_bpm: int | None
    respirations_bpm: int | None
    temperature_f: float | None
    spo2_percent: int | None
    bmi: float | None


class ExamFinding(Strict):
    system: str
    finding: str
    abnormal: bool


class PhysicalExamination(Strict):
    """Variable 12."""

    vitals: Vitals
    findings: list[ExamFinding]


class Investigation(Strict):
    """One result in hand, or a test still awaited. `flag` compares a number with its reference."""

    name: str
    result: str
    unit: str
    reference: str
    flag: Literal["", "normal", "high", "low", "abnormal"]
    status: Literal["reviewed", "awaited"]


class Scenario(Strict):
    """All 13 variables, in MedSynth's order."""

    medical_outcome: MedicalOutcome
    medical_history: MedicalHistory
    symptom_description: SymptomDescription
    habits: Habits
    demographics: Demographics
    patient_behaviour: str
    geographical_location: str
    clinical_setting: str
    encounter_type: str
    treatment_disparities: str
    english_proficiency: Literal["native", "non-native", "interpreter"]
    physical_examination: PhysicalExamination
    investigations: list[Investigation]


VARIABLES = tuple(Scenario.model_fields)


def differing_variables(one: Scenario, other: Scenario) -> int:
    """How many of the 13 variables differ; MedSynth's judge asks for at least 4."""
    return sum(getattr(one, name) != getattr(other, name) for name in VARIABLES)
