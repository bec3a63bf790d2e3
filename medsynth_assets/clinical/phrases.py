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
        self._by_first: dict[str, list[tuple[str, T]]] = {}
        for name in sorted(meanings, key=len, reverse=True):
            first = _WORD.search(name)
            if first and first.start() == 0:
                self._by_first.setdefault(first.group().lower(), []).append((name, meanings[name]))

    def meanings(self) -> Iterator[tuple[str, T]]:
        """Every name with what it stands for."""
        yield from self._meanings.items()

    def find(self, text: str) -> Iterator[Found[T]]:
        """Every name, left to right, none inside another."""
        lower, free = text.lower(), 0
        for word in _WORD.finditer(lower):
            start = word.start()
            if start < free or (start and lower[start - 1] == "-"):
                continue
            for name, meaning in self._by_first.get(word.group(), ()):
                end = start + len(name)
                if self._is_at(name, text, lower, start) and not _touches(lower, end):
                    yield Found(start, end, meaning)
                    free = end
                    break

    def _is_at(self, name: str, text: str, lower: str, start: int) -> bool:
        if len(name) <= self._exact:
            return text.startswith(name, start)
        return lower.startswith(name.lower(), start)


def _touches(lower: str, end: int) -> bool:
    return end < len(lower) and (lower[end].isalnum() or lower[end] in "_-")
