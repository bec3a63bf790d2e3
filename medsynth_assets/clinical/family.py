"""Condition families: what the knowledge base states about a range of ICD-10-CM codes.

Put here: the shape of a family. Not here: reading the files (knowledge.py), choosing among what is
known for one patient (engines/offline).

Every statement is given twice: as a clinician writes it (`term`, `note`, `finding`) and as it is
spoken (`plain`, `says`, `aloud`), because a note and a dialogue need the same fact in two voices.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class State(StrEnum):
    """Where the condition stands at this visit; what makes one scenario hang together."""

    NEW = "new"  # first visit for it, nothing prescribed yet
    WORSE = "worse"  # known, under treatment, not doing well
    STABLE = "stable"  # known and doing well, or a routine visit with nothing wrong


class Kind(StrEnum):
    """What sort of visit a family leads to."""

    ACUTE = "acute"
    CHRONIC = "chronic"
    RECURRENT = "recurrent"
    SYMPTOM = "symptom"
    INJURY = "injury"
    PREGNANCY = "pregnancy"
    NEWBORN = "newborn"
    CANCER = "cancer"
    EXAMINATION = "examination"
    SCREENING = "screening"
    IMMUNIZATION = "immunization"
    PROCEDURE = "procedure"
    STATUS = "status"
    HISTORY = "history"
    MEDICATION = "medication"
    ADMINISTRATIVE = "administrative"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gated(_Data):
    """Who and when a statement applies to; an absent field does not restrict.

    ages: inclusive years, fractions allowed for infants. codes: ICD-10-CM prefixes (`S52.5`).
    p: share of patients (0 to 1) with the condition in a state named by `when` to whom it applies.
    """

    when: tuple[State, ...] = ()
    ages: tuple[float, float] | None = None
    sex: Sex | None = None
    codes: tuple[str, ...] = ()
    p: float = Field(default=0.5, ge=0, le=1)

    def admits(self, state: State, age: float, sex: Sex, code: str) -> bool:
        """Whether the statement may be made of a patient of this age (years) at this visit."""
        return (
            (not self.when or state in self.when)
            and (self.ages is None or self.ages[0] <= age <= self.ages[1])
            and (self.sex is None or sex == self.sex)
            and (not self.codes or code.startswith(self.codes))
        )


def below_age(max_age: float) -> float:
    """The age (years) that an inclusive limit stops short of: 17 admits all of the 17th year, 0.25 three months."""
    return max_age + 1 if max_age == int(max_age) else max_age


class Visit(Gated):
    """One reason why people with the condition come, and the state it finds them in."""

    state: State
    encounter: str
    reason: str  # chief complaint as the note states it, without a full stop
    says: Texts = Field(min_length=1)  # the patient's (or parent's) opening words
    weight: float = 1.0


class Symptom(Gated):
    """`term` as charted, `plain` as a lay noun phrase that fits "any …?", `says` in first person."""

    term: str
    plain: str
    says: Texts = Field(min_length=1)
    main: bool = False  # may be what the patient came for
    quality: Texts = ()
    location: Texts = ()


class Course(_Data):
    """How the complaint runs, as phrases that fit both voices."""

    onset: Texts = ()  # durations, "3 days", "about two months"
    pattern: Texts = ()  # "gradually worsening", "comes and goes"
    severity: Texts = ()  # "mild", "moderate", "7 out of 10"
    frequency: Texts = ()  # "every morning"
    aggravating: Texts = ()  # noun phrases or gerunds, "climbing stairs"
    relieving: Texts = ()
    impact: Texts = ()  # "missing shifts at work": continues "has been …" and "I've been …"


class Answer(Gated):
    says: str
    note: str


class Question(Gated):
    """Something a clinician asks about this condition, with answers in both voices."""

    ask: str
    answers: tuple[Answer, ...] = Field(min_length=1)


class Finding(Gated):
    """One examination finding; `aloud` is what the clinician says to the patient on finding it."""

    system: str
    finding: str
    aloud: str
    abnormal: bool = False


class Vitals(_Data):
    """Ranges that replace the usual ones for the age, while the state is new or worse.

    Units: mmHg, beats and breaths a minute, degrees Fahrenheit, percent, kg/m2.
    """

    systolic: tuple[int, int] | None = None
    diastolic: tuple[int, int] | None = None
    pulse: tuple[int, int] | None = None
    respirations: tuple[int, int] | None = None
    temperature: tuple[float, float] | None = None
    spo2: tuple[int, int] | None = None
    bmi: tuple[float, float] | None = None


class Laboratory(Gated):
    """A test with its adult reference range in US conventional units.

    `abnormal` is the range seen in this condition when it is off; p is the chance that it is off
    while the state is new or worse. `timing`: in hand at the visit, ordered at it, or either.
    """

    name: str
    panel: str
    unit: str
    reference: tuple[float | None, float | None]
    normal: tuple[float, float]
    abnormal: tuple[float, float] | None = None
    decimals: int = 1
    aloud: str  # what the clinician calls it to the patient: "your three-month sugar average"
    timing: str = Field(default="either", pattern="^(done|ordered|either)$")


class Report(Gated):
    """A qualitative test in hand: rapid strep, urinalysis dipstick, ECG, pathology."""

    name: str
    result: str
    aloud: str
    abnormal: bool = False


class Imaging(Gated):
    modality: str
    body_area: str
    reason: str = ""
    finding: str = ""  # empty: it is only ever ordered
    aloud: str = ""  # how the finding is told
    abnormal: bool = True
    timing: str = Field(default="either", pattern="^(done|ordered|either)$")


class Medication(Gated):
    """A drug as it is really prescribed. `doses` are ascending single doses that exist or are built
    from strengths that exist; `line` 1 is started first, 2 is added or follows, 0 is short-term relief."""

    drug: str
    doses: Texts = Field(min_length=1)
    form: str = "tablet"
    route: str = "by mouth"
    frequency: Texts = Field(min_length=1)
    duration: Texts = ("ongoing",)
    purpose: str  # continues "for …": "blood pressure control"
    plain: str  # the same, spoken: "to bring your blood pressure down"
    drug_class: str
    line: int = Field(default=1, ge=0, le=2)
    avoid: Texts = ()  # allergies, conditions or states in which it is not given: "pregnancy"
    teaching: Texts = ()  # what the clinician says about taking it, whole sentences
    weight: float = 1.0


class Said(Gated):
    """A statement of the plan in both voices."""

    note: str
    aloud: str


class Referral(Gated):
    specialty: str
    reason: str  # continues "for …"
    aloud: str


class FollowUp(Gated):
    interval: str  # "3 months"
    purpose: str  # continues "to …" or "for …": "for a blood pressure recheck"
    weight: float = 1.0


class Assessment(Said):
    """The clinician's judgement: one sentence for the note, and how it is told."""

    weight: float = 1.0


class Comorbidity(Gated):
    name: str
    plain: str
    drug: str = ""  # "lisinopril 10 mg daily": what it is treated with, if anything
    p: float = Field(default=0.2, ge=0, le=1)


class PatientQuestion(Gated):
    ask: str
    answer: str


class Family(_Data):
    """Everything known for a range of codes. Fields left out come from the enclosing family.

    In any text, `{site}` stands for the body site with its side (`left knee`), `{name}` and
    `{plain}` for the condition in the two voices; `{He} {he} {his} {him}` follow the patient.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    covers: Texts = Field(min_length=1)
    written: dt.date
    sources: Texts = Field(min_length=1)
    name: str
    plain: str
    name_by_code: dict[str, tuple[str, str]] = {}  # prefix: (name, plain)
    site_by_code: dict[str, Texts] = {}  # prefix or "default": body sites without side
    kind: Kind = Kind.ACUTE
    sex: Sex | None = None
    min_age: float = 0
    max_age: float = 110
    seen_by: Texts = ()
    settings: Texts = ()
    visits: tuple[Visit, ...] = ()
    course: Course = Course()
    symptoms: tuple[Symptom, ...] = ()
    negatives: tuple[Symptom, ...] = ()
    questions: tuple[Question, ...] = ()
    risk_factors: tuple[Said, ...] = ()
    family_history: Texts = ()
    exam: tuple[Finding, ...] = ()
    vitals: Vitals = Vitals()
    labs: tuple[Laboratory, ...] = ()
    reports: tuple[Report, ...] = ()
    imaging: tuple[Imaging, ...] = ()
    medications: tuple[Medication, ...] = ()
    treatments: tuple[Said, ...] = ()
    referrals: tuple[Referral, ...] = ()
    advice: tuple[Said, ...] = ()
    red_flags: tuple[Said, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    explanations: Texts = ()  # the clinician explains the condition in plain words
    patient_questions: tuple[PatientQuestion, ...] = ()
    comorbidities: tuple[Comorbidity, ...] = ()
    differentials: Texts = ()
