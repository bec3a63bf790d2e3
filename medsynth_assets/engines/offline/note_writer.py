"""The note writer, offline: a SOAP draft from a scenario, in one of several styles of charting."""

from dataclasses import dataclass
from typing import NamedTuple

from medsynth_assets.engines.offline.case import imaging_name
from medsynth_assets.engines.offline.chooser import Chooser, pick_at
from medsynth_assets.engines.offline.phrasebook import Phrasebook, note_phrases
from medsynth_assets.engines.offline.voice import of_child
from medsynth_assets.engines.offline.wording import (
    age_adjective,
    listed,
    lower_first,
    paragraph,
    person,
    sentence,
    starts_with_verb,
    with_article,
)
from medsynth_assets.records.note import Note
from medsynth_assets.records.scenario import Investigation, Prescription, Scenario, SymptomDescription


class Style(NamedTuple):
    """How a clinician charts: headings in Subjective, lines or prose elsewhere, short words or full."""

    name: str
    weight: float
    headed: bool
    lines: bool
    terse: bool


STYLES = (
    Style("prose", 4, headed=False, lines=False, terse=False),
    Style("headed", 3, headed=True, lines=True, terse=False),
    Style("narrative with listed plan", 3, headed=False, lines=True, terse=False),
    Style("terse", 2, headed=True, lines=True, terse=True),
)


def write(scenario: Scenario, chooser: Chooser) -> Note:
    """Every fact of the scenario that belongs in a note, once, in its section."""
    style = pick_at(STYLES, chooser.between(0, 1, 6))
    writer = _Writer(scenario, chooser, style, note_phrases())
    return Note(
        subjective=writer.subjective(),
        objective=writer.objective(),
        assessment=writer.assessment(),
        plan=writer.plan(),
    )


@dataclass
class _Writer:
    scenario: Scenario
    chooser: Chooser
    style: Style
    phrases: Phrasebook

    def __post_init__(self) -> None:
        self.he = "she" if self.scenario.demographics.gender == "female" else "he"

    def say(self, key: str, **facts: object) -> str:
        return self.phrases.say(key, self.chooser, he=self.he, He=self.he.capitalize(), **facts)

    # Subjective

    def subjective(self) -> str:
        story = paragraph([*self._opening(), *self._story()])
        denied = self._denied()
        background = self._background()
        if not self.style.headed:
            return f"{paragraph([story, denied])}\n\n{paragraph(background.values())}"
        complaint = sentence(self.scenario.symptom_description.chief_complaint)
        parts = {"CC": complaint, "HPI": story, "ROS": denied, **background}
        return "\n".join(f"{title}: {_untitled(text)}" for title, text in parts.items() if text)

    def _opening(self) -> list[str]:
        who = self.scenario.demographics
        chronic = self.scenario.medical_history.chronic_conditions
        key = "opener_terse" if self.style.terse else "opener"
        facts = {
            "name": who.name,
            "age": age_adjective(who.age_years),
            "a_age": with_article(age_adjective(who.age_years)),
            "person": person(who.age_years, who.gender),
            "sex_letter": "F" if who.gender == "female" else "M",
            "reason": lower_first(self.scenario.symptom_description.chief_complaint),
            "encounter": self.scenario.encounter_type,
            "history": listed(chronic),
        }
        said = [self.say(f"{key}_history" if chronic else key, **facts)]
        if who.companion:
            said.append(self.say("informant", companion=who.companion))
        if self.scenario.english_proficiency == "interpreter":
            said.append(self.say("interpreter"))
        return said

    def _story(self) -> list[str]:
        told = self._in_third_person(self.scenario.symptom_description)
        said: list[str] = []
        symptoms = listed(told.main_symptoms)
        if symptoms and told.duration:
            bare = told.duration.removeprefix("about ").removeprefix("a ")
            said.append(self.say("symptoms_since", symptoms=symptoms, duration=told.duration, duration_bare=bare))
        else:
            said.append(self.say("symptoms", symptoms=symptoms) if symptoms else self.say("no_symptoms"))
        if told.associated_symptoms:
            said.append(self.say("associated", symptoms=listed(told.associated_symptoms)))
        if told.course:
            said.append(self.say("course_verb" if starts_with_verb(told.course) else "course", course=told.course))
        if told.severity:
            said.append(self.say("severity", severity=told.severity))
        if told.frequency:
            said.append(self.say("frequency", frequency=told.frequency))
        if told.aggravating_factors:
            said.append(self.say("aggravating", factors=listed(told.aggravating_factors)))
        if told.relieving_factors:
            said.append(self.say("relieving", factors=listed(told.relieving_factors)))
        if told.impact_on_daily_life:
            said.append(self.say("impact", impact=told.impact_on_daily_life))
        return [*said, *told.details]

    def _in_third_person(self, told: SymptomDescription) -> SymptomDescription:
        """How it runs, as the patient puts it, is charted of the patient: `every time she swallows`."""
        gender = self.scenario.demographics.gender
        changed: dict[str, object] = {}
        for name in ("course", "frequency", "impact_on_daily_life"):
            changed[name] = lower_first(of_child(getattr(told, name), gender))
        for name in ("aggravating_factors", "relieving_factors"):
            changed[name] = [lower_first(of_child(factor, gender)) for factor in getattr(told, name)]
        return told.model_copy(update=changed)

    def _denied(self) -> str:
        denied = self.scenario.symptom_description.denied_symptoms
        return self.say("denies", symptoms=listed(denied, "or")) if denied else ""

    def _background(self) -> dict[str, str]:
        history, who = self.scenario.medical_history, self.scenario.demographics
        conditions = [*history.chronic_conditions, *history.previous_diagnoses]
        drugs = history.current_medications
        habits = self.scenario.habits
        told = [
            who.occupation,
            habits.tobacco,
            habits.alcohol,
            habits.drugs,
            habits.diet,
            habits.exercise,
            habits.sleep,
        ]
        social = [t for t in told if t] + [t for t in (self.scenario.patient_behaviour, self._barrier()) if t]
        return {
            "PMH": self.say("history", history=listed(conditions)) if conditions else self.say("no_history"),
            "Medications": self.say("medications", drugs=listed(drugs)) if drugs else self.say("no_medications"),
            "Allergies": self.say("allergies", allergies=listed(history.allergies)) if history.allergies else "",
            "FH": self.say("family", family=listed(history.family_history)) if history.family_history else "",
            "SH": self.say("social", social="; ".join(social)) if social else "",
        }

    def _barrier(self) -> str:
        text = self.scenario.treatment_disparities
        return "" if text.startswith("no barriers") else text

    # Objective

    def objective(self) -> str:
        exam = self.scenario.physical_examination
        parts = [self.say("vitals", vitals=", ".join(self._vitals()))] if self._vitals() else []
        findings = [f"{f.system.capitalize()}: {f.finding}." for f in exam.findings]
        parts += findings if self.style.lines else [paragraph(findings)]
        reviewed = [result(i) for i in self.scenario.investigations if i.status == "reviewed"]
        if reviewed:
            parts.append(self.say("results", results="; ".join(reviewed)))
        return "\n".join(part for part in parts if part)

    def _vitals(self) -> list[str]:
        taken = self.scenario.physical_examination.vitals
        shown = []
        if taken.systolic_mmhg is not None:
            shown.append(f"BP {taken.systolic_mmhg}/{taken.diastolic_mmhg} mmHg")
        if taken.pulse_bpm is not None:
            shown.append(f"heart rate {taken.pulse_bpm}")
        if taken.respirations_bpm is not None:
            shown.append(f"respiratory rate {taken.respirations_bpm}")
        if taken.temperature_f is not None:
            shown.append(f"temperature {taken.temperature_f:.1f} °F")
        if taken.spo2_percent is not None:
            shown.append(f"SpO2 {taken.spo2_percent}% on room air")
        if taken.bmi is not None:
            shown.append(f"BMI {taken.bmi:.1f} kg/m2")
        return shown

    # Assessment and Plan

    def assessment(self) -> str:
        outcome = self.scenario.medical_outcome
        said = [f"{outcome.diagnosis}.", outcome.assessment]
        if outcome.differential:
            said.append(self.say("differential", items=listed(outcome.differential)))
        return paragraph(said)

    def plan(self) -> str:
        outcome = self.scenario.medical_outcome
        items = [self._drug(order) for order in outcome.prescriptions]
        items += outcome.treatments
        for order in outcome.laboratory_orders:
            same = order.tests == [order.panel]
            items.append(self.say("labs_same" if same else "labs", panel=order.panel, tests=", ".join(order.tests)))
        for image in outcome.imaging_orders:
            study = imaging_name(image.modality, image.body_area)
            items.append(self.say("imaging", study=study, reason=image.reason))
        for referral in outcome.referrals:
            items.append(self.say("referral", **referral.model_dump()))
        if outcome.lifestyle_advice:
            items.append(self.say("advice", advice=paragraph(outcome.lifestyle_advice)))
        items += outcome.return_precautions
        needed = outcome.follow_up == "as needed"
        items.append(self.say("follow_up_needed") if needed else self.say("follow_up", when=outcome.follow_up))
        items = [sentence(item) for item in items]
        if not self.style.lines:
            return " ".join(items)
        return "\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))

    def _drug(self, order: Prescription) -> str:
        sig = f"{order.drug} {order.dose} {order.route} {order.frequency}"
        length = "" if order.duration == "ongoing" else f" for {order.duration}"
        return self.say(order.action, sig=sig + length, purpose=order.purpose, supply=f"dispense {order.quantity}")


def result(test: Investigation) -> str:
    """`LDL cholesterol 159 mg/dL (high; reference < 130)`, or `ECG: sinus rhythm`."""
    if not test.reference:
        return f"{test.name}: {test.result}"
    flag = f"{test.flag}; " if test.flag in ("high", "low") else ""
    return f"{test.name} {test.result} {test.unit} ({flag}reference {test.reference})".replace("  ", " ")


def _untitled(text: str) -> str:
    """A part under its own heading does not repeat it."""
    for title in _TITLES:
        text = text.removeprefix(title)
    return text[0].upper() + text[1:] if text else text


_TITLES = (
    "Past medical history: ", "Medical history is notable for ", "Current medications: ", "Allergies: ",
    "Family history: ", "Family: ", "Social history: ", "Socially, ",
)  # fmt: skip
