"""Registers of speech: swaps of words that keep the meaning, by who speaks (data/registers.yaml)."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from medsynth_assets.engines.offline.background import load_data
from medsynth_assets.engines.offline.chooser import Chooser

_INVERTED = r"(?! (?:I|you|he|she|it|we|they|that|this|there)\b)"  # "don't you" is not "do not you"
_NOT_LAST = r"(?=[ ,])"  # "I don't." and "I think we're." stay


@cache
def _registers() -> dict[str, Any]:
    data: dict[str, Any] = load_data("registers.yaml")
    return data


@cache
def _pattern(name: str) -> re.Pattern[str]:
    words = sorted(_registers()[name], key=len, reverse=True)
    return re.compile(rf"(?<![\w'’])({'|'.join(map(re.escape, words))}){_NOT_LAST}{_INVERTED}", re.IGNORECASE)


@cache
def _swaps(name: str) -> dict[str, str]:
    return {word.lower(): other for word, other in _registers()[name].items()}


def register_of(chooser: Chooser) -> str:
    """The register of one speaker for one visit: formal, casual, or '' for plain."""
    draw = chooser.between(0, 1, 6)
    for name, share in _registers()["speakers"].items():
        draw -= share
        if draw < 0:
            return str(name)
    return ""


def spoken_in(text: str, register: str, chooser: Chooser) -> str:
    """The text as someone of the register says it; the facts are the same."""
    for name in (register, "any"):
        if name:
            text = _pattern(name).sub(_swap(name, chooser), text)
    return text


def _swap(name: str, chooser: Chooser) -> Callable[[re.Match[str]], str]:
    swaps = _swaps(name)
    share = _registers()["share"][name]

    def swap(match: re.Match[str]) -> str:
        if not chooser.chance(share):
            return match.group()
        other = str(swaps[match.group().lower()])
        return other[0].upper() + other[1:] if match.group()[0].isupper() and other[0].islower() else other

    return swap
