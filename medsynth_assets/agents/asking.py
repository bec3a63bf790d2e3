"""From a typed question to a request: prompt, answer schema, recipe and seed of each agent."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel

from medsynth_assets.agents.grounding import Grounding
from medsynth_assets.agents.prompts import Prompt, prompt_for
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.contract import A, Engine, Message, Request
from medsynth_assets.errors import ConfigError
from medsynth_assets.records.agenda import MOST_UTTERANCES, Agenda, Utterance
from medsynth_assets.records.artifact import DIALOGUE_AGENTS, Agent, Recipe, RecipePart, Stage, Strategy
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.identity import Slot, digest, request_seed, schema_hash
from medsynth_assets.records.jury import PreferenceVerdict, RubricVerdict, SupportVerdict
from medsynth_assets.records.language import ENGLISH, is_english
from medsynth_assets.records.note import Note
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.question import Question, ScenarioQuestion
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.records.verdict import Verdict
from medsynth_assets.settings import Settings

ANSWERS: Mapping[Agent, type[BaseModel]] = {
    Agent.SCENARIO_PROVIDER: Scenario,
    Agent.SCENARIO_JUDGE: Verdict,
    Agent.NOTE_WRITER: Note,
    Agent.NOTE_POLISHER: Note,
    Agent.DIALOGUE_GENERATOR: Dialogue,
    Agent.DIALOGUE_POLISHER: Dialogue,
    Agent.DIALOGUE_PLANNER: Agenda,
    Agent.ROLE_DOCTOR: Utterance,
    Agent.ROLE_PATIENT: Utterance,
    Agent.JURY_RUBRIC: RubricVerdict,
    Agent.JURY_SUPPORT: SupportVerdict,
    Agent.JURY_PREFERENCE: PreferenceVerdict,
}


_NUMBER = {agent: number for number, agent in enumerate(Agent)}


class Knowledge(NamedTuple):
    """What a code's records draw on: ids of families and facets, and one hash of what they state. Codes may share it."""

    families: tuple[str, ...]
    digest: str


class Asking(NamedTuple):
    """Builds requests for one engine and seed. grounding: facts put into prompts, for an engine that reads them.

    strategy, language: how dialogues are made, and what they are in (BCP 47).
    """

    engine: Engine
    seed: int
    grounding: Grounding | None = None
    strategy: Strategy = Strategy.MEDSYNTH
    language: str = ENGLISH

    def agents(self, stage: Stage) -> tuple[Agent, ...]:
        """Those that work at a stage."""
        return stage.agents_by(self.strategy)

    def knowledge(self, icd: CodeFacts) -> Knowledge:
        """What of the knowledge base answers for the code will draw on.

        Raises KnowledgeError where the engine needs some and there is none.
        """
        used = self.grounding.used(icd) if self.grounding else self.engine.knowledge_for(icd)
        return Knowledge(*used)

    def recipe(self, agent: Agent, icd: CodeFacts) -> Recipe:
        """Everything that will decide the answer, known before anything is asked."""
        return self.recipe_drawing_on(self.knowledge(icd), agent)

    def recipe_drawing_on(self, knowledge: Knowledge, agent: Agent) -> Recipe:
        """The recipe of every code that draws on the same knowledge."""
        grounding = self.grounding
        grounded: dict[str, object] = {"grounding": "none"} if self.engine.reads_prompts else {}
        if grounding:
            grounded = {"grounding": "knowledge", "grounding_tokens": grounding.most_tokens}
        return Recipe(
            agent=agent,
            prompt_hash=self._prompt(agent).version,
            schema_hash=_schema_hash(agent),
            engine=self.engine.name,
            model=self.engine.model_for(agent),
            parameters={
                **self.engine.parameters_for(agent),
                **grounded,
                **self._dialogue_parameters(agent),
                "seed": self.seed,
            },
            families=knowledge.families,
            knowledge_hash=knowledge.digest,
        )

    def _prompt(self, agent: Agent) -> Prompt:
        return prompt_for(agent, in_another_language=agent in DIALOGUE_AGENTS and not is_english(self.language))

    def _dialogue_parameters(self, agent: Agent) -> dict[str, object]:
        """What is not MedSynth's in English; that goes without saying, as before there was a choice: nothing got stale by it."""
        if agent not in DIALOGUE_AGENTS:
            return {}
        chosen: dict[str, object] = {}
        if self.strategy is not Strategy.MEDSYNTH:
            chosen |= {"dialogue_strategy": self.strategy.value, "most_utterances": MOST_UTTERANCES}
        return chosen | ({"dialogue_language": self.language} if self.language != ENGLISH else {})

    def stage_recipe_id(self, stage: Stage, icd: CodeFacts) -> str:
        """One id for all agents of a stage: what a stored product must match to be current."""
        return stage_recipe_id([self.recipe(agent, icd) for agent in self.agents(stage)])

    def request(
        self,
        agent: Agent,
        slot: Slot,
        question: Question,
        recipe: Recipe,
        answer_type: type[A],
        *,
        round_: int = 1,
        edition: int = 0,
        rank: int = 0,
    ) -> Request[A]:
        """edition: how many answers to the same question led nowhere or grew old; each is drawn with another seed.

        rank: of slots that ask at once, the lower goes first; of equals, the one with more agents before it.
        """
        return Request(
            slot=slot,
            agent=agent,
            round=round_,
            recipe=recipe,
            prompt_version=recipe.prompt_hash,
            question=question,
            answer_type=answer_type,
            render=lambda: self._messages(agent, question),
            seed=request_seed(self.seed, slot.record_id, agent, round_, edition),
            urgency=(rank, _NUMBER[agent]),
        )

    def _messages(self, agent: Agent, question: Question) -> list[Message]:
        hidden = {"plan", "feedback", "rejected", *question.unshown}
        data = question.model_dump(mode="json", exclude=hidden)
        data["patient_and_code"] = _shown(question.plan)
        if agent in DIALOGUE_AGENTS and not is_english(self.language):
            data["dialogue_language"] = self.language
        loop: dict[str, object] = {"feedback": [], "rejected": []}
        if isinstance(question, ScenarioQuestion):
            loop["feedback"] = question.feedback
            loop["rejected"] = [draft.model_dump(mode="json") for draft in question.rejected[-1:]]
        knowledge = self.grounding.facts(agent, question.plan) if self.grounding else {}
        return self._prompt(agent).messages({"data": data, "knowledge": knowledge, **loop})


def stage_recipe_id(recipes: Iterable[Recipe]) -> str:
    """The id of a stage made by agents with these recipes, in their order."""
    return digest("stage:1", [recipe.recipe_id for recipe in recipes])


def asking_with(engine: Engine, seed: int, settings: Settings) -> Asking:
    """The way of asking that the settings want. Prompts are grounded only for an engine that reads them.

    Raises ConfigError where the engine does not speak the language of the dialogues.
    """
    grounded = settings.grounding == "knowledge" and engine.reads_prompts
    language = settings.dialogue_language
    if not (engine.reads_prompts or is_english(language)):
        raise ConfigError(
            f"MEDSYNTH_DIALOGUE_LANGUAGE is {language!r}, and the {engine.name} engine speaks English only;"
            " set it to en, or MEDSYNTH_ENGINE to openai"
        )
    grounding = Grounding(knowledge_base(), settings.grounding_tokens) if grounded else None
    return Asking(engine, seed, grounding, Strategy(settings.dialogue_strategy), language)


def _shown(plan: SlotPlan) -> dict[str, object]:
    """What a model is told of the plan: the code's official words and who the patient is."""
    icd = plan.icd.model_dump(include={"code", "description", "episode"})
    people = plan.model_dump(include=_SHOWN)
    return {"icd10cm": icd, **people}


_SHOWN = {
    "age_years", "sex", "ethnicity", "region", "urbanicity", "english_proficiency", "socioeconomic_status",
}  # fmt: skip


def stage_code_version(stage: Stage, strategy: Strategy = Strategy.MEDSYNTH) -> str:
    """What of this package's data decides what a stage asks: prompts and answer schemas of its agents."""
    agents = stage.agents_by(strategy)
    return digest("stage-code:1", [(prompt_for(agent).version, _schema_hash(agent)) for agent in agents])


@cache
def _schema_hash(agent: Agent) -> str:
    return schema_hash(ANSWERS[agent].model_json_schema())


def recipe_parts(recipe: Recipe) -> list[RecipePart]:
    """The exact texts that a recipe of now names by hash."""
    language = str(recipe.parameters.get("dialogue_language", ENGLISH))
    prompt = prompt_for(recipe.agent, in_another_language=not is_english(language))
    return [
        RecipePart(recipe.prompt_hash, "prompt", prompt.text),
        RecipePart(recipe.schema_hash, "answer_schema", _schema_text(recipe.agent)),
    ]


@cache
def _schema_text(agent: Agent) -> str:
    return json.dumps(ANSWERS[agent].model_json_schema(), indent=1, ensure_ascii=False)
