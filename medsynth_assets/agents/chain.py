"""The chain: agents on one slot, from plan to dialogue, with the judge's loop; a strategy makes the dialogue (dialogue/).

Slots of a code run at once. A scenario is compared with those of lower ordinals only, once they are
settled, so what is accepted does not depend on which slot was quicker.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.dialogue.choosing import strategy_for
from medsynth_assets.agents.dialogue.desk import Brief, FactsUnsaid, Unsaid
from medsynth_assets.engines.contract import Failed, Parked
from medsynth_assets.records.artifact import Agent, Artifact, Kind, Recipe, Stage
from medsynth_assets.records.call import Call
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.language import is_english
from medsynth_assets.records.note import Note
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.question import (
    JudgeQuestion,
    NotePolishQuestion,
    NoteQuestion,
    Question,
    ScenarioQuestion,
)
from medsynth_assets.records.scenario import Scenario, differing_variables
from medsynth_assets.records.verdict import Verdict

A = TypeVar("A", bound=BaseModel)

JUDGE_REJECTED = "judge_rejected"
LEAST_DIFFERING = 4  # of 13 variables, from every approved scenario of the code (MedSynth's rule a)


Watch = Callable[[Slot, Stage, bool], None]  # told of each slot and stage as it succeeds or fails


class Quarantined(NamedTuple):
    """Why a slot got no product at a stage."""

    stage: Stage
    reason: str
    detail: str


@dataclass
class SlotWork:
    """One slot: what to make, what stands already, and what came of it.

    stages: to be made, in their order. current: artifacts that are not to be made again, by kind (scenario, note).
    stage_recipe_ids: what each stage is made by. editions: by stage, how many tries with that recipe went before.
    rank: of slots that ask at once, the lower goes first.
    """

    slot: Slot
    plan: SlotPlan
    stages: tuple[Stage, ...]
    current: dict[Kind, Artifact] = field(default_factory=dict)
    stage_recipe_ids: dict[Stage, str] = field(default_factory=dict)
    editions: dict[Stage, int] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    products: dict[Stage, Artifact] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    quarantined: Quarantined | None = None
    rank: int = 0
    is_parked: bool = False  # it cannot go on before a batch has answered; what it has so far stands


class _Abandoned(Exception):
    """This slot cannot go on; carries the reason to quarantine."""

    def __init__(self, stage: Stage, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.why = Quarantined(stage, reason, detail)


class Chain:
    """Makes slots of one code. `approved` holds the standing scenarios of the code by ordinal."""

    def __init__(
        self,
        asking: Asking,
        judge_rounds: int,
        approved: Mapping[int, Scenario],
        watch: Watch = lambda *_: None,
        unsaid: Unsaid | None = None,
    ) -> None:
        self._asking = asking
        self._unsaid = unsaid
        self._strategy = strategy_for(asking.strategy)
        self._watch = watch
        self._rounds = judge_rounds
        self._approved = dict(approved)
        self._settled: dict[int, asyncio.Event] = {}
        self._unsettled: set[int] = set()  # slots parked before their scenario was settled
        self._recipes: dict[tuple[Agent, str, str], Recipe] = {}
        self._makers = {
            Stage.SCENARIOS: self._scenario,
            Stage.NOTES: self._note,
            Stage.DIALOGUES: self._dialogue,
        }

    def expect(self, works: Iterable[SlotWork]) -> None:
        """Announce the slots that will settle a scenario, before any of them starts."""
        for work in works:
            if Stage.SCENARIOS in work.stages:
                self._settled[work.slot.ordinal] = asyncio.Event()
                self._approved.pop(work.slot.ordinal, None)

    def let_go(self, work: SlotWork) -> None:
        """The slot is not made now after all: nobody need wait for its scenario."""
        if settled := self._settled.get(work.slot.ordinal):
            settled.set()

    async def make(self, work: SlotWork) -> SlotWork:
        """Run the stages asked for. A failure quarantines this slot only; EngineDown passes through.

        A slot whose answer comes in a batch is parked: asked for again later, it goes the same way and further.
        """
        settled = self._settled.get(work.slot.ordinal)
        try:
            for stage in work.stages:
                await self._makers[stage](work)
                self._watch(work.slot, stage, True)
        except _Abandoned as abandoned:
            work.quarantined = abandoned.why
            self._watch(work.slot, abandoned.why.stage, False)
        except Parked:
            work.is_parked = True
            if settled and not settled.is_set():
                self._unsettled.add(work.slot.ordinal)
        finally:
            if settled:
                settled.set()
        return work

    # The three stages

    async def _scenario(self, work: SlotWork) -> None:
        stage = Stage.SCENARIOS
        planned = self.add(work, Kind.PLAN, work.plan, "", (), None)
        rejected: list[Scenario] = []
        feedback: list[str] = []
        for round_ in range(1, self._rounds + 1):
            asked = ScenarioQuestion(plan=work.plan, feedback=feedback, rejected=rejected)
            draft = await self.ask(work, stage, Agent.SCENARIO_PROVIDER, asked, Scenario, round_)
            drafted = self.add(work, Kind.SCENARIO_DRAFT, draft, "", (planned.artifact_id,), Agent.SCENARIO_PROVIDER)
            question = JudgeQuestion(plan=work.plan, scenario=draft)
            verdict = await self.ask(work, stage, Agent.SCENARIO_JUDGE, question, Verdict, round_)
            judged = self.add(work, Kind.VERDICT, verdict, "", (drafted.artifact_id,), Agent.SCENARIO_JUDGE)
            points = [] if verdict.approved else verdict.feedback or ["not approved, without a reason"]
            points = points or await self._clashes(work.slot.ordinal, draft)
            if not points:
                self._approved[work.slot.ordinal] = draft
                self._settled[work.slot.ordinal].set()
                parents = (drafted.artifact_id, judged.artifact_id)
                work.products[stage] = self.add(work, Kind.SCENARIO, draft, "", parents, Agent.SCENARIO_JUDGE)
                return
            rejected, feedback = [*rejected, draft], [*feedback, *points]
        raise _Abandoned(stage, JUDGE_REJECTED, "; ".join(feedback[-3:]))

    async def _clashes(self, ordinal: int, draft: Scenario) -> list[str]:
        """Computed novelty: too like an approved scenario of a lower slot of the code.

        Raises Parked where a lower slot is: what it will come to is not known yet.
        """
        for lower, settled in self._settled.items():
            if lower < ordinal:
                await settled.wait()
        if any(lower < ordinal for lower in self._unsettled):
            raise Parked
        alike = [
            other
            for other, scenario in self._approved.items()
            if other < ordinal and differing_variables(draft, scenario) < LEAST_DIFFERING
        ]
        return [f"fewer than {LEAST_DIFFERING} of the 13 variables differ from scenario {other}" for other in alike]

    async def _note(self, work: SlotWork) -> None:
        stage = Stage.NOTES
        parent, scenario = self._parent(work, stage, Kind.SCENARIO, Scenario)
        draft = await self.ask(work, stage, Agent.NOTE_WRITER, NoteQuestion(plan=work.plan, scenario=scenario), Note)
        drafted = self.add(work, Kind.NOTE_DRAFT, draft, "", (parent.artifact_id,), Agent.NOTE_WRITER)
        asked = NotePolishQuestion(plan=work.plan, scenario=scenario, note=draft)
        note = await self.ask(work, stage, Agent.NOTE_POLISHER, asked, Note)
        work.products[stage] = self.add(
            work, Kind.NOTE, note, note.render(), (drafted.artifact_id, parent.artifact_id), Agent.NOTE_POLISHER
        )

    async def _dialogue(self, work: SlotWork) -> None:
        stage = Stage.DIALOGUES
        parent, note = self._parent(work, stage, Kind.NOTE, Note)
        _, scenario = self._parent(work, stage, Kind.SCENARIO, Scenario)
        brief = Brief(work.plan, scenario, note, parent)
        try:
            work.products[stage] = await self._strategy.make(_SlotDesk(self, work, note), brief)
        except FactsUnsaid as unsaid:
            raise _Abandoned(stage, "facts_unsaid", str(unsaid)) from None

    # Joints

    async def unsaid(self, code: str, note: Note, dialogue: Dialogue) -> list[str]:
        """Facts of the note to be said still; none where nothing checks, or what checks does not read the language."""
        if not is_english(self._asking.language):
            return []
        return await self._unsaid(code, note.render(), dialogue.render()) if self._unsaid else []

    async def ask(
        self, work: SlotWork, stage: Stage, agent: Agent, question: Question, answer_type: type[A], round_: int = 1
    ) -> A:
        request = self._asking.request(
            agent, work.slot, question, self._recipe(agent, work.plan.icd), answer_type,
            round_=round_, edition=work.editions.get(stage, 0), rank=work.rank,
        )  # fmt: skip
        outcome = await self._asking.engine.answer(request)
        work.calls += outcome.calls
        if isinstance(outcome, Failed):
            raise _Abandoned(stage, outcome.reason, f"{agent}: {outcome.detail}")
        return outcome.answer

    def _recipe(self, agent: Agent, icd: CodeFacts) -> Recipe:
        key = (agent, icd.code, icd.row_hash)
        if key not in self._recipes:
            self._recipes[key] = self._asking.recipe(agent, icd)
        return self._recipes[key]

    def recipes(self) -> list[Recipe]:
        """Every recipe used so far."""
        return list(self._recipes.values())

    def _parent(self, work: SlotWork, stage: Stage, kind: Kind, shape: type[A]) -> tuple[Artifact, A]:
        made = {a.kind: a for a in work.products.values()}
        artifact = made.get(kind) or work.current.get(kind)
        if artifact is None:
            raise _Abandoned(stage, "parent_missing", f"{work.slot.record_id} has no {kind}")
        return artifact, shape.model_validate(artifact.content)

    def add(
        self,
        work: SlotWork,
        kind: Kind,
        content: BaseModel | dict[str, Any],
        text: str,
        parents: tuple[str, ...],
        agent: Agent | None,
    ) -> Artifact:
        body: dict[str, Any] = content if isinstance(content, dict) else content.model_dump(mode="json")
        recipe = self._recipe(agent, work.plan.icd) if agent else None
        artifact = Artifact(
            kind=kind,
            slot=work.slot,
            content=body,
            text=text,
            parents=parents,
            recipe_id=recipe.recipe_id if recipe else "",
            engine=recipe.engine if recipe else "",
            model=recipe.model if recipe else "",
        )
        work.artifacts.append(artifact)
        if agent:
            _tie(work, agent, artifact.artifact_id)
        return artifact


def _tie(work: SlotWork, agent: Agent, artifact_id: str) -> None:
    """The agent's calls that are not tied yet were sent for this artifact."""
    for n, call in enumerate(work.calls):
        if call.agent is agent and not call.artifact_id:
            work.calls[n] = call._replace(artifact_id=artifact_id)


class _SlotDesk(NamedTuple):
    """What a dialogue strategy sees of the chain: one slot at the dialogue stage."""

    chain: Chain
    work: SlotWork
    note: Note

    async def ask(self, agent: Agent, question: Question, answer_type: type[A], round_: int = 1) -> A:
        return await self.chain.ask(self.work, Stage.DIALOGUES, agent, question, answer_type, round_)

    def keep(
        self, kind: Kind, content: BaseModel | dict[str, Any], parents: tuple[str, ...], agent: Agent | None
    ) -> Artifact:
        text = content.render() if kind is Kind.DIALOGUE and isinstance(content, Dialogue) else ""
        return self.chain.add(self.work, kind, content, text, parents, agent)

    async def unsaid(self, dialogue: Dialogue) -> list[str]:
        return await self.chain.unsaid(self.work.slot.code, self.note, dialogue)
