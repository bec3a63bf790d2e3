"""Coverage: which facts of a note are said in its dialogue.

A first, lexical measure. The note is cut into clauses; a clause is covered where some window of turns
holds most of its content words, in the note's form or in a known spoken one, and every number of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

import snowballstemmer

from medsynth_assets.data_files import read_yaml
from medsynth_assets.records.note import SECTIONS, Note

WINDOW_TURNS = 5
LEAST_WORDS_FRAC = 0.5  # of a clause's content words; lay paraphrase rarely keeps more
LEAST_WORDS_FRAC_EXAM = 0.25  # a normal examination is charted in full and told in three words
_WORD = re.compile(r"[a-z][a-z0-9]*(?:'[a-z]+)?|\d+(?:\.\d+)?")
_PARENTHESIS = re.compile(r"\([^)]*\)")
_AGE = re.compile(r"\b\d+-(?:year|month|week)-old\b")  # charted, rarely said
_SENTENCE = re.compile(r"(?<=[.;])\s+|\n+")
_CLAUSE = re.compile(r"(?<=[.;])\s+|\n+|(?<=[a-z]),\s+")
_NUMBERING = re.compile(r"^\d+\.$")
_HEADING = re.compile(r"^[A-Z][A-Za-z /]{0,30}:\s*")


class Fact(NamedTuple):
    """One clause of a note, and the turn around which it is said; None where it is not."""

    section: str
    text: str
    turn: int | None


class Coverage(NamedTuple):
    """`fraction` is covered facts over all, 0 to 1; 1 for a note without facts."""

    facts: tuple[Fact, ...]

    @property
    def fraction(self) -> float:
        return sum(fact.turn is not None for fact in self.facts) / len(self.facts) if self.facts else 1.0

    @property
    def uncovered(self) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.turn is None)


def coverage(note: Note, turns: Sequence[str], lay: Mapping[str, str] = MappingProxyType({})) -> Coverage:
    """Compare a note with the texts of a dialogue's turns.

    lay: spoken forms of charted phrases, lower case (from the knowledge about the code).
    """
    said = _Said(turns)
    facts = []
    for section, text in _clauses(note):
        least = LEAST_WORDS_FRAC_EXAM if section == "objective" else LEAST_WORDS_FRAC
        forms = [text, *_spoken_forms(text, lay)]
        turn = next((at for form in forms if (at := said.at(form, least)) is not None), None)
        facts.append(Fact(section, text, turn))
    return Coverage(tuple(facts))


def _spoken_forms(text: str, lay: Mapping[str, str]) -> list[str]:
    said = text.lower()
    for charted, spoken in lay.items():
        if charted in said:
            said = said.replace(charted, spoken)
    return [] if said == text.lower() else [said]


def _clauses(note: Note) -> Iterator[tuple[str, str]]:
    for section in SECTIONS:
        text = _AGE.sub("", _PARENTHESIS.sub("", getattr(note, section)))
        for clause in (_SENTENCE if section == "objective" else _CLAUSE).split(text):
            bare = clause if section == "objective" else _HEADING.sub("", clause)
            bare = bare.strip(" .;:,-")
            if _content(bare) and not _NUMBERING.match(clause.strip()):
                yield section, bare


class _Said:
    """Where each word, in any of its forms, comes up: the windows of turns that hold it."""

    def __init__(self, turns: Sequence[str]) -> None:
        self._count = len(turns)
        self._windows: dict[str, set[int]] = {}
        for n, text in enumerate(turns):
            around = range(max(0, n - _HALF), min(len(turns), n + _HALF + 1))
            for word in _expanded(text):
                self._windows.setdefault(word, set()).update(around)

    def at(self, clause: str, least: float) -> int | None:
        """The middle of the first window that holds most of a clause's words, and all of its numbers; None below `least`."""
        words = _content(clause)
        if not words:
            return None
        shares = [0] * self._count
        for word in words:
            for n in self._holding(word):
                shares[n] += 1
        open_to = set(range(self._count))
        for number in (w for w in words if w[0].isdigit()):
            open_to &= self._windows.get(number, set())
        best = max(open_to, key=lambda n: (shares[n], -n), default=None)
        return best if best is not None and shares[best] and shares[best] / len(words) >= least else None

    def _holding(self, word: str) -> set[int]:
        forms = _forms(word)
        if len(forms) == 1:
            return self._windows.get(word, set())
        return set().union(*(self._windows.get(form, set()) for form in forms))


_HALF = WINDOW_TURNS // 2


def _content(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for w in _stems(text) if w not in _stop_stems()))


def _expanded(text: str) -> set[str]:
    return {form for word in _stems(text) for form in _forms(word)}


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower().replace("’", "'"))]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    word = _lexicon()["numbers"].get(word, word)
    return word if word[0].isdigit() else str(_stemmer().stemWord(word))


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@cache
def _lexicon() -> Mapping[str, Mapping[str, str]]:
    data: Mapping[str, Mapping[str, str]] = read_yaml(resources.files("medsynth_assets.quality") / "lexicon.yaml")
    return data


@cache
def _stop_stems() -> frozenset[str]:
    return frozenset(str(_stemmer().stemWord(word)) for word in str(_lexicon()["stop"]).split())


@cache
def _groups() -> dict[str, frozenset[str]]:
    """For each stem the stems that mean the same, charted or spoken."""
    found: dict[str, set[str]] = {}
    for line in _lexicon()["same"]:
        stems = {str(_stemmer().stemWord(word)) for word in line.split()}
        for stem in stems:
            found.setdefault(stem, set()).update(stems)
    return {stem: frozenset(group) for stem, group in found.items()}


def _forms(stem: str) -> frozenset[str]:
    return _groups().get(stem) or frozenset((stem,))
