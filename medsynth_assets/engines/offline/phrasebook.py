"""Phrases of the offline engine: lists of alternatives in data/*.yaml, filled with facts."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from medsynth_assets.engines.offline.background import load_data
from medsynth_assets.engines.offline.chooser import Chooser

_FACT = re.compile(r"\{(\w+)\}")


class Phrasebook:
    """Alternatives by key. A fact's own text is never read as a phrase: braces in it stay braces."""

    def __init__(self, lines: Mapping[str, Sequence[str]]) -> None:
        self._lines = lines

    def say(self, key: str, chooser: Chooser, **facts: object) -> str:
        """One alternative of the key with its facts filled in."""
        line = chooser.one(self._lines[key])
        return _FACT.sub(lambda match: str(facts[match.group(1)]), line)


@cache
def note_phrases() -> Phrasebook:
    return Phrasebook(load_data("note_phrases.yaml"))


@cache
def dialogue_phrases() -> Phrasebook:
    return Phrasebook(load_data("dialogue_phrases.yaml"))
