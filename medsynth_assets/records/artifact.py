"""Artifacts and recipes: what was made, and what decided how."""

from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from medsynth_assets.records.identity import Slot, artifact_id, digest


class Kind(StrEnum):
    """What an artifact is. Drafts and verdicts are kept, not only what was accepted."""

    PLAN = "plan"
    SCENARIO_DRAFT = "scenario_draft"
    VERDICT = "verdict"
    SCENARIO = "scenario"
    NOTE_DRAFT = "note_draft"
    NOTE = "note"
    DIALOGUE_AGENDA = "dialogue_agenda"
    UTTERANCE = "utterance"
    DIALOGUE_DRAFT = "dialogue_draft"
    DIALOGUE = "dialogue"


class Strategy(StrEnum):
    """Ways of making a dialogue from a note: MedSynth's, and NoteChat's (Wang et al., ACL 2024 Findings)."""

    MEDSYNTH = "medsynth"  # generate, polish
    NOTECHAT = "notechat"  # plan, role-play, polish


class Agent(StrEnum):
    """The six of MedSynth, those of NoteChat, and the jury. The value names the prompt file."""

    SCENARIO_PROVIDER = "scenario_provider"
    SCENARIO_JUDGE = "scenario_judge"
    NOTE_WRITER = "note_writer"
    NOTE_POLISHER = "note_polisher"
    DIALOGUE_GENERATOR = "dialogue_generator"
    DIALOGUE_POLISHER = "dialogue_polisher"
    DIALOGUE_PLANNER = "dialogue_planner"
    ROLE_DOCTOR = "role_doctor"
    ROLE_PATIENT = "role_patient"
    JURY_RUBRIC = "jury_rubric"
    JURY_SUPPORT = "jury_support"
    JURY_PREFERENCE = "jury_preference"


class Stage(StrEnum):
    """The three generation assets, named as they are."""

    SCENARIOS = "scenarios"
    NOTES = "notes"
    DIALOGUES = "dialogues"

    @property
    def product(self) -> Kind:
        """The kind of artifact that fills a slot at this stage."""
        return _PRODUCT[self]

    @property
    def agents(self) -> tuple[Agent, ...]:
        """MedSynth's."""
        return _AGENTS[self]

    def agents_by(self, strategy: Strategy) -> tuple[Agent, ...]:
        """Those that work at the stage where dialogues are made by this strategy."""
        return _NOTECHAT if self is Stage.DIALOGUES and strategy is Strategy.NOTECHAT else self.agents

    @property
    def parent(self) -> "Stage | None":
        """The one stage it reads from."""
        return {Stage.NOTES: Stage.SCENARIOS, Stage.DIALOGUES: Stage.NOTES}.get(self)


_PRODUCT = {
    Stage.SCENARIOS: Kind.SCENARIO,
    Stage.NOTES: Kind.NOTE,
    Stage.DIALOGUES: Kind.DIALOGUE,
}
_AGENTS = {
    Stage.SCENARIOS: (Agent.SCENARIO_PROVIDER, Agent.SCENARIO_JUDGE),
    Stage.NOTES: (Agent.NOTE_WRITER, Agent.NOTE_POLISHER),
    Stage.DIALOGUES: (Agent.DIALOGUE_GENERATOR, Agent.DIALOGUE_POLISHER),
}
_NOTECHAT = (Agent.DIALOGUE_PLANNER, Agent.ROLE_DOCTOR, Agent.ROLE_PATIENT, Agent.DIALOGUE_POLISHER)
DIALOGUE_AGENTS = frozenset((*_AGENTS[Stage.DIALOGUES], *_NOTECHAT))
JURY_AGENTS = frozenset((Agent.JURY_RUBRIC, Agent.JURY_SUPPORT, Agent.JURY_PREFERENCE))


class _RecipeFields(NamedTuple):
    agent: Agent
    prompt_hash: str
    schema_hash: str
    engine: str
    model: str
    parameters: dict[str, Any]  # sampling parameters and seed
    families: tuple[str, ...]  # knowledge family ids used
    knowledge_hash: str  # '' where no knowledge is used


class Recipe(_RecipeFields):
    """Everything that decides how an artifact is made, apart from its parents."""

    @cached_property
    def recipe_id(self) -> str:
        return digest("recipe:1", self._asdict())


class RecipePart(NamedTuple):
    """A text that recipes name by its hash. kind: prompt, or answer_schema (JSON)."""

    part_hash: str
    kind: str
    body: str


class _ArtifactFields(NamedTuple):
    kind: Kind
    slot: Slot
    content: dict[str, Any]
    text: str
    parents: tuple[str, ...]
    recipe_id: str
    engine: str
    model: str


class Artifact(_ArtifactFields):
    """One immutable output for one slot. `content` is JSON-ready; `text` its rendering, or ''."""

    @cached_property
    def artifact_id(self) -> str:
        return artifact_id(self.kind, self.slot.record_id, self.content, self.parents, self.recipe_id)
