"""A fault of a note's sections."""

from enum import StrEnum
from typing import NamedTuple


class FaultType(StrEnum):
    MISSING = "missing"
    EMPTY = "empty"
    ORDER = "order"
    MISPLACED = "misplaced"


class Fault(NamedTuple):
    """`section` is the one that is missing, empty, out of order, or holds what belongs elsewhere; `text` is what shows it,
    at note[start:end]; `belongs` the section where a misplaced sentence would stand."""

    type: FaultType
    section: str
    text: str = ""
    start: int = 0
    end: int = 0
    belongs: str = ""
