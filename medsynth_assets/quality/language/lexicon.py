"""Phrases that mean the same, charted and spoken, as numbered meanings of token sequences."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from string import ascii_lowercase
from typing import NamedTuple

from medsynth_assets.clinical.drugs import drug_names
from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.language.tokens import Token, stem, tokens

_DATA = resources.files("medsynth_assets.quality.language") / "data"
_TABLES = ("symptoms.yaml", "plan.yaml", "general.yaml")
_SHORT_NAME = 3  # abbreviations of drugs as short as this are words, too (ORS)
_IDIOM = 3  # words from which a phrase of stop words alone says something: `on and off`, `see you again`
COMMONEST, RAREST = 0.4, 6.0  # bounds of a word's rarity
UNKNOWN = 4.5  # weight of a word that the table does not know
USUALLY_SAID = 0.7  # of the notes with a word: their dialogues say it


class Sense(NamedTuple):
    """A meaning at tokens[first:last]: `=dyspnea` for a phrase of the tables, else the stem of the one word; `also`
    the other lines of the tables that hold the same phrase."""

    meaning: str
    first: int
    last: int
    also: tuple[str, ...] = ()


class _Phrase(NamedTuple):
    stems: tuple[str, ...]
    meaning: str
    is_denied: bool  # `no fever` as a way to say something else
    both_ways: bool  # whether hearing the meaning in other words says this phrase, too


class _Node:
    """A place in the tree of phrases: the words that may follow, and the phrases that end here."""

    __slots__ = ("ends", "following")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.ends: tuple[_Phrase, ...] = ()


class Lexicon:
    """Phrases in a tree by their stems, so that a text is read once whatever their number."""

    def __init__(self, phrases: Iterable[_Phrase]) -> None:
        self._root = _Node()
        for phrase in phrases:
            node = self._root
            for one in phrase.stems:
                node = node.following.setdefault(one, _Node())
            node.ends = (*node.ends, phrase)

    def charted(self, found: Sequence[Token]) -> list[Sense]:
        """The senses of a note's words, none inside another: the longest phrase at a place, else the word."""
        return list(self._greedy(found))

    def meanings(self, stem_: str) -> tuple[str, ...]:
        """What a single word can mean: itself, and the lines of the tables that hold it alone."""
        node = self._root.following.get(stem_)
        alone = [p.meaning for p in node.ends if p.both_ways and not p.is_denied] if node else []
        return (stem_, *alone)

    def heard(self, found: Sequence[Token]) -> list[tuple[Sense, bool]]:
        """Every sense of spoken words, overlapping ones too; True where the phrase says that the meaning is absent."""
        places, stems = _stream(found)
        stop = stop_stems()
        senses = [(Sense(one, at, at + 1), False) for at, one in zip(places, stems, strict=True) if one not in stop]
        for n, at in enumerate(places):
            for phrase in self._at(stems, n) if stems[n] in self._root.following else ():
                last = places[n + len(phrase.stems) - 1] + 1
                senses.append((Sense(phrase.meaning, at, last), phrase.is_denied))
        return senses

    def named(self, found: Sequence[Token]) -> frozenset[str]:
        """The meanings of all senses that `heard` gives."""
        _, stems = _stream(found)
        phrases = (p for n, one in enumerate(stems) if one in self._root.following for p in self._at(stems, n))
        return frozenset(stems) - stop_stems() | {phrase.meaning for phrase in phrases}

    def _greedy(self, found: Sequence[Token]) -> Iterable[Sense]:
        places, stems = _stream(found)
        stop, n = stop_stems(), 0
        while n < len(stems):
            starting = self._at(stems, n) if stems[n] in self._root.following else ()
            phrases = [p for p in starting if p.both_ways and not p.is_denied]
            if phrases:
                length = len(phrases[0].stems)
                meanings = list(dict.fromkeys(p.meaning for p in phrases if len(p.stems) == length))
                yield Sense(meanings[0], places[n], places[n + length - 1] + 1, tuple(meanings[1:]))
                n += length
                continue
            if stems[n] not in stop:
                yield Sense(stems[n], places[n], places[n] + 1)
            n += 1

    def _at(self, stems: Sequence[str], n: int) -> Sequence[_Phrase]:
        """The phrases that start with a word that one starts with, longest first."""
        node = self._root.following[stems[n]]
        found = node.ends
        for at in range(n + 1, len(stems)):
            following = node.following.get(stems[at])
            if following is None:
                break
            node = following
            if node.ends:
                found = (*node.ends, *found)
        return found


def _stream(found: Sequence[Token]) -> tuple[list[int], list[str]]:
    """The words of a text that phrases are made of: their places, and their stems. One said twice on end counts once."""
    dropped = _dropped()
    places = [
        at
        for at, token in enumerate(found)
        if token.word not in dropped and token.word[0].isalnum() and not (at and found[at - 1].word == token.word)
    ]
    return places, [found[at].stem for at in places]


@cache
def lexicon() -> Lexicon:
    """The phrases of all tables, and drugs by their names and brands."""
    phrases: list[_Phrase] = []
    for table in _TABLES:
        data = read_yaml(_DATA / table)
        for line in data.get("same") or ():
            phrases += _same([form.strip() for form in line.split("|")])
        for line in data.get("implies") or ():
            phrases += _implies(line)
    for name, drug in drug_names().meanings():
        if len(name) > _SHORT_NAME:
            phrases += _same([drug.name, name])
    return Lexicon(dict.fromkeys(phrases))


def _same(forms: Sequence[str]) -> Iterable[_Phrase]:
    meaning = f"={forms[0]}"
    for form in forms:
        is_denied, stems = _stems(form)
        if not _says_nothing(form, stems):
            is_idiom = all(one in stop_stems() for one in stems)
            shrunk = len(stems) == 1 and form != forms[0] and not is_denied and len(form.split()) > 1
            # `the change`, `in school`, `on and off` are said, not charted
            yield _Phrase(stems, meaning, is_denied, both_ways=not (shrunk or is_idiom))


def _implies(line: str) -> Iterable[_Phrase]:
    charted, _, said = line.partition("<-")
    is_denied, stems = _stems(charted)
    if all(one in stop_stems() for one in stems):
        return
    meaning = f"={charted.strip()}" if not is_denied else f"={charted.strip().split(' ', 1)[1]}"
    yield _Phrase(stems, meaning, is_denied=False, both_ways=True)
    for form in said.split("|"):
        form_denied, form_stems = _stems(form)
        if not _says_nothing(form, form_stems):
            yield _Phrase(form_stems if not form_denied else ("not", *form_stems), meaning, is_denied, both_ways=False)


def _says_nothing(form: str, stems: Sequence[str]) -> bool:
    return not stems or (len(form.split()) < _IDIOM and all(one in stop_stems() for one in stems))


def _stems(form: str) -> tuple[bool, tuple[str, ...]]:
    found = [token for token in tokens(form) if token.word[0].isalnum() or token.word == "n't"]
    is_denied = bool(found) and found[0].word in ("no", "not")
    stems = tuple(token.stem for token in found[is_denied:] if token.word not in _dropped())
    return is_denied, stems


@cache
def stop_stems() -> frozenset[str]:
    words = str(read_yaml(_DATA / "words.yaml")["stop"]).split()
    return frozenset(words) | frozenset(stem(word) for word in words) | frozenset(ascii_lowercase)


@cache
def _dropped() -> frozenset[str]:
    return frozenset(str(read_yaml(_DATA / "words.yaml")["dropped"]).split())


@cache
def _words() -> dict[str, tuple[float, float]]:
    """Rarity and share said, by stem."""
    rows = (
        line.split("\t") for line in (_DATA / "rarity.tsv").read_text("utf-8").splitlines() if line and line[0] != "#"
    )
    return {word: (min(max(float(rare), COMMONEST), RAREST), float(share)) for word, rare, share in rows}


def _said(share: float) -> float:
    """What is charted and rarely said aloud (`underwent`, `significant`) says little of whether a fact is told."""
    return 0.15 + 0.85 * min(1.0, max(0.0, (share - 0.2) / 0.5))


@cache
def rarity(stem_: str) -> float:
    """How much a word says of a fact, 0 to RAREST: how few texts use it, less where it is charted and seldom said."""
    rare, share = _words().get(stem_, (UNKNOWN, 1.0))
    return rare * _said(share)


def is_known(stem_: str) -> bool:
    """Whether the table of rarities has a word; names of people are not in it."""
    return stem_ in _words()


@cache
def said_share(stem_: str) -> float:
    """How often a charted word is said in the dialogue of its note, 0 to 1."""
    return _words().get(stem_, (UNKNOWN, USUALLY_SAID))[1]


@cache
def _spoken_forms() -> dict[str, tuple[tuple[str, float], ...]]:
    forms: dict[str, list[tuple[str, float]]] = {}
    for line in (_DATA / "spoken_forms.tsv").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            charted, spoken, strength = line.split("\t")
            forms.setdefault(charted, []).append((spoken, min(0.85, 0.4 + 1.5 * float(strength))))
    return {charted: tuple(found) for charted, found in forms.items()}


def spoken_forms(stem_: str) -> tuple[tuple[str, float], ...]:
    """Other words that people say for a charted one, each with how far it stands for it (0 to 1)."""
    return _spoken_forms().get(stem_, ())
