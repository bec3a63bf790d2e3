"""What the offline engine knows of patients apart from their condition (data/background.yaml)."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from medsynth_assets.clinical.family import Sex, State
from medsynth_assets.data_files import read_yaml

_DATA = resources.files("medsynth_assets.engines.offline") / "data"


class Trait(BaseModel):
    """One habit, job, allergy or circumstance in both voices, with whom it fits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str
    says: str
    name: str = ""  # of an allergy: what a drug's `avoid` would say
    weight: float = 1.0
    ages: tuple[float, float] = (0, 120)
    when: tuple[State, ...] = ()
    ses: tuple[str, ...] = ()
    on_drugs: bool = False  # makes sense only of someone who takes medication
    urbanicity: str = ""


class Region(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    weight: float
    places: tuple[str, ...]


class Background(BaseModel):
    """Weights are relative; sources stand in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_names: dict[Sex, dict[str, tuple[str, ...]]]
    family_names: dict[str, tuple[str, ...]]
    physicians: tuple[str, ...]
    occupations: tuple[Trait, ...]
    education: dict[str, tuple[str, ...]]
    allergies: tuple[Trait, ...]
    tobacco: tuple[Trait, ...]
    alcohol: tuple[Trait, ...]
    drugs: tuple[Trait, ...]
    sleep: tuple[Trait, ...]
    diet: tuple[Trait, ...]
    exercise: tuple[Trait, ...]
    recreation: tuple[Trait, ...]
    behaviour: tuple[Trait, ...]
    disparities: tuple[Trait, ...]
    regions: tuple[Region, ...]


def load_data(name: str) -> Any:
    """One YAML file of the engine's data folder."""
    return read_yaml(_DATA / name)


@cache
def background() -> Background:
    return Background.model_validate(load_data("background.yaml"))


@cache
def dispensing() -> Mapping[str, Any]:
    """How quantities follow from frequency and form (data/dispensing.yaml)."""
    data: Mapping[str, Any] = load_data("dispensing.yaml")
    return data


@cache
def spoken_traits() -> Mapping[str, str]:
    """What a charted habit or circumstance sounds like when the patient says it."""
    known = background()
    groups = (
        known.occupations, known.allergies, known.tobacco, known.alcohol, known.drugs, known.sleep,
        known.diet, known.exercise, known.recreation, known.behaviour, known.disparities,
    )  # fmt: skip
    return {trait.note: trait.says for group in groups for trait in group}
