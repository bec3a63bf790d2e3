"""Whole records of the offline engine, over many codes."""

import asyncio
import csv
import json
import re
import subprocess
import sys

import pytest

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.family import State, below_age
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.offline.case import Case
from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.engines.offline.judge import judge
from medsynth_assets.engines.offline.provider import provide
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts, SlotPlan
from medsynth_assets.records.population import Group, Population
from medsynth_assets.records.question import ScenarioQuestion
from medsynth_assets.records.scenario import Scenario
from medsynth_assets.reference.prevalence import DEFAULT

with DEFAULT.open(encoding="utf-8") as file:
    CODES = [(row["code"], row["description"]) for row, _ in zip(csv.DictReader(file), range(2000), strict=False)]
SAMPLE = CODES[:60] + CODES[60::40]
HOSTILE = 'Pain\'; drop table heads; -- "quoted" {braces} {{ 7*7 }} {% raw %} <script> 😀 ' + "x" * 10_000


def plan_for(code: str, description: str, ordinal: int = 1, seed: int = 1) -> SlotPlan:
    family = knowledge_base().lookup(code).family
    groups = [
        Group(s, family.min_age, below_age(min(family.max_age, 90)), 1.0)
        for s in ("female", "male")
        if s == (family.sex or s)
    ]
    population = Population(groups, [(0, 200, "Non-Hispanic White", 1.0)], 1.0, "p", "row")
    facts = CodeFacts(
        code=code, description=description, category=code[:3], chapter="", inclusion_terms=[], episode="",
        release_id="r", row_hash="h",
    )  # fmt: skip
    return plan_slot(facts, ordinal, population, seed)


def record(code: str, description: str, seed: int = 1) -> SlotWork:
    """One whole record of the code."""
    chain = Chain(Asking(OfflineEngine(), seed), 4, {})
    work = SlotWork(Slot(code, 1), plan_for(code, description, seed=seed), tuple(Stage))
    chain.expect([work])
    return asyncio.run(chain.make(work))


def texts(work: SlotWork) -> tuple[str, str]:
    return work.products[Stage.NOTES].text, work.products[Stage.DIALOGUES].text


@pytest.mark.parametrize(("code", "description"), SAMPLE, ids=[code for code, _ in SAMPLE])
def test_a_record_is_complete_and_leaves_nothing_unfilled(code: str, description: str) -> None:
    """Note and dialogue are made, hold no placeholder, no doubled stop and no code, and name the diagnosis."""
    work = record(code, description)
    assert work.quarantined is None, work.quarantined
    note, dialogue = texts(work)
    for text in (note, dialogue):
        assert not re.search(r"\{\w*\}|\.\.(?!\.)| ,|\(\)", text), text
    assert description.lower() in note.lower()
    assert code not in dialogue
    scenario = Scenario.model_validate(work.products[Stage.SCENARIOS].content)
    assert (scenario.demographics.age_years, scenario.demographics.gender) == (work.plan.age_years, work.plan.sex)


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    """Another process with another hash seed writes the same records; another seed writes others."""
    program = (
        "import json; from tests.engines.offline.test_records import record, texts;"
        "print(json.dumps([texts(record(c, d)) for c, d in (('I10', 'x'), ('J06.9', 'y'), ('M54.50', 'z'))]))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert json.loads(said[0])[0] != list(texts(record("I10", "x", seed=2)))


def test_a_hostile_description_is_plain_text() -> None:
    """Quotes, braces, SQL, markup, an emoji and ten thousand characters come out as they went in, and run nothing."""
    work = record("I10", HOSTILE)
    assert work.quarantined is None
    note, dialogue = texts(work)
    assert " ".join(HOSTILE.split()).lower() in " ".join(note.split()).lower()
    assert "49" not in note.split("Assessment:")[1].split("Plan:")[0]
    assert "drop table" not in dialogue


def test_a_drug_against_an_allergy_is_rejected_and_not_prescribed_again() -> None:
    """The judge names the drug; with that feedback the provider chooses another or none."""
    plan = plan_for("J02.0", "Streptococcal pharyngitis")
    plan = plan.model_copy(update={"age_years": 30.0})
    case = Case(plan, knowledge_base())
    for seed in range(400):
        scenario = provide(ScenarioQuestion(plan=plan), case, Chooser(seed))
        verdict = judge(case, scenario)
        if not verdict.approved:
            break
    else:
        pytest.fail("no draft with a drug against an allergy in 400")
    assert "allergy" in verdict.feedback[0]
    refused = verdict.feedback[0].rpartition(": ")[2]
    again = provide(ScenarioQuestion(plan=plan, feedback=verdict.feedback), case, Chooser(seed))
    assert refused not in [order.drug for order in again.medical_outcome.prescriptions]


@pytest.mark.parametrize(
    ("state", "allowed"),
    [(State.NEW, {"start"}), (State.STABLE, {"continue"}), (State.WORSE, {"increase", "continue", "start"})],
)
def test_treatment_follows_how_the_condition_stands(state: State, allowed: set[str]) -> None:
    """Hypertension: a new one is started on a drug, a stable one continues, one doing badly is stepped up."""
    seen = set()
    for draw in range(100):
        plan = plan_for("I10", "Essential (primary) hypertension").model_copy(update={"visit_draw": draw / 100})
        case = Case(plan, knowledge_base())
        if case.state is not state:
            continue
        scenario = provide(ScenarioQuestion(plan=plan), case, Chooser(draw))
        orders = scenario.medical_outcome.prescriptions
        seen |= {order.action for order in orders}
        if state is State.WORSE:
            assert {order.action for order in orders} & {"increase", "start"}
        assert (
            bool(
                scenario.medical_history.current_medications
                and "hypertension" in scenario.medical_history.chronic_conditions
            )
            or state is State.NEW
        )
    assert seen
    assert seen <= allowed


def test_a_parent_speaks_for_a_young_child() -> None:
    """At a cold of a three-year-old the turns are the doctor's and the companion's, in the third person."""
    plan = plan_for("J06.9", "Acute upper respiratory infection").model_copy(update={"age_years": 3.0})
    chain = Chain(Asking(OfflineEngine(), 1), 4, {})
    work = SlotWork(Slot("J06.9", 1), plan, tuple(Stage))
    chain.expect([work])
    asyncio.run(chain.make(work))
    turns = Dialogue.model_validate(work.products[Stage.DIALOGUES].content).turns
    assert {turn.speaker for turn in turns} in ({"doctor", who} for who in ("mother", "father", "grandmother"))
    assert not [
        turn.text
        for turn in turns
        if turn.speaker != "doctor" and re.search(r"\b(my throat|my nose|I cough)\b", turn.text)
    ]
