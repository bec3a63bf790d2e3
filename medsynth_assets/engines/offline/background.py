"""What the offline engine knows of patients apart from their condition (data/background.yaml)."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import product
from typing import Any

from pydantic import BaseModel, ConfigDict

from medsynth_assets.clinical.family import Sex, State, Texts
from medsynth_assets.data_files import read_yaml

_TRAITS = (
    "occupations", "allergies", "tobacco", "alcohol", "drugs", "sleep", "diet", "exercise", "recreation", "behaviour",
    "disparities",
)  # fmt: skip
_DATA = resources.files("medsynth_assets.engines.offline") / "data"


class Trait(BaseModel):
    """One habit, job, allergy or circumstance with whom it fits: as the scenario keeps it (`note`), as a note puts it
    (`charted`, by default the same) and as the patient says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str
    charted: Texts = ()
    says: Texts
    name: str = ""  # of an allergy: what a drug's `avoid` would say
    weight: float = 1.0
    ages: tuple[float, float] = (0, 120)
    when: tuple[State, ...] = ()
    ses: tuple[str, ...] = ()
    on_drugs: bool = False  # makes sense only of someone who takes medication
    urbanicity: str = ""

    @property
    def bars(self) -> frozenset[str]:
        """Of an allergy: the labels and the drug, lower case, that must not be given."""
        return frozenset({self.name, self.note.partition(" (")[0].lower()} - {""})


class Region(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    weight: float
    places: tuple[str, ...]


class CommonCondition(BaseModel):
    """A lasting condition that patients have beside what they come for. `from_age`: share of people who have it, from an
    age (years) on; `drugs`: one is taken, '' for none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    plain: str
    drugs: tuple[str, ...]
    from_age: dict[float, float]
    sex: Sex | None = None

    def share(self, age: float, sex: Sex) -> float:
        """Of people of this age and sex."""
        if self.sex not in (None, sex):
            return 0.0
        return next((share for since, share in sorted(self.from_age.items(), reverse=True) if age >= since), 0.0)


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
    conditions: tuple[CommonCondition, ...]
    regions: tuple[Region, ...]


def load_data(name: str) -> Any:
    """One YAML file of the engine's data folder."""
    return read_yaml(_DATA / name)


@cache
def background() -> Background:
    data = load_data("background.yaml")
    for name in _TRAITS:
        data[name] = [one for entry in data[name] for one in _varied(entry)]
    return Background.model_validate(data)


def _varied(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry of each combination of the values under `vary`, sharing its weight."""
    values = entry.pop("vary", {})
    combinations = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    weight = entry.pop("weight", 1.0) / len(combinations)
    for filling in combinations:
        yield {key: _filled(value, filling) for key, value in entry.items()} | {"weight": weight}


def _filled(value: Any, filling: Mapping[str, object]) -> Any:
    if isinstance(value, list):
        return [_filled(item, filling) for item in value]
    if not isinstance(value, str):
        return value
    for name, text in filling.items():
        value = value.replace(f"{{{name}}}", str(text))
    return value


@cache
def dispensing() -> Mapping[str, Any]:
    """How quantities follow from frequency and form (data/dispensing.yaml)."""
    data: Mapping[str, Any] = load_data("dispensing.yaml")
    return data


@cache
def traits_by_note() -> Mapping[str, Trait]:
    """A trait by what the scenario keeps of it."""
    known = background()
    return {trait.note: trait for name in _TRAITS for trait in getattr(known, name)}
