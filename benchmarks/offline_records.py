"""Records of the offline engine for benchmarks: whole chains of a code, no Dagster and no warehouse."""

import asyncio

import polars as pl

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.family import below_age
from medsynth_assets.clinical.knowledge import KnowledgeError, knowledge_base
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group, Population
from medsynth_assets.reference.prevalence import DEFAULT


def known_codes(most: int) -> list[tuple[str, str]]:
    """The most prevalent codes with their descriptions, those the knowledge base has something for."""
    rows = pl.read_csv(DEFAULT).head(most).select("code", "description").rows()
    return [(code, description) for code, description in rows if _is_known(code)]


def _is_known(code: str) -> bool:
    try:
        knowledge_base().lookup(code)
    except KnowledgeError:
        return False
    return True


async def make_records(engine: OfflineEngine, code: str, description: str, count: int) -> list[SlotWork]:
    """The first slots of a code whose three stages all came through."""
    family = knowledge_base().lookup(code).family
    sexes = [sex for sex in ("female", "male") if sex == (family.sex or sex)]
    groups = [Group(sex, family.min_age, below_age(min(family.max_age, 90)), 1.0) for sex in sexes]
    population = Population(groups, [(0, 200, "Non-Hispanic White", 1.0)], 1.0, "", "")
    icd = CodeFacts(
        code=code, description=description, category=code[:3], chapter="", inclusion_terms=[], episode="",
        release_id="", row_hash="",
    )  # fmt: skip
    chain = Chain(Asking(engine, 1), 4, {})
    works = [SlotWork(Slot(code, n), plan_slot(icd, n, population, 1), tuple(Stage)) for n in range(1, count + 1)]
    chain.expect(works)
    made = await asyncio.gather(*(chain.make(work) for work in works))
    return [work for work in made if Stage.DIALOGUES in work.products]
