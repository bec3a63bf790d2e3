"""Support: what a dialogue asserts clinically and its note does not say."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.clinical.conditions import Condition, condition_names
from medsynth_assets.clinical.drugs import Drug, drugs_named
from medsynth_assets.clinical.measurements import laboratory_tests
from medsynth_assets.clinical.phrases import Found, Phrases
from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.facts.fact import Kind
from medsynth_assets.quality.facts.hearing import Heard, Turn
from medsynth_assets.quality.facts.mention import Hit, Voice
from medsynth_assets.quality.language.lexicon import lexicon, spoken_forms
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.tokens import Token, stem, tokens

_MEASURED = {"mg", "mcg", "g", "meq", "percent", "mmhg", "degree", "cm", "mm", "pack", "bpm"}  # of a patient or a drug
_WHEN = {"day", "week", "month", "year"}
_NEAR = 60  # characters around a time within which words of coming back make it an appointment
_WORDS_BEFORE = 7
_RETURN = re.compile(
    r"\b(?:come back|see you|see me|recheck|follow[- ]?up|return|check back|back in|next visit|appointment)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:if (?:you|he|she|they|it|there)|risks? (?:of|for)|rule out|screen(?:s|ed|ing)? for|concern(?:s|ed)? (?:about|for|of)|in case|could|might|"
    r"can (?:cause|develop|get|have)|causes?|such as|things like|correlation between|prevent|avoid|look for|body who|people who|(?:some|any) (?:sort|kind|type) of|any [a-z]+ like)\b[^.?!]{0,40}$",
    re.IGNORECASE,
)  # before a word: it is thought of, not told
_REACH = 120  # characters before a word that can say so
_KINDS = {"symptoms": Kind.SYMPTOM, "findings": Kind.FINDING, "orders": Kind.ORDER, "substances": Kind.HISTORY}


class Unsupported(NamedTuple):
    """A clinical statement of turn `turn`, and the words of it that the note does not have."""

    text: str
    turn: int
    kind: Kind


class Named(NamedTuple):
    """What a turn names that a note could lack: drugs, conditions, and clinical words with their kinds."""

    drugs: tuple[Found[Drug], ...]
    conditions: tuple[Found[Condition], ...]
    words: tuple[tuple[int, Token, Kind], ...]  # with the number of the token


class Noted(NamedTuple):
    """What a note says, for looking up what a dialogue says."""

    stems: frozenset[str]
    meanings: frozenset[str]
    drugs: frozenset[str]
    conditions: frozenset[str]
    codes: frozenset[str]  # categories of those conditions
    quantities: tuple[Quantity, ...]


def noted(note: str) -> Noted:
    """Read a note once for all statements of its dialogue. Abbreviations and lay forms of its words count as its words."""
    found = tokens(note)
    stems = {token.stem for token in found}
    for word in tuple(stems):
        stems.update(spoken for spoken, _ in spoken_forms(word))
    drugs = [drug.meaning for drug in drugs_named(note)]
    held = [named.meaning for named in condition_names().find(note)]
    return Noted(
        frozenset(stems),
        lexicon().named(found),
        frozenset(drug.name for drug in drugs),
        frozenset(condition.name for condition in held),
        frozenset(code[:3] for condition in held for code in condition.codes),
        tuple(quantities(note, found)),
    )


def unsupported(turns: Sequence[Turn], heard: Heard, note: Noted) -> list[Unsupported]:
    """Statements whose drug, condition, test, symptom, measure or date the note does not know; one a turn."""
    found = []
    for n, turn in enumerate(turns):
        statement = next(_statements(n, turn, heard, note), None)
        if statement:
            found.append(statement)
    return found


_MOST_KEPT = 8_192  # turns: dialogues of one engine repeat half of them, and most name nothing


@lru_cache(maxsize=_MOST_KEPT)
def _named(text: str) -> Named:
    kinds = _clinical_words()
    words = ((at, token, kinds[token.stem]) for at, token in enumerate(tokens(text)) if token.stem in kinds)
    return Named(drugs_named(text), tuple(condition_names().find(text)), tuple(words))


def _statements(n: int, turn: Turn, heard: Heard, note: Noted) -> Iterator[Unsupported]:
    text = turn.text
    names = _named(text)
    for drug in names.drugs:
        name = drug.meaning.name
        if (
            name not in note.drugs
            and f"={name}" not in note.meanings
            and not _is_supposed(text, drug.start)
            and _is_asserted(heard, n, f"={name}", text[drug.start : drug.end])
        ):
            yield Unsupported(text[drug.start : drug.end], n, Kind.MEDICATION)
    for named in names.conditions:
        words = text[named.start : named.end]
        akin = any(code[:3] in note.codes for code in named.meaning.codes)
        if (
            named.meaning.name not in note.conditions
            and not akin
            and not _is_known(words, note)
            and not _is_supposed(text, named.start)
            and _is_asserted(heard, n, "", words)
        ):
            yield Unsupported(words, n, Kind.DIAGNOSIS)
    for at, token, kind in names.words:
        if (
            token.stem not in note.stems
            and note.meanings.isdisjoint(heard.said[n].phrases_over(at))
            and not _is_supposed(text, token.start)
            and _is_asserted(heard, n, token.stem, token.word)
        ):
            yield Unsupported(token.word, n, kind)
    for quantity in heard.said[n].quantities:
        is_measure = quantity.unit in _MEASURED or _is_result(text, quantity)
        due = (
            quantity.unit in _WHEN
            and turn.speaker == "doctor"
            and _RETURN.search(text[max(0, quantity.start - _NEAR) : quantity.end + _NEAR])
        )
        if (is_measure or due) and not any(quantity.same(other) for other in note.quantities):
            yield Unsupported(text[quantity.start : quantity.end], n, Kind.FOLLOW_UP if due else Kind.NUMBER)


def _is_supposed(text: str, start: int) -> bool:
    return bool(_SUPPOSED.search(text, max(0, start - _REACH), start))


def _is_result(text: str, quantity: Quantity) -> bool:
    """Whether a bare number follows the name of a laboratory test within a few words."""
    if quantity.unit:
        return False
    before = text[tokens(text)[max(0, quantity.first - _WORDS_BEFORE)].start : quantity.start]
    return any(True for _ in _tests().find(before))


@cache
def _tests() -> Phrases[str]:
    names = {name: test.name for test in laboratory_tests() for name in (test.name, *test.aliases)}
    return Phrases(names, exact=2)


def _is_known(words: str, note: Noted) -> bool:
    """Whether the note has each word of a name, or a meaning of the whole."""
    found = tokens(words)
    if all(token.stem in note.stems for token in found):
        return True
    return any(meaning in note.meanings for meaning in lexicon().named(found) if meaning[0] == "=")


def _is_asserted(heard: Heard, n: int, meaning: str, words: str) -> bool:
    """Said as so: not denied, and not only asked."""
    hits = [hit for hit in _hits(heard, meaning, words) if hit.turn == n]
    return any(hit.voice is Voice.AFFIRMED for hit in hits)


def _hits(heard: Heard, meaning: str, words: str) -> Sequence[Hit]:
    if meaning in heard.hits:
        return heard.hits[meaning]
    return heard.hits.get(tokens(words)[-1].stem, ())


@cache
def _clinical_words() -> dict[str, Kind]:
    data = read_yaml(resources.files("medsynth_assets.quality.language") / "data/clinical_words.yaml")
    return {stem(word): _KINDS[group] for group, words in data.items() for word in str(words).split()}
