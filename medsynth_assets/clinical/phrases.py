"""Finding many names in a text at once: a look-up by first word, where one pattern of thousands of names would crawl."""

import re
from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
_WORD = re.compile(r"\w+")


class Found(NamedTuple, Generic[T]):
    """A name at text[start:end], and what it stands for."""

    start: int
    end: int
    meaning: T


class Phrases(Generic[T]):
    """Names with their meanings. Case does not matter, but for names of up to `exact` characters (`K`, `Na`).

    A name counts where no letter, digit or hyphen touches it; of several at one place the longest does.
    """

    def __init__(self, meanings: Mapping[str, T], exact: int = 0) -> None:
        self._exact = exact
        self._meanings = dict(meanings)
        self._by_first: dict[str, list[tuple[str, str, T]]] = {}  # a name as it is and in lower case, longest first
        for name in sorted(meanings, key=len, reverse=True):
            first = _WORD.search(name)
            if first and first.start() == 0:
                self._by_first.setdefault(first.group().lower(), []).append((name, name.lower(), meanings[name]))

    def meanings(self) -> Iterator[tuple[str, T]]:
        """Every name with what it stands for."""
        yield from self._meanings.items()

    def find(self, text: str) -> Iterator[Found[T]]:
        """Every name, left to right, none inside another."""
        lower, free = text.lower(), 0
        if self._by_first.keys().isdisjoint(_WORD.findall(lower)):
            return  # as most turns of a dialogue
        for word in _WORD.finditer(lower):
            names = self._by_first.get(word.group())
            if names is None:
                continue
            start = word.start()
            if start < free or (start and lower[start - 1] == "-"):
                continue
            for name, lower_name, meaning in names:
                is_at = (
                    text.startswith(name, start) if len(name) <= self._exact else lower.startswith(lower_name, start)
                )
                if is_at and not _touches(lower, start + len(name)):
                    free = start + len(name)
                    yield Found(start, free, meaning)
                    break


def _touches(lower: str, end: int) -> bool:
    return end < len(lower) and (lower[end].isalnum() or lower[end] in "_-")
