"""A fact of a note: the smallest span that can be said, or left out, on its own."""

from enum import StrEnum
from typing import NamedTuple

from medsynth_assets.quality.language.quantities import Quantity


class Kind(StrEnum):
    SYMPTOM = "symptom"
    NEGATION = "negation"
    HISTORY = "history"
    MEDICATION = "medication"
    NUMBER = "number"
    FINDING = "finding"
    RESULT = "result"
    DIAGNOSIS = "diagnosis"
    ORDER = "order"
    REFERRAL = "referral"
    ADVICE = "advice"
    FOLLOW_UP = "follow-up"


class Part(NamedTuple):
    """One meaning of a fact, under each name that the tables have for it, the stems of its words, how much it says, and
    whether the note denies it."""

    meanings: tuple[str, ...]
    stems: tuple[str, ...]
    weight: float
    start: int
    end: int
    is_denied: bool = False


class Fact(NamedTuple):
    """note[start:end]. `side` is left, right, both or ''; `context` holds meanings of its label or list head that help
    to find it and need not be said again."""

    kind: Kind
    section: str
    text: str
    start: int
    end: int
    parts: tuple[Part, ...]
    quantities: tuple[Quantity, ...]
    is_denied: bool
    side: str
    context: tuple[Part, ...] = ()

    @property
    def weight(self) -> float:
        return sum([part.weight for part in self.parts])
