"""Phrases of the offline engine: lists of alternatives in data/*.yaml, filled with facts."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from medsynth_assets.engines.offline.alternation import resolve
from medsynth_assets.engines.offline.background import load_data
from medsynth_assets.engines.offline.chooser import Chooser

_FACT = re.compile(r"\{(\w+)\}")


class Phrasebook:
    """Alternatives by key. A fact's own text is never read as a phrase: braces and brackets in it stay."""

    def __init__(self, lines: Mapping[str, Sequence[str]]) -> None:
        self._lines = lines

    def say(self, key: str, chooser: Chooser, used: set[str] | None = None, **facts: object) -> str:
        """One alternative of the key with its facts filled in.

        used: lines of this text so far; none of them again while the key has others. The one taken is added.
        """
        lines = self._lines[key]
        if used is None:
            return fill(resolve(chooser.one(lines), chooser), facts)
        fresh = [line for line in lines if line not in used]
        if not fresh:
            used.difference_update(lines)
            fresh = list(lines)
        line = chooser.one(fresh)
        used.add(line)
        return fill(resolve(line, chooser), facts)


def fill(text: str, facts: Mapping[str, object]) -> str:
    """Every `{fact}` of the text. Raises KeyError for one that is not given."""
    return _FACT.sub(lambda match: str(facts[match.group(1)]), text)


@cache
def note_phrases() -> Phrasebook:
    return Phrasebook(load_data("note_phrases.yaml"))


@cache
def dialogue_phrases() -> Phrasebook:
    return Phrasebook(load_data("dialogue_phrases.yaml"))
