"""NoteChat's agents, offline: an agenda from the scenario, and a visit played along it, each side saying its own turns.

Both sides know the case, so a visit is rehearsed once, part by part in the agenda's order, and each side says the passage that is
its turn. What the parts say is the dialogue generator's knowledge; the order and what counts as said are the agenda's.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from medsynth_assets.engines.offline import (
    dialogue_background,
    dialogue_examination,
    dialogue_opening,
    dialogue_plan,
    dialogue_story,
)
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.conversation import Conversation
from medsynth_assets.records.agenda import Agenda, AgendaFact, Part, Utterance
from medsynth_assets.records.dialogue import Turn
from medsynth_assets.records.identity import digest
from medsynth_assets.records.question import RoleQuestion
from medsynth_assets.records.scenario import Scenario

_RESULTS_FIRST_SHARE = 0.3  # of visits where results are gone through before the examination
_DOCTOR = "doctor"
_PARTS: dict[Part, Callable[[Conversation], None]] = {
    "opening": dialogue_opening.opening,
    "story": dialogue_story.story,
    "background": dialogue_background.background,
    "examination": dialogue_examination.examination,
    "results": dialogue_examination.results,
    "assessment": dialogue_plan.assessment,
    "plan": dialogue_plan.plan,
    "questions": dialogue_plan.questions,
    "close": dialogue_plan.close,
}


class _Passage(NamedTuple):
    """What one side says before the other does. parts: those that are through with it."""

    is_doctor: bool
    turns: tuple[Turn, ...]
    parts: frozenset[Part]


def agenda(scenario: Scenario, chooser: Chooser) -> Agenda:
    """The facts of the scenario in the order of the visit; inside a part in any order."""
    parts: list[Part] = list(_PARTS)
    if chooser.chance(_RESULTS_FIRST_SHARE):
        at = parts.index("examination")
        parts[at : at + 2] = ["results", "examination"]
    told = {part: list(dict.fromkeys(filter(None, _facts(scenario, part)))) for part in parts}
    return Agenda(
        facts=[
            AgendaFact(part=part, fact=fact, told_by="patient" if part in ("opening", "story", "background") else "doctor")
            for part in parts
            for fact in chooser.shuffled(told[part])
        ]
    )  # fmt: skip


def say(question: RoleQuestion, case: Case) -> Utterance:
    """The passage that comes next. Raises ValueError for a transcript that is not of this rehearsal."""
    said = len(question.transcript)
    passages = _rehearsed(_Key(question.scenario, case, question.agenda))
    begins = 0
    for passage in passages:
        if begins == said and passage.is_doctor == (question.role == _DOCTOR):
            covers = [n for n, fact in enumerate(question.agenda.facts, 1) if fact.part in passage.parts]
            return Utterance(turns=list(passage.turns), covers=covers, ends=passage is passages[-1])
        begins += len(passage.turns)
    raise ValueError(f"{said} turns in, it is not the {question.role}'s turn")


class _Key:
    """A visit to rehearse, compared by what its agenda and patient are."""

    def __init__(self, scenario: Scenario, case: Case, agenda: Agenda) -> None:
        self.scenario, self.case, self.agenda = scenario, case, agenda
        self.name = digest("rehearsal:1", case.plan.model_dump(mode="json"), scenario.model_dump(mode="json"),
                           agenda.model_dump(mode="json"))  # fmt: skip

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.name == other.name


@lru_cache(maxsize=512)
def _rehearsed(visit: _Key) -> list[_Passage]:
    talk = Conversation(visit.scenario, visit.case, Chooser(int(visit.name[:15], 16)))
    through: dict[int, Part] = {}  # by number of turns said, the part that ends there
    for part in _in_order(visit.agenda):
        _PARTS[part](talk)
        through[len(talk.turns)] = part
    return list(_passages(talk.turns, through))


def _in_order(agenda: Agenda) -> Iterator[Part]:
    """As the agenda has them; one without facts after the one that it usually follows."""
    order = list(dict.fromkeys(fact.part for fact in agenda.facts))
    usual = list(_PARTS)
    for part in usual:
        if part not in order:
            before = usual[usual.index(part) - 1] if part != usual[0] else None
            order.insert(order.index(before) + 1 if before else 0, part)
    return iter(order)


def _passages(turns: Sequence[Turn], through: dict[int, Part]) -> Iterator[_Passage]:
    said = 0
    for is_doctor, group in groupby(turns, lambda turn: turn.speaker == _DOCTOR):
        own = tuple(group)
        ends = {part for at, part in through.items() if said < at <= said + len(own)}
        said += len(own)
        yield _Passage(is_doctor, own, frozenset(ends))


def _facts(scenario: Scenario, part: Part) -> Iterator[str]:
    outcome, past, told = scenario.medical_outcome, scenario.medical_history, scenario.symptom_description
    match part:
        case "opening":
            yield told.chief_complaint
        case "story":
            yield from (*told.main_symptoms, *told.associated_symptoms, *told.details)
            yield from (f"no {symptom}" for symptom in told.denied_symptoms)
            yield from (told.duration, told.course, told.severity, told.frequency, told.impact_on_daily_life)
        case "background":
            yield from (*past.chronic_conditions, *past.previous_diagnoses, *past.current_medications, *past.allergies)
            yield from (f"family history: {relative}" for relative in past.family_history)
            habits = scenario.habits
            yield from (habits.tobacco, habits.alcohol, habits.drugs, habits.diet, habits.exercise, habits.sleep)
        case "examination":
            yield from (f"{found.system}: {found.finding}" for found in scenario.physical_examination.findings)
        case "results":
            yield from (
                f"{test.name}: {test.result} {test.unit}".strip()
                for test in scenario.investigations
                if test.status == "reviewed"
            )
        case "assessment":
            yield from (outcome.diagnosis, outcome.assessment)
            yield from (f"{problem.name}: {problem.assessment}" for problem in outcome.other_problems)
        case "plan":
            yield from (
                f"{drug.action} {drug.drug} {drug.dose} {drug.route} {drug.frequency}" for drug in outcome.prescriptions
            )
            yield from (f"order {order.panel}" for order in outcome.laboratory_orders)
            yield from (f"order {order.modality} {order.body_area}".strip() for order in outcome.imaging_orders)
            yield from (f"refer to {referral.specialty}, {referral.physician}" for referral in outcome.referrals)
            yield from (*outcome.treatments, *outcome.lifestyle_advice, *outcome.return_precautions)
        case "close":
            yield f"follow-up {outcome.follow_up}" if outcome.follow_up else ""
