"""NoteChat's strategy: plan, role-play, polish, over the offline engine and over answers of a script."""

import asyncio
from typing import Any

import pytest

from medsynth_assets.agents.asking import Asking, asking_with
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.dialogue.notechat import NoteChat
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.engines.contract import Request
from medsynth_assets.errors import ConfigError
from medsynth_assets.lineage.trace import with_ancestors
from medsynth_assets.records.agenda import Agenda, AgendaFact, Utterance
from medsynth_assets.records.artifact import Agent, Artifact, Kind, Stage, Strategy
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.question import RoleQuestion
from medsynth_assets.settings import Settings
from tests.agents.test_chain import ALL, ICD, PEOPLE, Scripted, make

AGENDA = Agenda(
    facts=[
        AgendaFact(part="story", fact="headache for a month", told_by="patient"),
        AgendaFact(part="plan", fact="start amlodipine 5 mg", told_by="doctor"),
    ]
)


def of_kind(work: SlotWork, kind: Kind) -> list[Artifact]:
    return [artifact for artifact in work.artifacts if artifact.kind is kind]


def scripted(says: dict[int, Utterance]) -> tuple[SlotWork, Scripted]:
    """A role-play of four utterances at most, by number; the rest as small talk. The agenda has two facts."""

    def rule(request: Request[Any]) -> Any:
        if request.agent is Agent.DIALOGUE_PLANNER:
            return AGENDA
        if isinstance(request.question, RoleQuestion):
            small = Utterance(turns=[Turn(speaker=request.question.role, text="Mm-hm.")], covers=[], ends=False)
            return says.get(request.round, small)
        return None

    engine = Scripted(rule)
    chain = Chain(Asking(engine, 1, strategy=Strategy.NOTECHAT), 4, {})
    chain._strategy = NoteChat(most=4)
    work = SlotWork(Slot("I10", 1), plan_slot(ICD, 1, PEOPLE, 1), ALL)
    chain.expect([work])
    return asyncio.run(chain.make(work)), engine


def said(text: str, *covers: int, speaker: str = "doctor", ends: bool = False) -> Utterance:
    return Utterance(turns=[Turn(speaker=speaker, text=text)], covers=list(covers), ends=ends)


@pytest.fixture(scope="module")
def offline() -> tuple[SlotWork, Scripted]:
    engine = Scripted()
    (work,) = make(engine, strategy=Strategy.NOTECHAT)
    return work, engine


def test_offline_the_two_sides_take_turns_until_the_agenda_is_said(offline: tuple[SlotWork, Scripted]) -> None:
    """Doctor and patient are asked in turn; every fact of the agenda is covered once, and the draft is what they said."""
    work, engine = offline
    roles = [r.agent for r in engine.asked if r.agent in (Agent.ROLE_DOCTOR, Agent.ROLE_PATIENT)]
    assert roles == [(Agent.ROLE_DOCTOR, Agent.ROLE_PATIENT)[n % 2] for n in range(len(roles))]
    (agenda,) = of_kind(work, Kind.DIALOGUE_AGENDA)
    utterances = of_kind(work, Kind.UTTERANCE)
    covered = [number for utterance in utterances for number in utterance.content["covers"]]
    assert sorted(covered) == list(range(1, len(agenda.content["facts"]) + 1))
    (draft,) = of_kind(work, Kind.DIALOGUE_DRAFT)
    assert draft.content["turns"] == [turn for utterance in utterances for turn in utterance.content["turns"]]
    assert work.quarantined is None
    assert len(utterances) > 30


def test_plan_and_every_utterance_are_ancestors_of_the_dialogue(offline: tuple[SlotWork, Scripted]) -> None:
    """Nothing that was said on the way is outside the lineage, and every call is tied to what it brought."""
    work, _ = offline
    parents = {artifact.artifact_id: artifact.parents for artifact in work.artifacts}
    ancestors = with_ancestors([work.products[Stage.DIALOGUES].artifact_id], parents)
    made = of_kind(work, Kind.DIALOGUE_AGENDA) + of_kind(work, Kind.UTTERANCE)
    assert {artifact.artifact_id for artifact in made} <= ancestors
    assert work.products[Stage.NOTES].artifact_id == work.products[Stage.DIALOGUES].parents[-1]
    tied = {call.artifact_id for call in work.calls}
    assert {artifact.artifact_id for artifact in made} <= tied
    assert "" not in tied


def test_both_strategies_build_on_the_same_note(offline: tuple[SlotWork, Scripted]) -> None:
    """Scenario and note are what they are with MedSynth's strategy; only the dialogue is another."""
    (medsynth,) = make(Scripted())
    for stage, same in ((Stage.SCENARIOS, True), (Stage.NOTES, True), (Stage.DIALOGUES, False)):
        assert (medsynth.products[stage] == offline[0].products[stage]) is same


def test_the_patient_is_shown_neither_the_chart_nor_the_doctors_facts() -> None:
    """The doctor's prompt has the plan of treatment, the patient's has only what a patient knows."""
    _, engine = scripted({})
    shown = {r.agent: r.render()[1]["content"] for r in engine.asked if isinstance(r.question, RoleQuestion)}
    assert "amlodipine 5 mg" in shown[Agent.ROLE_DOCTOR]
    assert "headache for a month" in shown[Agent.ROLE_PATIENT]
    assert "amlodipine 5 mg" not in shown[Agent.ROLE_PATIENT]
    assert "medical_outcome" not in shown[Agent.ROLE_PATIENT]
    assert "persona" in shown[Agent.ROLE_PATIENT]


def test_turns_are_bounded_and_what_is_left_goes_to_the_polisher() -> None:
    """Two models that never get to the plan stop after the most utterances; the polisher is told what is missing."""
    work, engine = scripted({2: said("It hurts.", 1, speaker="patient")})
    assert len(of_kind(work, Kind.UTTERANCE)) == 4
    polish = next(r.question for r in engine.asked if r.agent is Agent.DIALOGUE_POLISHER)
    assert polish.unsaid == ["start amlodipine 5 mg"]
    assert "amlodipine 5 milligrams" in work.products[Stage.DIALOGUES].text


def test_a_goodbye_ends_the_visit() -> None:
    """After `ends` nobody is asked again."""
    work, _ = scripted({1: said("Hello.", 2), 2: said("Bye.", 1, speaker="patient", ends=True)})
    assert len(of_kind(work, Kind.UTTERANCE)) == 2


def test_what_a_model_puts_into_the_other_sides_mouth_is_its_own() -> None:
    """The patient's agent cannot speak as the doctor, nor cover facts that are not on the agenda."""
    work, _ = scripted({2: said("Doctor speaking.", 1, 2, 99, speaker="doctor", ends=True)})
    assert [turn["speaker"] for turn in of_kind(work, Kind.DIALOGUE_DRAFT)[0].content["turns"]] == ["doctor", "patient"]


@pytest.mark.parametrize(("strategy", "language"), [("notechat", "en"), ("medsynth", "fr"), ("notechat", "fr")])
def test_switching_strategy_or_language_makes_dialogues_stale_and_only_dialogues(strategy: str, language: str) -> None:
    """The recipe of the stage says how dialogues are made; scenarios and notes keep theirs."""
    engine = Scripted()
    usual, other = Asking(engine, 1), Asking(engine, 1, None, Strategy(strategy), language)
    stale = [s for s in Stage if usual.stage_recipe_id(s, ICD) != other.stage_recipe_id(s, ICD)]
    assert stale == [Stage.DIALOGUES]
    polisher = other.recipe(Agent.DIALOGUE_POLISHER, ICD)
    assert polisher.parameters.get("dialogue_strategy", "medsynth") == strategy
    assert polisher.parameters.get("dialogue_language", "en") == language


def test_the_language_stands_in_the_prompts_of_dialogue_agents_alone() -> None:
    """A model that writes notes is told nothing of it."""
    engine = Scripted()
    make(engine)
    asking = Asking(engine, 1, language="de-AT")
    for request in engine.asked:
        system, user = asking._messages(request.agent, request.question)
        is_told = request.agent in Stage.DIALOGUES.agents
        assert ('"dialogue_language": "de-AT"' in user["content"]) is is_told
        assert ("BCP 47" in system["content"]) is is_told


def test_offline_refuses_a_language_that_it_does_not_speak() -> None:
    """With the setting to change, before anything is made; any English is English."""
    asking_with(Scripted(), 1, Settings(dialogue_language="en-GB"))
    with pytest.raises(ConfigError, match=r"MEDSYNTH_DIALOGUE_LANGUAGE is 'nl'.*speaks English only"):
        asking_with(Scripted(), 1, Settings(dialogue_language="nl"))


def test_a_dialogue_is_a_dialogue_whatever_made_it(offline: tuple[SlotWork, Scripted]) -> None:
    """The product's text is the rendering of its turns, and has both sides in it."""
    product = offline[0].products[Stage.DIALOGUES]
    assert product.text == Dialogue.model_validate(product.content).render()
    assert {"doctor", "patient"} <= {turn["speaker"] for turn in product.content["turns"]}


def test_the_gate_that_reads_english_is_not_asked_of_another_language() -> None:
    """A French dialogue is not sent back for English words that it does not have."""
    looks: list[str] = []

    async def unsaid(code: str, note: str, dialogue: str) -> list[str]:
        looks.append(code)
        return []

    for language in ("en", "fr"):
        chain = Chain(Asking(Scripted(), 1, language=language), 4, {}, unsaid=unsaid)
        work = SlotWork(Slot("I10", 1), plan_slot(ICD, 1, PEOPLE, 1), ALL)
        chain.expect([work])
        assert asyncio.run(chain.make(work)).quarantined is None
    assert looks == ["I10"]
