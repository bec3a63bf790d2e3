"""The complaint of a scenario: symptoms present and denied, how they run, and what the history adds."""

import re
from collections.abc import Sequence

from medsynth_assets.clinical.family import State, Symptom
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.scenario import SymptomDescription

_RETIRED = 66.0  # years; most occupations of the background end here
_OF_WORK = re.compile(r"\b(work|working|job|jobs|shift|shifts|office|boss|meetings?)\b")
_OF_SCHOOL = re.compile(r"\b(school|class|classes|homework|recess)\b")
_OF_WORK_OR_SCHOOL = re.compile(f"{_OF_WORK.pattern}|{_OF_SCHOOL.pattern}")
_OF_TIME = re.compile(r"\b(how long|when did|since when)\b", re.IGNORECASE)
_STABLE_SHARE = 0.15  # of a symptom's usual frequency, when the condition is doing well
_MOST_SYMPTOMS = 6
_TOLD_SHARE = 0.7  # of the aspects of a complaint (course, severity, ...) that come up at one visit


def present(case: Case, chooser: Chooser) -> SymptomDescription:
    """What brought the patient, as one visit gets to hear it: never everything that could be asked."""
    shown = _present(case, chooser)
    main = [s for s in shown if s.main] or shown[:1]
    others = chooser.shuffled([s for s in shown if s not in main])
    denied = [s for s in case.open(case.family.negatives) if s.term not in {t.term for t in shown}]
    course = case.family.course

    def said(options: Sequence[str], share: float = _TOLD_SHARE) -> str:
        fitting = _fit_life(case, options)
        return case.written(chooser.one(fitting)) if shown and fitting and chooser.chance(share) else ""

    def some(options: Sequence[str]) -> list[str]:
        if not shown or not chooser.chance(_TOLD_SHARE):
            return []
        return [case.written(f) for f in chooser.shuffled(chooser.some(_fit_life(case, options), 1, 2))]

    duration = said(course.onset, 0.9)
    return SymptomDescription(
        chief_complaint=case.written(case.visit.reason),
        main_symptoms=[case.written(s.term) for s in main],
        associated_symptoms=[case.written(s.term) for s in others],
        denied_symptoms=[case.written(s.term) for s in chooser.shuffled(chooser.some(denied, 2, 5))],
        duration=duration,
        course=said(course.pattern),
        severity=said(course.severity),
        frequency=said(course.frequency, 0.5),
        aggravating_factors=some(course.aggravating),
        relieving_factors=some(course.relieving),
        impact_on_daily_life=said(course.impact, 0.6),
        details=_details(case, chooser, dated=bool(duration)),
    )


def _present(case: Case, chooser: Chooser) -> list[Symptom]:
    possible = case.open(case.family.symptoms)
    share = _STABLE_SHARE if case.state is State.STABLE else 1.0
    shown = [s for s in possible if chooser.chance(s.p if State.STABLE in s.when else s.p * share)]
    mains = [s for s in possible if s.main]
    if case.state is not State.STABLE and mains and not any(s.main for s in shown):
        shown.insert(0, chooser.one(mains))
    kept = set(chooser.some(range(len(shown)), _MOST_SYMPTOMS, _MOST_SYMPTOMS))
    return [s for n, s in enumerate(shown) if n in kept or s.main]


def _fit_life(case: Case, options: Sequence[str]) -> list[str]:
    """Without work for children and the retired, and without school for adults."""
    age = case.age
    away = _OF_SCHOOL if 18 <= age < _RETIRED else _OF_WORK if age < 18 else _OF_WORK_OR_SCHOOL
    return [option for option in options if not away.search(option)]


def _details(case: Case, chooser: Chooser, *, dated: bool) -> list[str]:
    """Answers to what the code's description gives reason to ask, and to some questions of the family; none on time where the duration has been told."""
    details = []
    asked = [q for q in case.family.questions if not (dated and _OF_TIME.search(q.ask))]
    for question in chooser.shuffled([*case.facet_questions, *chooser.some(asked, 3, 5)]):
        answers = case.answers(question)
        if answers:
            details.append(case.written(chooser.one(answers).note))
    risks = [r.note for r in case.open(case.family.risk_factors) if chooser.chance(r.p)]
    return details + [case.written(r) for r in chooser.shuffled(risks)[: chooser.whole(0, 2)]]
