"""What each agent is asked: the typed input of its request."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from medsynth_assets.records.agenda import Agenda, Part
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.note import Note
from medsynth_assets.records.plan import SlotPlan
from medsynth_assets.records.scenario import Scenario, Strict


class Question(Strict):
    """Every agent knows whom the record is about. unshown: fields that no prompt carries, beside the plan's own."""

    unshown: ClassVar[frozenset[str]] = frozenset()

    plan: SlotPlan


class ScenarioQuestion(Question):
    """For the provider. `feedback` is what the judge, or the novelty rule, said of earlier drafts."""

    feedback: list[str] = Field(default_factory=list)
    rejected: list[Scenario] = Field(default_factory=list)


class JudgeQuestion(Question):
    scenario: Scenario


class NoteQuestion(Question):
    scenario: Scenario


class NotePolishQuestion(Question):
    scenario: Scenario
    note: Note


class DialogueQuestion(Question):
    scenario: Scenario
    note: Note


class DialoguePolishQuestion(Question):
    """unsaid: facts of the note that a check did not find in the dialogue; empty the first time."""

    scenario: Scenario
    note: Note
    dialogue: Dialogue
    unsaid: list[str] = Field(default_factory=list)


class AgendaQuestion(Question):
    """For NoteChat's planner."""

    scenario: Scenario
    note: Note


class KnownFact(Strict):
    """A fact of the agenda as one of the two roles knows it. number: from 1, in the whole agenda."""

    number: int
    part: Part
    fact: str
    told_by: Literal["doctor", "patient"]


class RoleQuestion(Question):
    """For one side of the visit. known: what this side knows, whether said or not; covered: the numbers of what was said.

    A model is shown what its side knows and nothing else: neither the scenario nor the other side's facts.
    """

    unshown: ClassVar[frozenset[str]] = frozenset({"scenario", "agenda"})

    scenario: Scenario
    agenda: Agenda
    role: Literal["doctor", "patient"]
    persona: dict[str, Any]
    known: list[KnownFact]
    transcript: list[Turn]
    covered: list[int]


class RubricQuestion(Question):
    """For a judge of the jury: a finished pair, as texts."""

    note: str
    dialogue: str


class NumberedFact(Strict):
    number: int
    fact: str


class SupportQuestion(Question):
    """For a judge of the jury: which of the note's facts the dialogue supports."""

    facts: list[NumberedFact]
    dialogue: str


class PreferenceQuestion(Question):
    """For a judge of the jury: two dialogues of one note, without a word of where they come from."""

    note: str
    first: str
    second: str
