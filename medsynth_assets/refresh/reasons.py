"""Why a stage of a slot is to be made, in order of precedence: where several hold, the first is told."""

from enum import StrEnum


class Reason(StrEnum):
    """plan.sql numbers them from 1, in this order."""

    MISSING = "missing"
    QUARANTINED = "quarantined"
    FAILED_GATE = "failed gate"
    PARENT = "parent superseded"
    RECIPE = "recipe changed"
    SLOT_ADDED = "slot added"
    ENTERED = "code entered the top"
    REFERENCE = "reference changed"
    EXPIRED = "too old"
    FORCED = "forced"


class Mark(StrEnum):
    """Why a code's records are kept as they are, and none is made."""

    FELL_OUT = "not in the top"
    RETIRED = "retired"
