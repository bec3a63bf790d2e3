"""The offline engine alone, no Dagster and no warehouse, on one core: complete chains a second and peak memory.

python benchmarks/offline_engine.py [--codes 400] [--per-code 5]
"""

import argparse
import asyncio
import resource
import time

import polars as pl

from medsynth_assets.agents.asking import Asking
from medsynth_assets.agents.chain import Chain, SlotWork
from medsynth_assets.agents.planning import plan_slot
from medsynth_assets.clinical.knowledge import KnowledgeError, knowledge_base
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group, Population
from medsynth_assets.reference.prevalence import DEFAULT


async def _make(engine: OfflineEngine, code: str, description: str, per_code: int) -> int:
    family = knowledge_base().lookup(code).family
    sexes = [family.sex.value] if family.sex else ["female", "male"]
    groups = [Group(sex, family.min_age, min(family.max_age, 90) + 1, 1.0) for sex in sexes]
    population = Population(groups, [(0, 200, "Non-Hispanic White", 1.0)], 1.0, "", "")
    icd = CodeFacts(code=code, description=description, category=code[:3], chapter="", inclusion_terms=[], episode="", release_id="", row_hash="")  # fmt: skip
    chain = Chain(Asking(engine, 1), 4, {})
    works = [SlotWork(Slot(code, n), plan_slot(icd, n, population, 1), tuple(Stage)) for n in range(1, per_code + 1)]
    chain.expect(works)
    made = await asyncio.gather(*(chain.make(work) for work in works))
    return sum(Stage.DIALOGUES in work.products for work in made)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=400)
    parser.add_argument("--per-code", type=int, default=5)
    arguments = parser.parse_args()
    engine = OfflineEngine()
    rows = pl.read_csv(DEFAULT).head(arguments.codes).select("code", "description").rows()
    began = time.perf_counter()
    known = []
    for code, description in rows:
        try:
            knowledge_base().lookup(code)
            known.append((code, description))
        except KnowledgeError:
            continue
    loaded = time.perf_counter() - began
    print(f"{'pairs':>7} {'seconds':>8} {'pairs/s':>8} {'peak MiB':>9}   (knowledge read in {loaded:.1f} s)")
    total, began, cpu = 0, time.perf_counter(), time.process_time()
    for n, (code, description) in enumerate(known, 1):
        total += await _make(engine, code, description, arguments.per_code)
        if n % max(1, len(known) // 4) == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{total:>7} {time.perf_counter() - began:>8.2f} {total / (time.process_time() - cpu):>8.0f} {peak:>9.0f}"
            )


if __name__ == "__main__":
    asyncio.run(main())
