"""A mention: a meaning that is said at one place of a dialogue, how it is said there, and how it says a part of a fact."""

from enum import IntEnum
from typing import NamedTuple


class Voice(IntEnum):
    """How a meaning is said."""

    AFFIRMED = 1
    DENIED = 2
    ASKED = 3  # and never answered
    OPEN = 4  # asked, and answered with something else than yes or no
    SUPPOSED = 5  # `if you get a fever`, `call for any fever`: neither so nor not so


class Hit(NamedTuple):
    """A meaning, said."""

    turn: int
    at: int  # token
    voice: Voice
    answer: int = -1  # the turn that answers, where it was asked


class Scored(NamedTuple):
    """A hit, and how it says a part."""

    hit: Hit
    share: float  # how wholly, 0 to 1
    agrees: bool  # as the note says it
    is_own: bool = True  # in words that mean the part, not in those that only come with it


class Mention(NamedTuple):
    """A part of a fact, said near the fact's place."""

    hit: Hit
    at: int  # token of the dialogue
    share: float  # how wholly, 0 to 1
    agrees: bool  # as the note says it
    is_own: bool  # in words that mean it
    away: int  # turns
    value: float  # share, less with each turn away and where it does not agree


class Mentioned(NamedTuple):
    """A part in a dialogue. Every share is 0 to 1; turns without any are left out."""

    by_turn: dict[int, list[Scored]]
    telling: list[Hit]  # of all turns, those that tell whether it is so
    whole: dict[int, float]  # how wholly each turn says it
    near: dict[int, float]  # how well it is said in a turn or near it, as the note says it


PartKey = tuple[tuple[str, ...], tuple[str, ...], bool]  # meanings, stems, whether it is denied: all that is looked up
