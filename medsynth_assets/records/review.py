"""What a person says of a pair: four dimensions, four levels each."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Level(StrEnum):
    """From worst to best. An unacceptable record leaves the next release."""

    UNACCEPTABLE = "Unacceptable"
    POOR = "Poor"
    SATISFACTORY = "Satisfactory"
    EXCELLENT = "Excellent"

    @property
    def rank(self) -> int:
        """0 to 3."""
        return list(Level).index(self)


DIMENSIONS = {
    "factuality": "Is what note and dialogue say medically right, and do they agree?",
    "completeness": "Does each hold what the other does, and what such a visit needs?",
    "soap": "Does every statement of the note stand in the section it belongs to?",
    "realism": "Could this visit have happened, and would people talk and write like this?",
}


def _level(said: Any) -> Any:
    """`excellent` and `4` are Excellent."""
    if isinstance(said, int) or (isinstance(said, str) and said.strip().isdecimal()):
        ranks = {level.rank + 1: level for level in Level}
        return ranks.get(int(said), said)
    return said.strip().capitalize() if isinstance(said, str) else said


Rated = Annotated[Level, BeforeValidator(_level)]


class Review(BaseModel):
    """One person's verdict on one pair, named by the artifacts that were read.

    is_blinded: engine, model and check results were kept from the reviewer. source: csv or label-studio.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    record_id: str = Field(min_length=3)
    note_id: str = Field(min_length=1)
    dialogue_id: str = Field(min_length=1)
    reviewer: str = Field(min_length=1, max_length=200)
    factuality: Rated
    completeness: Rated
    soap: Rated
    realism: Rated
    comment: str = Field("", max_length=10_000)
    is_blinded: bool = False
    source: str
    reviewed_at: dt.datetime

    def level(self, dimension: str) -> Level:
        """The level of one of DIMENSIONS."""
        found: Level = getattr(self, dimension)
        return found

    @property
    def unacceptable(self) -> list[str]:
        """The dimensions that the pair fails in."""
        return [name for name in DIMENSIONS if self.level(name) is Level.UNACCEPTABLE]

    def says_as(self, other: "Review") -> bool:
        """The same verdict in the same words, whenever it was given."""
        return [self.level(name) for name in DIMENSIONS] == [other.level(name) for name in DIMENSIONS] and (
            self.comment == other.comment
        )
