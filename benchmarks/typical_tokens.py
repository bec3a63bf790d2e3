"""Tokens of one call by agent, as typical_tokens.toml gives them: prompts with grounding, and answers as JSON.

    python -m benchmarks.typical_tokens [--codes 100]

The offline engine answers, so that no money is spent; characters by 4. A model's own answers may be longer or shorter.
"""

import argparse
import asyncio
import statistics
from collections import defaultdict

import polars as pl

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.grounding import Grounding
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.family import Sex
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.contract import A, Failed, Reply, Request
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.records.artifact import Agent, Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group, Population
from medsynth_assets.reference.icd10cm import code_set
from medsynth_assets.reference.prevalence import DEFAULT
from medsynth_assets.settings import Settings

_PEOPLE = Population([Group("female", 40, 60, 1.0)], [(0, 200, "Hispanic", 1.0)], 1.0, "p", "row")


class _Measured(OfflineEngine):
    """Answers offline, and measures what a model would have been sent and have answered."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[Agent, list[int]] = defaultdict(list)
        self.outputs: dict[Agent, list[int]] = defaultdict(list)

    async def answer(self, request: Request[A]) -> Reply[A] | Failed:
        reply = await super().answer(request)
        self.inputs[request.agent].append(sum(len(m["content"]) for m in request.render()) // 4)
        if isinstance(reply, Reply):
            self.outputs[request.agent].append(len(reply.answer.model_dump_json()) // 4)
        return reply


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=100)
    count = parser.parse_args().codes
    engine, settings = _Measured(), Settings()
    asking = Asking(engine, 1, Grounding(knowledge_base(), settings.grounding_tokens))
    top = pl.read_csv(DEFAULT, infer_schema=False).head(count)["code"].str.replace_all(".", "", literal=True).to_list()
    official = code_set().with_columns(pl.col("code").str.replace_all(".", "", literal=True).alias("bare"))
    for row in official.filter(pl.col("bare").is_in(top)).iter_rows(named=True):
        family = knowledge_base().lookup(row["code"]).family
        if family.sex == Sex.MALE or not family.min_age <= 40 < 60 <= family.max_age:
            continue  # not for the one patient group used here
        icd = CodeFacts(
            code=row["code"], description=row["description"], category=row["category_code"], chapter=row["chapter"],
            inclusion_terms=row["inclusion_terms"], exclusion_terms=row["exclusion_terms"], episode="", release_id="r",
            row_hash="h",
        )  # fmt: skip
        work = SlotWork(Slot(icd.code, 1), plan_slot(icd, 1, _PEOPLE, 1), tuple(Stage))
        chain = Chain(asking, settings.judge_rounds, {})
        chain.expect([work])
        asyncio.run(chain.make(work))
    for agent in engine.inputs:
        sent, answered = (statistics.mean(of[agent]) for of in (engine.inputs, engine.outputs))
        print(f"{agent.value:<20} = {{ input = {sent:.0f}, output = {answered:.0f} }}")


if __name__ == "__main__":
    main()
