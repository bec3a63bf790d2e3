"""What a strategy works with: one slot's note, someone to ask, and a place to keep what comes of it."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from medsynth_assets.records.artifact import Agent, Artifact, Kind
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note
from medsynth_assets.records.plan import SlotPlan
from medsynth_assets.records.question import Question
from medsynth_assets.records.scenario import Scenario

A = TypeVar("A", bound=BaseModel)

# of a code, its note and dialogue as texts: the facts to be said still; none where enough of them are
Unsaid = Callable[[str, str, str], Awaitable[list[str]]]


class FactsUnsaid(Exception):
    """Facts of the note that no repair got said."""

    def __init__(self, facts: list[str]) -> None:
        super().__init__("; ".join(facts))


class Brief(NamedTuple):
    """What the dialogue is made from. parent: the note's artifact."""

    plan: SlotPlan
    scenario: Scenario
    note: Note
    parent: Artifact


class Desk(Protocol):
    """One slot at the dialogue stage. Calls, recipes and quarantine are looked after behind it."""

    async def ask(self, agent: Agent, question: Question, answer_type: type[A], round_: int = 1) -> A: ...

    def keep(
        self, kind: Kind, content: BaseModel | dict[str, Any], parents: tuple[str, ...], agent: Agent | None
    ) -> Artifact:
        """An artifact of the slot; agent: whose answer it is, None for what is only put together from others."""
        ...

    async def unsaid(self, dialogue: Dialogue) -> list[str]:
        """Facts of the note that a check does not find in the dialogue."""
        ...


class DialogueStrategy(Protocol):
    """Makes the product of the dialogue stage, its drafts kept as artifacts on the way."""

    async def make(self, desk: Desk, brief: Brief) -> Artifact:
        """Raises FactsUnsaid where repairs were in vain."""
        ...
