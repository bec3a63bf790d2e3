"""The scenario provider, offline: a typed scenario from the plan and the knowledge about the code."""

import re
from collections.abc import Sequence
from typing import Literal

from medsynth_assets.clinical.family import Finding, Kind, State, Symptom
from medsynth_assets.engines.offline.background import Background, Trait, background
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.investigating import Tests, investigate
from medsynth_assets.engines.offline.measuring import vitals
from medsynth_assets.engines.offline.prescribing import prescribe
from medsynth_assets.records.question import ScenarioQuestion
from medsynth_assets.records.scenario import (
    Demographics,
    ExamFinding,
    Habits,
    MedicalHistory,
    MedicalOutcome,
    PhysicalExamination,
    Prescription,
    Referral,
    Scenario,
    SymptomDescription,
)

_LASTING = (Kind.CHRONIC, Kind.RECURRENT, Kind.CANCER)
_COMPANIONS = ("mother", "mother", "mother", "father", "grandmother")
_TOLD_BY = {  # words that show a habit has come up in the history
    "sleep": ("sleep", "slept"),
    "diet": (" diet", "eats ", "feed", "meals", "salt"),
    "exercise": ("exercise", "walks ", "gym"),
    "tobacco": ("smok", "tobacco", "cigarette", "vape"),
    "alcohol": ("alcohol", "drinks ", "beer", "wine"),
    "drugs": ("marijuana", "cannabis", "drug use"),
    "recreation": (),
}
_RETIRED = 66.0  # years; most occupations of the background end here
_OF_WORK = re.compile(r"\b(work|working|job|jobs|shift|shifts|office|boss|meetings?)\b")
_OF_SCHOOL = re.compile(r"\b(school|class|classes|homework|recess)\b")
_OF_WORK_OR_SCHOOL = re.compile(f"{_OF_WORK.pattern}|{_OF_SCHOOL.pattern}")
_STABLE_SYMPTOM_SHARE = 0.15  # of a symptom's usual frequency, when the condition is doing well


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
        history = self._history()
        drugs = prescribe(self.case, self.chooser, self.objections)
        tests = investigate(self.case, self.chooser)
        symptoms = self._symptoms()
        history = history.model_copy(update={"current_medications": [*drugs.current, *history.current_medications]})
        return Scenario(
            medical_outcome=self._outcome(drugs.prescriptions, tests),
            medical_history=history,
            symptom_description=symptoms,
            habits=self._habits(" ".join(symptoms.details).lower()),
            demographics=self._demographics(),
            patient_behaviour=self._behaviour(bool(history.current_medications)),
            geographical_location=self._location(),
            clinical_setting=self.chooser.one(self.family.settings or ("primary care office",)),
            encounter_type=self.case.visit.encounter,
            treatment_disparities=self._trait(self.known.disparities).note,
            english_proficiency=self.plan.english_proficiency,
            physical_examination=PhysicalExamination(vitals=vitals(self.case, self.chooser), findings=self._findings()),
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
            occupation=self._trait(known.occupations).note,
            companion=chooser.one(_COMPANIONS) if self.case.is_child else "",
        )

    def _location(self) -> str:
        region = next((r for r in self.known.regions if r.name == self.plan.region), self.known.regions[0])
        return self.chooser.one(region.places)

    def _habits(self, told: str) -> Habits:
        """Habits that the history of the complaint has not told already."""
        return Habits(
            **{
                habit: "" if any(word in told for word in words) else self._trait(getattr(self.known, habit)).note
                for habit, words in _TOLD_BY.items()
            }
        )

    def _history(self) -> MedicalHistory:
        adult_family = self.family.max_age > 21
        share = 0.0 if adult_family and self.case.age < 18 else 0.5 if self.case.age < 40 else 1.0
        others = [c for c in self.family.comorbidities if self.chooser.chance(c.p * share)][:3]
        known_already = self.case.state is not State.NEW and self.family.kind in _LASTING
        allergy = self._trait(self.known.allergies)
        return MedicalHistory(
            chronic_conditions=[self.case.name] * known_already + [self.case.written(c.name) for c in others],
            previous_diagnoses=[],
            family_history=self.chooser.some(self.family.family_history, 0, 2),
            current_medications=[c.drug for c in others if c.drug],
            allergies=[allergy.note],
        )

    def _symptoms(self) -> SymptomDescription:
        chooser, course = self.chooser, self.family.course
        present = self._present()
        main = [s for s in present if s.main] or present[:1]
        others = [s for s in present if s not in main]
        shown = {s.term for s in present}
        denied = [s for s in self.case.open(self.family.negatives) if s.term not in shown]
        unwell = bool(present)

        def said(options: Sequence[str]) -> str:
            fitting = self._fit_life(options)
            return self.case.written(chooser.one(fitting)) if unwell and fitting else ""

        return SymptomDescription(
            chief_complaint=self.case.written(self.case.visit.reason),
            main_symptoms=[self.case.written(s.term) for s in main],
            associated_symptoms=[self.case.written(s.term) for s in others],
            denied_symptoms=[self.case.written(s.term) for s in chooser.some(denied, 3, 5)],
            duration=said(course.onset),
            course=said(course.pattern),
            severity=said(course.severity),
            frequency=said(course.frequency) if chooser.chance(0.6) else "",
            aggravating_factors=[self.case.written(f) for f in chooser.some(self._fit_life(course.aggravating), 1, 2)]
            if unwell
            else [],
            relieving_factors=[self.case.written(f) for f in chooser.some(self._fit_life(course.relieving), 1, 2)]
            if unwell
            else [],
            impact_on_daily_life=said(course.impact) if chooser.chance(0.7) else "",
            details=self._details(),
        )

    def _fit_life(self, options: Sequence[str]) -> list[str]:
        """Without work for children and the retired, and without school for adults."""
        age = self.case.age
        away = _OF_SCHOOL if 18 <= age < _RETIRED else _OF_WORK if age < 18 else _OF_WORK_OR_SCHOOL
        return [option for option in options if not away.search(option)]

    def _present(self) -> list[Symptom]:
        possible = self.case.open(self.family.symptoms)
        share = _STABLE_SYMPTOM_SHARE if self.case.state is State.STABLE else 1.0
        present = [s for s in possible if self.chooser.chance(s.p if State.STABLE in s.when else s.p * share)]
        mains = [s for s in possible if s.main]
        if self.case.state is not State.STABLE and mains and not any(s.main for s in present):
            present.insert(0, self.chooser.one(mains))
        return present[:6]

    def _details(self) -> list[str]:
        details = []
        for question in self.family.questions[:6]:
            answers = self.case.answers(question)
            if answers:
                details.append(self.case.written(self.chooser.one(answers).note))
        risks = [r.note for r in self.case.open(self.family.risk_factors) if self.chooser.chance(r.p)]
        return details + [self.case.written(r) for r in risks[:2]]

    def _findings(self) -> list[ExamFinding]:
        by_system: dict[str, list[Finding]] = {}
        for finding in self.case.open(self.family.exam):
            by_system.setdefault(finding.system, []).append(finding)
        found = []
        for system, options in by_system.items():
            chosen = self._finding(options)
            if chosen:
                found.append(
                    ExamFinding(system=system, finding=self.case.written(chosen.finding), abnormal=chosen.abnormal)
                )
        return found

    def _finding(self, options: list[Finding]) -> Finding | None:
        for finding in options:
            expected = bool(finding.when) or self.case.state is not State.STABLE
            if finding.abnormal and expected and self.chooser.chance(finding.p):
                return finding
        normal = [f for f in options if not f.abnormal]
        chosen = self.chooser.one(normal) if normal else None
        if chosen and "p" in chosen.model_fields_set and not self.chooser.chance(chosen.p):
            return None
        return chosen

    def _outcome(self, prescriptions: list[Prescription], tests: Tests) -> MedicalOutcome:
        case, chooser, family = self.case, self.chooser, self.family
        assessments = case.open(family.assessments)
        flags = case.open(family.red_flags)
        follow = case.open(family.follow_up)
        chosen = chooser.weighted(follow) if follow else None
        return MedicalOutcome(
            diagnosis=self.plan.icd.description,
            assessment=case.written(chooser.weighted(assessments).note) if assessments else "",
            differential=[case.written(d) for d in chooser.some(family.differentials, 2, 3)]
            if case.state is State.NEW and chooser.chance(0.6)
            else [],
            prescriptions=prescriptions,
            treatments=[case.written(t.note) for t in case.open(family.treatments) if chooser.chance(t.p)][:4],
            referrals=[
                Referral(
                    specialty=r.specialty,
                    reason=case.written(r.reason),
                    physician=f"Dr. {chooser.one(self.known.physicians)}",
                )
                for r in case.open(family.referrals)
                if chooser.chance(r.p)
            ][:2],
            laboratory_orders=tests.orders,
            imaging_orders=tests.imaging,
            lifestyle_advice=[case.written(a.note) for a in chooser.some(case.open(family.advice), 2, 4)],
            return_precautions=[case.written(f.note) for f in flags[:2]],
            follow_up=f"{chosen.interval} {case.written(chosen.purpose)}" if chosen else "as needed",
        )
