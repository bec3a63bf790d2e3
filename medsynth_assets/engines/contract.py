"""What every engine takes and gives: one typed request, one typed reply."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from medsynth_assets.records.artifact import Agent, Recipe
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot, request_hash
from medsynth_assets.records.plan import CodeFacts

A = TypeVar("A", bound=BaseModel)

Message = dict[str, str]  # role, content


class PlainText(BaseModel):
    """An answer that is its text: asked for without a schema, taken as it stands. For models that know one task only."""

    text: str


class Request(NamedTuple, Generic[A]):
    """One question to an engine.

    question: typed data for the agent; the offline engine answers from it.
    render: builds the messages from the prompt template; only engines that send text call it.
    urgency: of requests that wait for a place, the lower goes first; decides no answer.
    round: which turn of a loop this is (the judge's feedback starts a new one), from 1.
    """

    slot: Slot
    agent: Agent
    round: int
    recipe: Recipe
    prompt_version: str
    question: BaseModel
    answer_type: type[A]
    render: Callable[[], list[Message]]
    seed: int
    urgency: tuple[int, int] = (0, 0)

    def key(self, messages: list[Message]) -> str:
        """Hash of the whole request: the same key is the same question, and is paid for once."""
        return request_hash(self.slot.record_id, self.agent, self.round, self.recipe.recipe_id, self.seed, messages)


class Reply(NamedTuple, Generic[A]):
    """A usable answer, and every call that was sent for it, the good one last."""

    answer: A
    calls: tuple[Call, ...]


class Failed(NamedTuple):
    """No usable answer after repair and retries; the slot goes to quarantine with the reason."""

    reason: str
    detail: str
    calls: tuple[Call, ...]


class Parked(Exception):
    """Not answered yet: the request waits for its batch. Ask the same again later; the ledger will know."""


class Engine(Protocol):
    """Answers requests. Raises EngineDown where going on is pointless; else gives Reply or Failed."""

    name: str
    reads_prompts: bool  # whether its answers depend on the rendered messages

    def model_for(self, agent: Agent) -> str: ...

    def parameters_for(self, agent: Agent) -> dict[str, Any]:
        """Sampling parameters; part of the recipe."""
        ...

    def knowledge_for(self, icd: CodeFacts) -> tuple[tuple[str, ...], str]:
        """Ids of the families that answers for this code are made from, and their hash; ((), '') for none."""
        ...

    async def preflight(self) -> None:
        """One cheap check before any work. Raises ConfigError or EngineDown, saying what to set."""
        ...

    async def answer(self, request: Request[A]) -> Reply[A] | Failed:
        """Raises Parked where the answer comes later, in a batch."""
        ...

    async def hand_in(self, codes: Sequence[str], parked: Sequence[str], run_config: str) -> str:
        """Nothing more will be asked by this run: send what was parked. What waits, in one line; '' where nothing does.

        codes: those of the run. parked: those of them with parked slots. run_config: how a later run is to go on.
        """
        ...

    async def close(self) -> None: ...
