"""Laboratory tests and vital signs: names, units, physiological limits (tables/laboratory.yaml, tables/vitals.yaml)."""

from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from medsynth_assets.clinical.family import Sex, Texts
from medsynth_assets.data_files import read_yaml

Interval = tuple[float | None, float | None]


class LaboratoryTest(BaseModel):
    """`units`: limits within which a living outpatient's value lies, by unit as charted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    aliases: Texts = ()
    units: dict[str, tuple[float, float]]
    reference: Interval | None = None
    reference_by_sex: dict[Sex, Interval] = {}


class VitalSign(BaseModel):
    """`limits`: possible in a living outpatient of any age; `adult_usual`: what an adult usually has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    aliases: Texts = ()
    unit: str
    limits: tuple[float, float]
    adult_usual: tuple[float, float] | None = None


@cache
def laboratory_tests() -> tuple[LaboratoryTest, ...]:
    return tuple(LaboratoryTest.model_validate(entry) for entry in _table("laboratory.yaml"))


@cache
def vital_signs() -> tuple[VitalSign, ...]:
    return tuple(VitalSign.model_validate(entry) for entry in _table("vitals.yaml"))


def _table(name: str) -> list[dict[str, object]]:
    data: list[dict[str, object]] = read_yaml(resources.files("medsynth_assets.clinical") / "tables" / name)
    return data
