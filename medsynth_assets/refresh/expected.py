"""What every code's records would be made by today: recipe ids, and the check recipes that decide.

Hashing is done here once per distinct knowledge, not per code: thousands of codes share a few hundred families.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from medsynth_assets.agents.asking import Asking, Knowledge, stage_recipe_id
from medsynth_assets.clinical.knowledge import KnowledgeError
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.records.artifact import Recipe, Stage
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.warehouse.generation_store import parameters_text

UNMAKEABLE = ""  # the stage recipe of a code that cannot be made, on its row in quarantine, too

_CODES = {"icd_code": pl.String, "stage": pl.String, "stage_number": pl.Int64, "stage_recipe_id": pl.String}
_RECIPES = {
    "stage_recipe_id": pl.String, "agent": pl.String, "recipe_id": pl.String, "engine": pl.String, "model": pl.String,
    "prompt_hash": pl.String, "schema_hash": pl.String, "parameters": pl.String, "knowledge_hash": pl.String,
}  # fmt: skip


class Expected(NamedTuple):
    """codes: a row per code and stage with its stage_recipe_id. recipes: a row per stage_recipe_id and agent.

    gates: a row per stage and deciding check. refused: reason and detail by code that cannot be made.
    """

    codes: pl.DataFrame
    recipes: pl.DataFrame
    gates: pl.DataFrame
    refused: Mapping[str, tuple[str, str]]


def expected_of(
    asking: Asking, icd: Mapping[str, CodeFacts], codes: Iterable[str], stages: Sequence[Stage]
) -> Expected:
    """icd: what the official set says of the codes that it has."""
    by_knowledge: dict[Knowledge, list[str]] = {}
    recipes: dict[str, list[Recipe]] = {}
    refused: dict[str, tuple[str, str]] = {}
    rows: list[tuple[str, str, int, str]] = []
    for code in codes:
        try:
            knowledge = _knowledge(asking, icd, code)
        except _Unmakeable as why:
            refused[code] = why.reason, why.detail
            ids = [UNMAKEABLE] * len(stages)
        else:
            if knowledge not in by_knowledge:
                of_stages = [[asking.recipe_drawing_on(knowledge, agent) for agent in asking.agents(s)] for s in stages]
                by_knowledge[knowledge] = [stage_recipe_id(of_stage) for of_stage in of_stages]
                recipes.update(zip(by_knowledge[knowledge], of_stages, strict=True))
            ids = by_knowledge[knowledge]
        rows += [(code, stage.value, _NUMBER[stage], id_) for stage, id_ in zip(stages, ids, strict=True)]
    agents = [(id_, *_told(recipe)) for id_, both in recipes.items() for recipe in both]
    return Expected(
        pl.DataFrame(rows, schema=_CODES, orient="row"),
        pl.DataFrame(agents, schema=_RECIPES, orient="row"),
        _gates(stages),
        refused,
    )


def _told(recipe: Recipe) -> tuple[str, ...]:
    parameters = parameters_text(recipe.parameters)
    made_by = (recipe.agent.value, recipe.recipe_id, recipe.engine, recipe.model)
    return (*made_by, recipe.prompt_hash, recipe.schema_hash, parameters, recipe.knowledge_hash)


class _Unmakeable(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def _knowledge(asking: Asking, icd: Mapping[str, CodeFacts], code: str) -> Knowledge:
    if code not in icd:
        raise _Unmakeable("unknown_code", f"{code} is not in the ICD-10-CM release in force")
    try:
        return asking.knowledge(icd[code])
    except KnowledgeError as error:
        raise _Unmakeable("no_knowledge", str(error)) from error


_NUMBER = {stage: number for number, stage in enumerate(Stage, start=1)}


def _gates(stages: Sequence[Stage]) -> pl.DataFrame:
    """The critical checks: a record that fails one stays out of the released data, and is made again."""
    deciding = {stage: [c for c in suite(stage.value).checks if c.severity == "critical"] for stage in stages}
    rows = [(s.value, c.recipe_id, n, c.name) for s, checks in deciding.items() for n, c in enumerate(checks)]
    schema = {"stage": pl.String, "check_recipe_id": pl.String, "gate_number": pl.Int64, "check_name": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
