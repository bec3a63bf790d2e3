"""What the official description of a code says besides the disease: side, acuity, episode, trimester, stage, cause.

Put here: which facets a description has, and the statements each of them makes (facets.yaml). Not here: statements
about the disease itself (knowledge/).
"""

import hashlib
import json
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, field_validator

from medsynth_assets.clinical.family import Kind, Question, Said
from medsynth_assets.data_files import read_yaml


class Facet(BaseModel):
    """Statements for every code whose description matches `pattern` (case does not matter).

    Named groups of the pattern fill `{name}` in the statements, as does one of the values under each name in `draws`. kinds, not_kinds: kinds of family that it is or is not
    for. unless_site: not where the family names the body site by itself. Of `question`, the answer goes into the history;
    of `remarks`, one goes into the assessment; of `plans`, one into the plan.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    pattern: str
    kinds: tuple[Kind, ...] = ()
    not_kinds: tuple[Kind, ...] = ()
    unless_site: bool = False
    draws: dict[str, tuple[str, ...]] = {}
    question: Question | None = None
    remarks: tuple[Said, ...] = ()
    plans: tuple[Said, ...] = ()

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        re.compile(value)
        return value

    def fits(self, kind: Kind, *, has_site: bool) -> bool:
        """Whether it is for families of the kind."""
        wanted = (not self.kinds or kind in self.kinds) and kind not in self.not_kinds
        return wanted and not (self.unless_site and has_site)


class Present(NamedTuple):
    """A facet of one description, with what its pattern caught."""

    facet: Facet
    caught: dict[str, str]

    @property
    def digest(self) -> str:
        """Hash of all that the facet states: part of a record's recipe."""
        canonical = json.dumps(self.facet.model_dump(mode="json"), sort_keys=True)
        return hashlib.blake2b(canonical.encode(), digest_size=12).hexdigest()


def _inside(words: str) -> str:
    """As it reads inside a sentence."""
    return words[:1].lower() + words[1:]


@cache
def facets() -> tuple[Facet, ...]:
    path = resources.files("medsynth_assets.clinical") / "facets.yaml"
    return tuple(Facet.model_validate(entry) for entry in read_yaml(path))


@cache
def facets_of(description: str) -> tuple[Present, ...]:
    """Facets of an official description, in the order of the file."""
    found = []
    for facet in facets():
        match = re.search(facet.pattern, description, re.IGNORECASE)
        if match:
            found.append(Present(facet, {key: _inside(value.strip()) for key, value in match.groupdict("").items()}))
    return tuple(found)
