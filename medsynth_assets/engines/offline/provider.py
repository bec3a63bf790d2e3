"""The scenario provider, offline: a typed scenario from the plan and the knowledge about the code."""

import re
from collections.abc import Sequence
from typing import Literal

from medsynth_assets.clinical.companions import companion_named
from medsynth_assets.clinical.family import Kind, Said, State
from medsynth_assets.engines.offline.background import Background, Trait, background
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.comorbid import Others, others
from medsynth_assets.engines.offline.investigating import Tests, investigate
from medsynth_assets.engines.offline.looking import examine
from medsynth_assets.engines.offline.measuring import vitals
from medsynth_assets.engines.offline.prescribing import prescribe
from medsynth_assets.engines.offline.presenting import present
from medsynth_assets.records.question import ScenarioQuestion
from medsynth_assets.records.scenario import (
    Demographics,
    Habits,
    MedicalHistory,
    MedicalOutcome,
    OtherProblem,
    PhysicalExamination,
    Prescription,
    Referral,
    Scenario,
)

_LASTING = (Kind.CHRONIC, Kind.RECURRENT, Kind.CANCER)
_COMPANIONS = ("mother", "mother", "mother", "father", "father", "grandmother")
_HABITS_ASKED = (2, 4)  # of seven: no visit goes through them all
_TOLD_BY = {  # words that show a habit has come up in the history
    "sleep": ("sleep", "slept"),
    "diet": (" diet", "eats ", "feed", "meals", "salt", "soda", "portions", "fruit", "vegetables", "sugary"),
    "exercise": ("exercise", "walks ", "gym"),
    "tobacco": ("smok", "tobacco", "cigarette", "vape"),
    "alcohol": ("alcohol", "drinks ", "beer", "wine"),
    "drugs": ("marijuana", "cannabis", "drug use"),
    "recreation": (),
}
_MOST_REMARKS = 2
_OF_SMOKING = re.compile(r"\b(?:smok|tobacco|nicotine|cigarette|vap(?:e|ing))", re.IGNORECASE)
_JOB_SHARE, _BEHAVIOUR_SHARE, _DIFFERENTIAL_SHARE = 0.65, 0.6, 0.6  # of visits at which it comes up


def provide(question: ScenarioQuestion, case: Case, chooser: Chooser) -> Scenario:
    """All 13 variables. Feedback of the judge excludes what it objected to."""
    return _Provider(question, case, chooser).scenario()


class _Provider:
    def __init__(self, question: ScenarioQuestion, case: Case, chooser: Chooser) -> None:
        self.case, self.chooser, self.family = case, chooser, case.family
        self.plan = question.plan
        self.known: Background = background()
        self.objections = [point.rpartition(": ")[2].lower() for point in question.feedback]

    def scenario(self) -> Scenario:
        drugs = prescribe(self.case, self.chooser, self.objections)
        tests = investigate(self.case, self.chooser)
        symptoms = present(self.case, self.chooser)
        allergy = self._trait(self.known.allergies)
        other = others(self.case, self.chooser, drugs.prescriptions, allergy.bars)
        history = self._history(other, drugs.current, allergy.note)
        builds = [c.bmi for o in other.present if (c := companion_named(o.name)) and c.bmi]
        signs = vitals(self.case, builds, self.chooser)
        habits = self._habits(" ".join(symptoms.details).lower())
        return Scenario(
            medical_outcome=self._outcome(
                drugs.prescriptions, tests, other.problems, smokes="smokes" in habits.tobacco
            ),
            medical_history=history,
            symptom_description=symptoms,
            habits=habits,
            demographics=self._demographics(),
            patient_behaviour=self._behaviour(bool(history.current_medications)),
            geographical_location=self._location(),
            clinical_setting=self._setting(),
            encounter_type=self.case.visit.encounter,
            treatment_disparities=self._trait(self.known.disparities).note,
            english_proficiency=self.plan.english_proficiency,
            physical_examination=PhysicalExamination(vitals=signs, findings=examine(self.case, self.chooser)),
            investigations=tests.results,
        )

    def _trait(self, options: Sequence[Trait]) -> Trait:
        fitting = [
            t
            for t in options
            if t.ages[0] <= self.case.age <= t.ages[1]
            and (not t.when or self.case.state in t.when)
            and (not t.ses or self.plan.socioeconomic_status in t.ses)
            and (not t.urbanicity or t.urbanicity == self.plan.urbanicity)
        ]
        return self.chooser.weighted(fitting) if fitting else Trait(note="", says="")

    def _behaviour(self, takes_drugs: bool) -> str:
        if not self.chooser.chance(_BEHAVIOUR_SHARE):
            return ""
        return self._trait([b for b in self.known.behaviour if takes_drugs or not b.on_drugs]).note

    def _demographics(self) -> Demographics:
        known, plan, chooser = self.known, self.plan, self.chooser
        first = chooser.one(known.first_names[self.case.sex][plan.ethnicity])
        last = chooser.one(known.family_names[plan.ethnicity])
        adult = plan.age_years >= 18
        literacy: Literal["low", "adequate", "high"] = "adequate"
        if plan.socioeconomic_status == "low" and chooser.chance(0.5):
            literacy = "low"
        if plan.socioeconomic_status == "high" and chooser.chance(0.5):
            literacy = "high"
        return Demographics(
            name=f"{first} {last}",
            age_years=plan.age_years,
            gender=plan.sex,
            ethnicity=plan.ethnicity,
            socioeconomic_status=plan.socioeconomic_status,
            education=chooser.one(known.education[plan.socioeconomic_status]) if adult else "",
            health_literacy=literacy,
            occupation=self._trait(known.occupations).note if chooser.chance(_JOB_SHARE) else "",
            companion=chooser.one(_COMPANIONS) if self.case.is_child else "",
        )

    def _setting(self) -> str:
        """Where the visit takes place: somewhere a patient can be examined."""
        there = [s for s in self.family.settings if "telehealth" not in s and "telephone" not in s]
        return self.chooser.one(there or ("primary care office",))

    def _location(self) -> str:
        region = next((r for r in self.known.regions if r.name == self.plan.region), self.known.regions[0])
        return self.chooser.one(region.places)

    def _habits(self, told: str) -> Habits:
        """The habits that come up: some of those the history of the complaint has not told already."""
        untold = [habit for habit, words in _TOLD_BY.items() if not any(word in told for word in words)]
        asked = set(self.chooser.some(untold, *_HABITS_ASKED))
        return Habits(
            **{habit: self._trait(getattr(self.known, habit)).note if habit in asked else "" for habit in _TOLD_BY}
        )

    def _history(self, other: Others, current: Sequence[str], allergy: str) -> MedicalHistory:
        known_already = self.case.state is not State.NEW and self.family.kind in _LASTING
        by_relative = {told.partition(" ")[0]: told for told in self.chooser.shuffled(self.family.family_history)}
        return MedicalHistory(
            chronic_conditions=[self.case.written("{name}")] * known_already + [o.name for o in other.present],
            previous_diagnoses=[],
            family_history=list(by_relative.values())[: self.chooser.whole(0, 2)],
            current_medications=[*current, *(o.drug for o in other.present if o.drug)],
            allergies=[allergy],
        )

    def _outcome(
        self, prescriptions: list[Prescription], tests: Tests, problems: list[OtherProblem], *, smokes: bool
    ) -> MedicalOutcome:
        case, chooser, family = self.case, self.chooser, self.family
        assessments = case.open(family.assessments)
        follow = case.open(family.follow_up)
        chosen = chooser.weighted(follow) if follow else None
        considered = case.state is State.NEW and chooser.chance(_DIFFERENTIAL_SHARE)
        return MedicalOutcome(
            diagnosis=self.plan.icd.description,
            assessment=" ".join(
                [case.written(chooser.weighted(assessments).note)] * bool(assessments) + self._remarks()
            ),
            differential=[case.written(d) for d in chooser.shuffled(chooser.some(family.differentials, 2, 3))]
            if considered
            else [],
            prescriptions=prescriptions,
            treatments=[
                case.written(t.note) for t in chooser.shuffled(case.open(family.treatments)) if chooser.chance(t.p)
            ][:4],
            referrals=self._referrals(),
            laboratory_orders=tests.orders,
            imaging_orders=tests.imaging,
            lifestyle_advice=[case.written(a.note) for a in chooser.shuffled(chooser.some(self._advice(smokes), 1, 4))],
            return_precautions=[
                case.written(f.note) for f in chooser.shuffled(case.open(family.red_flags))[: chooser.whole(1, 2)]
            ],
            other_problems=problems,
            follow_up=f"{chosen.interval} {case.written(chosen.purpose)}" if chosen else "as needed",
        )

    def _advice(self, smokes: bool) -> list[Said]:
        """To stop smoking only where someone smokes, unless smoking is what the visit is about."""
        about_smoking = smokes or any(_OF_SMOKING.search(text) for text in (self.case.name, self.plan.icd.description))
        return [a for a in self.case.open(self.family.advice) if about_smoking or not _OF_SMOKING.search(a.note)]

    def _remarks(self) -> list[str]:
        """What the code's own description adds to the judgement: its stage, its cause, what it is without."""
        remarks = []
        for facet, _ in self.case.facets:
            possible = self.case.open(facet.remarks)
            chosen = self.chooser.one(possible) if possible else None
            if chosen and ("p" not in chosen.model_fields_set or self.chooser.chance(chosen.p)):
                remarks.append(self.case.written(chosen.note))
        return remarks[:_MOST_REMARKS]

    def _referrals(self) -> list[Referral]:
        return [
            Referral(
                specialty=r.specialty,
                reason=self.case.written(r.reason),
                physician=f"Dr. {self.chooser.one(self.known.physicians)}",
            )
            for r in self.case.open(self.family.referrals)
            if self.chooser.chance(r.p)
        ][:2]
