"""Companions: what a visit for something else says of a patient's quiescent other condition (companions.yaml)."""

import hashlib
import json
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from medsynth_assets.clinical.family import Answer, Said, Texts
from medsynth_assets.data_files import read_yaml


class Companion(BaseModel):
    """How the condition has been (`histories`), that it is under control (`statuses`), what goes on for it (`plans`).

    words: how families name it among their comorbidities, lower case. bmi: body mass index, kg/m2, that goes with it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: str
    words: Texts = Field(min_length=1)
    ask: Texts = Field(min_length=1)
    histories: tuple[Answer, ...] = Field(min_length=1)
    statuses: tuple[Said, ...] = Field(min_length=1)
    plans: tuple[Said, ...] = Field(min_length=1)
    bmi: tuple[float, float] | None = None


@cache
def companions() -> tuple[Companion, ...]:
    path = resources.files("medsynth_assets.clinical") / "companions.yaml"
    return tuple(Companion.model_validate(entry) for entry in read_yaml(path))


@cache
def companions_digest() -> str:
    """Hash of all that is stated of any of them: any patient may have any, so every record's recipe has it."""
    stated = sorted(json.dumps(companion.model_dump(mode="json"), sort_keys=True) for companion in companions())
    return hashlib.blake2b("\n".join(stated).encode(), digest_size=12).hexdigest()


@cache
def _by_word() -> dict[str, Companion]:
    return {word.lower(): companion for companion in companions() for word in companion.words}


@cache
def companion_named(name: str) -> Companion | None:
    """The companion that a comorbidity's charted name stands for: the one with the longest word in it."""
    words = [word for word in _by_word() if word in name.lower()]
    return _by_word()[max(words, key=len)] if words else None
