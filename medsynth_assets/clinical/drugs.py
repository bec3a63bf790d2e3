"""Drugs: doses that exist, routes, frequencies, what each is for and where it must not be given (tables/drugs.yaml)."""

from collections.abc import Collection
from functools import cache, lru_cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from medsynth_assets.clinical.family import Texts
from medsynth_assets.clinical.phrases import Found, Phrases
from medsynth_assets.clinical.ranges import contains, meet
from medsynth_assets.data_files import read_yaml


class Drug(BaseModel):
    """One generic drug. `dose` and `child_dose` are the lowest and highest single dose in `unit`; `per_day` the fewest
    and most doses a day. for_ and not_in are ICD-10-CM ranges; allergy the labels under which it must not be given."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str
    brands: Texts = ()
    class_: str = Field(alias="class")
    duplicable: bool = False
    unit: str = ""
    dose: tuple[float, float] | None = None
    child_dose: tuple[float, float] | None = None
    daily_max: float | None = None
    strengths: tuple[float, ...] = ()
    routes: Texts = ()
    per_day: tuple[float, float] | None = None
    for_: Texts = Field(default=(), alias="for")
    chronic: bool = False
    not_in: Texts = ()
    allergy: Texts = ()
    adults_only: bool = False

    def treats(self, span: str) -> bool:
        """Whether it is used for anything in a range of codes."""
        return any(meet(one, span) for one in self.for_)

    def is_allergen(self, labels: Collection[str]) -> bool:
        """Whether a patient with these allergies, lower case labels or names of drugs, must not get it."""
        return any(label.lower() in labels for label in (self.name, *self.allergy))

    def barred_by(self, span: str) -> bool:
        """Whether no code of a range allows it."""
        return any(contains(one, span) for one in self.not_in)


@cache
def drugs() -> tuple[Drug, ...]:
    path = resources.files("medsynth_assets.clinical") / "tables" / "drugs.yaml"
    return tuple(Drug.model_validate(entry) for entry in read_yaml(path))


@cache
def drug_names() -> Phrases[Drug]:
    """Any drug by its generic or brand name; the longest name wins, so that combinations do."""
    return Phrases({word: drug for drug in drugs() for word in (drug.name, *drug.brands)})


@cache
def drugs_in(text: str) -> tuple[Drug, ...]:
    """The drugs that a charted order or list names."""
    return tuple(found.meaning for found in drug_names().find(text))


@cache
def allergy_labels() -> frozenset[str]:
    """Every label of the table, lower case."""
    return frozenset(label.lower() for drug in drugs() for label in drug.allergy)


@lru_cache(maxsize=8_192)
def drugs_named(text: str) -> tuple[Found[Drug], ...]:
    """The drugs that a text names, left to right."""
    return tuple(drug_names().find(text))
