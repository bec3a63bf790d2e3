"""What changed from one text to another, word by word, with what stayed folded away."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_CONTEXT_LINES = 2
_LEAST_FOLDED = 4  # fewer lines are shown: a fold takes the room of two
_WORDS_ALIKE = 0.4  # below this share of equal words two lines are shown whole, one after the other


class Part(NamedTuple):
    """A stretch of text: `sign` is same, out or in; `folded` counts the lines left out before it."""

    sign: str
    text: str
    folded: int = 0


def differences(old: str, new: str) -> list[Part]:
    """Parts in reading order; an empty list where the texts are equal."""
    if old == new:
        return []
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    parts: list[Part] = []
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for n, (step, i, j, k, m) in enumerate(steps):
        if step == "equal":
            parts += _folded(before[i:j], is_first=n == 0, is_last=n == len(steps) - 1)
        else:
            parts += _changed("".join(before[i:j]), "".join(after[k:m]))
    return [part for part in parts if part.text or part.folded]


def _folded(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Part]:
    head = [] if is_first else lines[:_CONTEXT_LINES]
    rest = lines[len(head) :]
    tail = [] if is_last else rest[-_CONTEXT_LINES:]
    folded = len(rest) - len(tail)
    if folded < _LEAST_FOLDED:
        yield Part("same", "".join(lines))
        return
    yield Part("same", "".join(head))
    yield Part("same", "".join(tail), folded)


def _changed(old: str, new: str) -> Iterator[Part]:
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < _WORDS_ALIKE:
        yield Part("out", old)
        yield Part("in", new)
        return
    words = [
        part
        for step, i, j, k, m in matcher.get_opcodes()
        for part in (
            [Part("same", "".join(one[i:j]))]
            if step == "equal"
            else [Part("out", "".join(one[i:j])), Part("in", "".join(other[k:m]))]
        )
        if part.text
    ]
    for sign, run in groupby(words, key=lambda part: part.sign):
        yield Part(sign, "".join(part.text for part in run))
