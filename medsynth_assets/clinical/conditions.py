"""Conditions by name: what a chart calls them, and the ICD-10-CM ranges they stand for (tables/conditions.yaml)."""

from functools import cache, lru_cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from medsynth_assets.clinical.family import Sex, Texts
from medsynth_assets.clinical.phrases import Found, Phrases
from medsynth_assets.data_files import read_yaml


class Condition(BaseModel):
    """`words` are how it is charted or said; `codes` ICD-10-CM ranges; `code` the billable code of its follow-up, where known.

    treated_with: drugs or drug classes of which a patient who has it practically always takes one.
    ages: inclusive years outside which it does not occur.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    codes: Texts = Field(min_length=1)
    words: Texts = Field(min_length=1)
    code: str = ""
    ages: tuple[float, float] = (0, 120)
    sex: Sex | None = None
    treated_with: Texts = ()
    chronic: bool = False


@cache
def conditions() -> tuple[Condition, ...]:
    path = resources.files("medsynth_assets.clinical") / "tables" / "conditions.yaml"
    return tuple(Condition.model_validate(entry) for entry in read_yaml(path))


@cache
def condition_names() -> Phrases[Condition]:
    """Any condition by any of its words; the longest wins."""
    return Phrases({word: condition for condition in conditions() for word in condition.words})


@lru_cache(maxsize=8_192)
def conditions_named(text: str) -> tuple[Found[Condition], ...]:
    """The conditions that a text names, left to right."""
    return tuple(condition_names().find(text))


@cache
def conditions_in(text: str) -> tuple[Condition, ...]:
    """The conditions that a charted name speaks of."""
    return tuple(found.meaning for found in condition_names().find(text))
