"""Sentences of a note moved into a section where they do not belong, for learning and for measuring the SOAP checks."""

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medsynth_assets.clinical.drugs import drug_names
from medsynth_assets.quality.reading import Sentence
from medsynth_assets.quality.soap.structure import Opened, opened

_ORDER = re.compile(
    r"\b(?:start|continue|initiate|prescri|increase|decrease|refill|take|discontinue|provided|begin|add)\w*\b",
    re.IGNORECASE,
)
_NO_ORDER = re.compile(  # what the patient wished, felt or has done, in a plan
    r"\b(?:he|she|patient)\s+(?:has|had)\s+(?:been|experienced)\b|\brequested\b", re.IGNORECASE
)
_SYMPTOM = re.compile(r"\b(?:reports?|denies|endorses|complains?|states|experienc\w+|describes)\b", re.IGNORECASE)
_NO_FINDING = re.compile(r"^(?:not (?:assessed|examined|done)|deferred)\b", re.IGNORECASE)
_LEAST_WORDS = 3
_BARE_FRAC = 0.5  # of sentences moved to any place, without their label
_WRONG = {
    "medication order": ("subjective", "objective"),
    "examination finding": ("subjective", "plan"),
    "symptom": ("objective", "plan"),
}
BELONGS = {"medication order": "plan", "examination finding": "objective", "symptom": "subjective"}


class Moved(NamedTuple):
    kind: str
    to: str
    note: str
    sentence: str


def moved(note: str, rng: random.Random, most: int, at_end: bool = True) -> Iterator[Moved]:
    """Up to `most` sentences of each kind taken out of their section and put, on a line of their own, into each wrong one.

    at_end: at the end of that section and without its label; else after any sentence of it, half of them with the label.
    """
    parts = opened(note)
    for kind, pool in _pools(parts).items():
        usable = [s for s in pool if len(s.bare.split()) >= _LEAST_WORDS]
        for sentence in rng.sample(usable, min(most, len(usable))):
            for to in _WRONG[kind]:
                places = _ends(parts, to, sentence.start)
                if places:
                    place = places[-1] if at_end else rng.choice(places)
                    new = sentence.bare if at_end or rng.random() < _BARE_FRAC else sentence.text
                    yield Moved(kind, to, _with_moved(note, sentence, place, new), new)


def _pools(parts: Sequence[Opened]) -> dict[str, list[Sentence]]:
    """The sentences that are surely of a kind; a section that holds two is never where they come from, but for orders."""
    return {
        "medication order": [s for p in parts if "plan" in p.sections for s in p.sentences if _is_order(s.text)],
        "examination finding": [
            s
            for p in parts
            if p.sections == ("objective",) and p.heading.part != "results"
            for s in p.sentences
            if not _NO_FINDING.search(s.bare)
        ],
        "symptom": [s for p in parts if p.sections == ("subjective",) for s in p.sentences if _SYMPTOM.search(s.text)],
    }


def _is_order(text: str) -> bool:
    named = next(drug_names().find(text), None)
    return bool(named and _ORDER.search(text) and not _NO_ORDER.search(text))


def _ends(parts: Sequence[Opened], section: str, start: int) -> list[int]:
    """Where the sentences of a section end; none where the sentence that starts at `start` is one of them."""
    inside = [s for p in parts if section in p.sections for s in p.sentences]
    return [s.start + len(s.text) for s in inside] if all(s.start != start for s in inside) else []


def _with_moved(note: str, sentence: Sentence, place: int, new: str) -> str:
    start, text = sentence.start, sentence.text
    without = note[:start] + note[start + len(text) :]
    at = place - len(text) if place > start else place
    return without[:at] + "\n" + new + without[at:]
