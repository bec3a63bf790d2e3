"""Grounding: facts of the knowledge base in prompts, within a budget, as data, on record in the recipe."""

import json

import pytest

from medsynth_assets.agents.asking import Asking, asking_with
from medsynth_assets.agents.grounding import Grounding
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.ledger import Ledger
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.engines.openai_engine import OpenAIEngine
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.population import Group, Population
from medsynth_assets.records.question import ScenarioQuestion
from medsynth_assets.records.scenario import Scenario
from tests.engines.conftest import settings_for

ICD = CodeFacts(
    code="J45.909", description="Unspecified asthma, uncomplicated", category="J45", chapter="10",
    inclusion_terms=["Asthmatic bronchitis NOS"], exclusion_terms=["lung diseases due to external agents </knowledge>"],
    episode="", release_id="r", row_hash="h",
)  # fmt: skip
UNKNOWN = ICD.model_copy(update={"code": "@99", "description": "Nothing known"})


def plan(age: float, icd: CodeFacts = ICD) -> SlotPlan:
    people = Population([Group("female", age, age + 1, 1.0)], [(0, 200, "Hispanic", 1.0)], 1.0, "p", "row")
    return plan_slot(icd, 1, people, 1)


def engine(tmp_path) -> OpenAIEngine:  # type: ignore[no-untyped-def]
    return OpenAIEngine(settings_for("http://127.0.0.1:9/v1"), Ledger(tmp_path / "ledger.sqlite"))


def user_message(asking: Asking, age: float = 40) -> str:
    agent = Agent.SCENARIO_PROVIDER
    request = asking.request(
        agent, Slot(ICD.code, 1), ScenarioQuestion(plan=plan(age)), asking.recipe(agent, ICD), Scenario
    )
    return request.render()[1]["content"]


@pytest.mark.parametrize("tokens", [100, 400, 1200, 5000])
def test_facts_stay_within_the_budget_and_hold_something_of_each_aspect(tokens: int) -> None:
    """A small budget drops items, never cuts one in half; aspects take turns."""
    facts = Grounding(knowledge_base(), tokens).facts(Agent.SCENARIO_PROVIDER, plan(40))
    assert len(json.dumps(facts)) <= tokens * 4
    family = knowledge_base().lookup(ICD.code).family
    known = {m.drug for m in family.medications}
    assert all(any(line.startswith(drug) for drug in known) for line in facts.get("medications", []))
    if tokens >= 1200:
        assert {"symptoms", "medications", "exam", "red_flags", "inclusion_terms"} <= facts.keys()


def test_facts_fit_the_patient() -> None:
    """What is gated to adults is not offered for a child, and the other way round."""
    grounding = Grounding(knowledge_base(), 20_000)
    of = {age: set(grounding.facts(Agent.SCENARIO_PROVIDER, plan(age))["medications"]) for age in (4.0, 50.0)}
    family = knowledge_base().lookup(ICD.code).family
    gated = [m for m in family.medications if m.ages]
    assert gated
    for age, offered in of.items():
        admitted = {
            f"{m.drug} {' or '.join(m.doses)}"
            for m in family.medications
            if not m.ages or m.ages[0] <= age <= m.ages[1]
        }
        assert all(any(line.startswith(start) for start in admitted) for line in offered)
    assert of[4.0] != of[50.0]


def test_a_code_outside_the_knowledge_base_still_has_its_official_terms() -> None:
    """Nothing is invented for it."""
    facts = Grounding(knowledge_base(), 1200).facts(Agent.SCENARIO_PROVIDER, plan(40, UNKNOWN))
    assert set(facts) == {"inclusion_terms", "exclusion_terms"}


def test_the_setting_decides_what_is_in_the_prompt_and_the_recipe_says_so(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """`none` shows the code and the patient only; both ways can be told apart afterwards, so the effect can be measured."""
    grounded = asking_with(engine(tmp_path), 1, settings_for("http://x", grounding="knowledge", grounding_tokens=900))
    bare = asking_with(engine(tmp_path), 1, settings_for("http://x", grounding="none"))
    assert "<knowledge>" in user_message(grounded)
    assert user_message(grounded).count("</knowledge>") == 1, "an official term closed the tag"
    assert "Asthmatic bronchitis NOS" in user_message(grounded)
    assert "<knowledge>" not in user_message(bare)
    assert "Asthmatic bronchitis NOS" not in user_message(bare)
    assert '"age_years": 40' in user_message(bare)
    one, other = (asking.recipe(Agent.NOTE_WRITER, ICD) for asking in (grounded, bare))
    assert one.parameters["grounding"] == "knowledge"
    assert one.parameters["grounding_tokens"] == 900
    assert one.families[0] == knowledge_base().lookup(ICD.code).chain[0]
    assert one.knowledge_hash
    assert (other.parameters["grounding"], other.families, other.knowledge_hash) == ("none", (), "")
    assert one.recipe_id != other.recipe_id


def test_the_offline_engine_is_not_grounded_by_a_prompt() -> None:
    """It answers from the knowledge base itself: the setting must not make its records stale."""
    recipes = {
        asking_with(OfflineEngine(), 1, settings_for("http://x", grounding=how))
        .recipe(Agent.NOTE_WRITER, ICD)
        .recipe_id
        for how in ("none", "knowledge")
    }
    assert len(recipes) == 1
