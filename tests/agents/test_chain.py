"""The chain of six agents on slots of one code, over a scripted engine."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.engines.contract import A, Failed, Parked, Reply, Request
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.records.artifact import Agent, Kind, Stage, Strategy
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group, Population
from medsynth_assets.records.question import ScenarioQuestion
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.records.verdict import Verdict

ICD = CodeFacts(
    code="I10", description="Essential (primary) hypertension", category="I10", chapter="9", inclusion_terms=[],
    episode="", release_id="r", row_hash="h",
)  # fmt: skip
PEOPLE = Population([Group("female", 50, 60, 1.0)], [(0, 200, "Hispanic", 1.0)], 1.0, "p", "row")
ALL = tuple(Stage)
SIX = [agent for stage in Stage for agent in stage.agents]
Rule = Callable[[Request[Any]], Any]


class Scripted(OfflineEngine):
    """Answers as the offline engine does, but for what the rule decides; remembers what it was asked."""

    def __init__(self, rule: Rule = lambda _: None) -> None:
        super().__init__()
        self._rule = rule
        self.asked: list[Request[Any]] = []

    async def answer(self, request: Request[A]) -> Reply[A] | Failed:
        self.asked.append(request)
        decided = self._rule(request)
        if asyncio.iscoroutine(decided):
            decided = await decided
        if isinstance(decided, Failed):
            return decided
        if decided is not None:
            return Reply(decided, ())
        return await super().answer(request)


def make(
    engine: Scripted,
    slots: int = 1,
    rounds: int = 4,
    stages: tuple[Stage, ...] = ALL,
    strategy: Strategy = Strategy.MEDSYNTH,
) -> list[SlotWork]:
    """Make the first slots of the code, all at once."""
    chain = Chain(Asking(engine, 1, strategy=strategy), rounds, {})
    works = [SlotWork(Slot("I10", n), plan_slot(ICD, n, PEOPLE, 1), stages) for n in range(1, slots + 1)]
    chain.expect(works)

    async def together() -> list[SlotWork]:
        return list(await asyncio.gather(*(chain.make(work) for work in works)))

    return asyncio.run(together())


def kinds(work: SlotWork) -> list[Kind]:
    return [artifact.kind for artifact in work.artifacts]


def rejecting(times: int) -> Rule:
    rejections = itertools.count()

    def rule(request: Request[Any]) -> Verdict | None:
        if request.agent is Agent.SCENARIO_JUDGE and next(rejections) < times:
            return Verdict(medically_correct=False, plausible=True, feedback=["the dose is too high"])
        return None

    return rule


def test_a_slot_passes_all_six_agents_in_order() -> None:
    """Each agent of MedSynth is asked once, and every answer is kept as an artifact."""
    engine = Scripted()
    (work,) = make(engine)
    assert [request.agent for request in engine.asked] == SIX
    assert kinds(work) == [kind for kind in Kind if kind not in (Kind.DIALOGUE_AGENDA, Kind.UTTERANCE)]
    assert set(work.products) == set(Stage)


def test_the_judges_feedback_goes_back_to_the_provider() -> None:
    """After a rejection the provider is asked again with the feedback and the rejected draft; both attempts are kept."""
    engine = Scripted(rejecting(1))
    (work,) = make(engine)
    second = [r.question for r in engine.asked if r.agent is Agent.SCENARIO_PROVIDER][1]
    assert isinstance(second, ScenarioQuestion)
    assert second.feedback == ["the dose is too high"]
    assert len(second.rejected) == 1
    assert kinds(work).count(Kind.SCENARIO_DRAFT) == kinds(work).count(Kind.VERDICT) == 2
    assert work.quarantined is None


def test_a_slot_rejected_in_every_round_goes_to_quarantine_with_the_reason() -> None:
    """Four rejections are enough: no product, no note is asked for, and the feedback is the detail."""
    engine = Scripted(rejecting(99))
    (work,) = make(engine, rounds=4)
    assert work.quarantined is not None
    assert work.quarantined[:2] == (Stage.SCENARIOS, "judge_rejected")
    assert "dose is too high" in work.quarantined.detail
    assert [r.agent for r in engine.asked].count(Agent.SCENARIO_PROVIDER) == 4
    assert not {Agent.NOTE_WRITER, Agent.DIALOGUE_GENERATOR} & {r.agent for r in engine.asked}
    assert work.products == {}


def test_a_failed_answer_costs_its_own_slot_only() -> None:
    """A refusal of one note leaves the scenario of that slot and the other slots as they are."""

    def refuse_second(request: Request[Any]) -> Failed | None:
        refused = request.agent is Agent.NOTE_WRITER and request.slot.ordinal == 2
        return Failed("refusal", "I cannot help with that", ()) if refused else None

    works = make(Scripted(refuse_second), slots=3)
    assert [work.quarantined is None for work in works] == [True, False, True]
    assert works[1].quarantined is not None
    assert works[1].quarantined[:2] == (Stage.NOTES, "refusal")
    assert set(works[1].products) == {Stage.SCENARIOS}


@pytest.fixture(scope="module")
def one_scenario() -> Scenario:
    (work,) = make(Scripted(), stages=(Stage.SCENARIOS,))
    return Scenario.model_validate(work.products[Stage.SCENARIOS].content)


def test_a_scenario_too_like_a_lower_slots_is_made_again(one_scenario: Scenario) -> None:
    """Two slots draw the same scenario; the lower keeps it, the higher is told which one it is like."""

    def same_at_first(request: Request[Any]) -> Scenario | None:
        return one_scenario if request.agent is Agent.SCENARIO_PROVIDER and request.round == 1 else None

    first, second = make(Scripted(same_at_first), slots=2)
    assert kinds(first).count(Kind.SCENARIO_DRAFT) == 1
    assert kinds(second).count(Kind.SCENARIO_DRAFT) == 2
    assert first.products[Stage.SCENARIOS].content != second.products[Stage.SCENARIOS].content


@pytest.mark.parametrize("slow", [1, 2, 3], ids=lambda n: f"slot-{n}-is-slow")
def test_what_is_accepted_does_not_depend_on_which_slot_is_quicker(slow: int) -> None:
    """A slot that dawdles changes nothing in any record."""

    async def dawdle() -> None:
        await asyncio.sleep(0.02)

    usual = make(Scripted(), slots=3)
    delayed = make(Scripted(lambda r: dawdle() if r.slot.ordinal == slow else None), slots=3)
    assert [w.artifacts for w in usual] == [w.artifacts for w in delayed]


def test_a_note_without_a_scenario_says_that_its_parent_is_missing() -> None:
    """Only notes are asked for, and no scenario stands: quarantine, not a crash."""
    (work,) = make(Scripted(), stages=(Stage.NOTES,))
    assert work.quarantined is not None
    assert work.quarantined[:2] == (Stage.NOTES, "parent_missing")


def test_a_stage_by_itself_builds_on_the_standing_parent() -> None:
    """A dialogue made alone has the standing note among its parents, and asks only its own two agents."""
    (whole,) = make(Scripted())
    engine = Scripted()
    chain = Chain(Asking(engine, 1), 4, {})
    current = {Kind.SCENARIO: whole.products[Stage.SCENARIOS], Kind.NOTE: whole.products[Stage.NOTES]}
    work = SlotWork(whole.slot, whole.plan, (Stage.DIALOGUES,), current)
    chain.expect([work])
    asyncio.run(chain.make(work))
    assert [r.agent for r in engine.asked] == [Agent.DIALOGUE_GENERATOR, Agent.DIALOGUE_POLISHER]
    assert whole.products[Stage.NOTES].artifact_id in work.products[Stage.DIALOGUES].parents
    assert work.products[Stage.DIALOGUES] == whole.products[Stage.DIALOGUES]


def repaired(lists: list[list[str]], rule: Rule = lambda _: None) -> tuple[SlotWork, Scripted]:
    """One slot whose dialogue a check finds these facts missing from, one list a look."""
    engine, left = Scripted(rule), iter(lists)

    async def unsaid(code: str, note: str, dialogue: str) -> list[str]:
        assert code == "I10"
        assert note.startswith("Subjective:")
        assert dialogue.startswith("[")
        return next(left, [])

    chain = Chain(Asking(engine, 1), 4, {}, unsaid=unsaid)
    work = SlotWork(Slot("I10", 1), plan_slot(ICD, 1, PEOPLE, 1), ALL)
    chain.expect([work])
    return asyncio.run(chain.make(work)), engine


def test_facts_found_unsaid_go_back_to_the_polisher_and_the_repair_is_in_the_lineage() -> None:
    """The offline polisher says them; what it repaired is the parent of what came of it."""
    work, engine = repaired([["Takes warfarin 5 mg daily"]])
    last = engine.asked[-1]
    assert (last.agent, last.round) == (Agent.DIALOGUE_POLISHER, 2)
    assert "Takes warfarin 5 milligrams daily" in work.products[Stage.DIALOGUES].text
    tried = [artifact for artifact in work.artifacts if artifact.kind is Kind.DIALOGUE_DRAFT]
    assert len(tried) == 2
    assert tried[1].artifact_id in work.products[Stage.DIALOGUES].parents
    assert "warfarin" not in str(tried[1].content)


def test_after_two_repairs_in_vain_the_slot_is_quarantined_with_the_facts() -> None:
    """Nothing is passed off as whole."""
    work, engine = repaired([["fact one"], ["fact one"], ["fact one", "fact two"]])
    assert work.quarantined == (Stage.DIALOGUES, "facts_unsaid", "fact one; fact two")
    assert sum(request.agent is Agent.DIALOGUE_POLISHER for request in engine.asked) == 3


def test_every_artifact_names_its_parents() -> None:
    """From the dialogue back to the plan, each parent id is the id of an artifact of the slot."""
    (work,) = make(Scripted(rejecting(1)))
    ids = {artifact.artifact_id for artifact in work.artifacts}
    assert len(ids) == len(work.artifacts)
    for artifact in work.artifacts:
        assert set(artifact.parents) <= ids
        assert bool(artifact.parents) == (artifact.kind is not Kind.PLAN)


@pytest.mark.parametrize("change", ["seed", "model", "knowledge"])
def test_a_recipe_changes_with_what_decides_the_answer(change: str) -> None:
    """Seed, model and knowledge are part of the stage recipe; the same again gives the same id."""

    class Other(Scripted):
        def model_for(self, agent: Agent) -> str:
            return "another"

    class Learned(Scripted):
        def knowledge_for(self, icd: CodeFacts) -> tuple[tuple[str, ...], str]:
            return ("hypertension",), "changed"

    usual = Asking(Scripted(), 1)
    changed = {"seed": Asking(Scripted(), 2), "model": Asking(Other(), 1), "knowledge": Asking(Learned(), 1)}[change]
    for stage in Stage:
        assert usual.stage_recipe_id(stage, ICD) == Asking(Scripted(), 1).stage_recipe_id(stage, ICD)
        assert usual.stage_recipe_id(stage, ICD) != changed.stage_recipe_id(stage, ICD)


@pytest.mark.parametrize("agent", [*SIX, Agent.DIALOGUE_PLANNER, Agent.ROLE_DOCTOR, Agent.ROLE_PATIENT])
def test_every_agents_template_renders_with_the_record_as_data(agent: Agent) -> None:
    """System first, user second; the official description stands in the data of each agent."""
    engine = Scripted()
    make(engine, strategy=Strategy.MEDSYNTH if agent in SIX else Strategy.NOTECHAT)
    request = next(r for r in engine.asked if r.agent is agent)
    system, user = request.render()
    assert (system["role"], user["role"]) == ("system", "user")
    assert "Essential (primary) hypertension" in user["content"]
    assert "Essential" not in system["content"]


def test_an_edition_draws_another_seed_for_its_stage_only() -> None:
    """A note that is tried again is asked with a seed of its own; without an edition the seed is what it always was."""
    engine = Scripted()
    for editions in ({}, {}, {Stage.NOTES: 1}, {Stage.NOTES: 2}):
        chain = Chain(Asking(engine, 1), 4, {})
        work = SlotWork(Slot("I10", 1), plan_slot(ICD, 1, PEOPLE, 1), ALL, editions=editions)
        chain.expect([work])
        asyncio.run(chain.make(work))
    seeds = {agent: [r.seed for r in engine.asked if r.agent is agent and r.round == 1] for agent in Agent}
    assert len(set(seeds[Agent.SCENARIO_PROVIDER])) == len(set(seeds[Agent.DIALOGUE_POLISHER])) == 1
    for agent in Stage.NOTES.agents:
        usual, again, first, second = seeds[agent]
        assert usual == again
        assert len({usual, first, second}) == 3


def test_a_slot_that_is_let_go_keeps_nobody_waiting() -> None:
    """The second slot compares itself with the first; where the first is left for another day, it goes on."""
    chain = Chain(Asking(Scripted(), 1), 4, {})
    first, second = (SlotWork(Slot("I10", n), plan_slot(ICD, n, PEOPLE, 1), ALL) for n in (1, 2))
    chain.expect([first, second])
    chain.let_go(first)
    asyncio.run(asyncio.wait_for(chain.make(second), 30))
    assert set(second.products) == set(Stage)


def parking(*ordinals: int, agent: Agent = Agent.SCENARIO_JUDGE) -> Rule:
    """These slots' requests of the agent wait for a batch."""

    def rule(request: Request[Any]) -> None:
        if request.agent is agent and request.slot.ordinal in ordinals:
            raise Parked

    return rule


def test_a_parked_slot_keeps_what_it_has_and_is_neither_made_nor_quarantined() -> None:
    """Its finished stages stand, nothing is said of the others."""
    (work,) = make(Scripted(parking(1, agent=Agent.NOTE_POLISHER)))
    assert (work.is_parked, work.quarantined, set(work.products)) == (True, None, {Stage.SCENARIOS})


def test_a_slot_that_must_be_compared_with_a_parked_one_is_parked_with_it() -> None:
    """Slot 2 has no clash to speak of before slot 1 is settled; slot 1 does not wait for slot 2."""
    first, second, third = make(Scripted(parking(2)), slots=3)
    assert [first.is_parked, second.is_parked, third.is_parked] == [False, True, True]
    assert set(first.products) == set(Stage)
    assert third.products == {}


def test_the_chain_run_again_comes_to_the_same_as_if_it_had_not_been_parked() -> None:
    """Answers known, it goes the same way: the artifacts are those of a run that never waited."""
    at_once = make(Scripted(), slots=3)
    engine = Scripted(parking(1))
    parked = make(engine, slots=3)
    assert all(work.is_parked for work in parked)
    again = make(Scripted(), slots=3)
    assert [work.products for work in again] == [work.products for work in at_once]
