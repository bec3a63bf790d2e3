"""What each agent is asked: the typed input of its request."""

from pydantic import Field

from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note
from medsynth_assets.records.plan import SlotPlan
from medsynth_assets.records.scenario import Scenario, Strict


class Question(Strict):
    """Every agent knows whom the record is about."""

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
