"""Reading a note: its sentences with their places, and the part of the note each stands in. For our notes and for free text."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.data_files import read_yaml

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d•*(\"'-])|(?<=;)\s+(?![^()]*\))")
_ABBREVIATED = re.compile(r"\b(?:Dr|Mr|Ms|Mrs|vs|approx|no|St)\.$|(?:^|\s)\d+\.$", re.IGNORECASE)
_MARK = re.compile(r"^(?:(?:\d+[.)]|[•*-])\s+)+")
_LEAD = re.compile(r"^(?P<head>[A-Za-z][A-Za-z'’&/() -]{0,45}?)\s*:\s*(?P<rest>.*)$", re.DOTALL)
_LABEL = re.compile(r"^(?P<label>[A-Z][A-Za-z0-9'’&/(), -]{0,60}?)\s*:\s+(?=\S)")
_TITLE = re.compile(r"^[A-Z][A-Z0-9'’&/(), -]{3,60}:?$")
SOAP = ("subjective", "objective", "assessment", "plan")
_SOAP_CLOSED = ("assessment", "plan")  # inside these a heading like `Labs` names orders, not results
_OPENS_A_NOTE = ("complaint", "story", "symptoms")  # no heading of these stands inside an assessment or a plan


class Sentence(NamedTuple):
    """`section` is a main part (subjective, objective, assessment, plan), `part` the narrowest known one; '' where the
    note has not said. `text` is note[start:start + len(text)]; `label` what stands before a colon at its head, not a heading."""

    section: str
    part: str
    text: str
    start: int = 0
    label: str = ""

    @property
    def bare(self) -> str:
        """The text without its label."""
        return self.text[len(self.label) :].lstrip(" :") if self.label else self.text


class Heading(NamedTuple):
    """A heading of a note: the part it opens, the main section of that, its words and place."""

    part: str
    section: str
    text: str
    start: int


_MAIN = {
    "subjective": "subjective", "complaint": "subjective", "story": "subjective", "symptoms": "subjective",
    "history": "subjective", "medications": "subjective", "allergies": "subjective", "family": "subjective",
    "social": "subjective", "objective": "objective", "results": "objective", "assessment": "assessment",
    "differential": "assessment", "plan": "plan",
}  # fmt: skip


@cache
def _headings() -> dict[str, str]:
    data = read_yaml(resources.files("medsynth_assets.quality") / "headings.yaml")
    return {heading: part for part, names in data.items() for heading in names}


@lru_cache(maxsize=16)
def read(note: str) -> tuple[Sentence, ...]:
    """The sentences of a note in order.

    A heading on a line of its own opens a part up to the next one; one with text beside it holds for its line, one
    inside a paragraph for its sentence. The four SOAP headings open sections, which other headings do not end.
    """
    return tuple(item for item in walk(note) if isinstance(item, Sentence))


@lru_cache(maxsize=16)  # several checks read one note
def walk(note: str) -> tuple[Sentence | Heading, ...]:
    """Headings and sentences of a note in order."""
    return tuple(_walk(note))


def _walk(note: str) -> Iterator[Sentence | Heading]:
    section = standing = ""
    at = 0
    for line in note.splitlines(keepends=True):
        start, at = at, at + len(line)
        text = line.strip()
        start += len(line) - len(line.lstrip())
        mark = _MARK.match(text)
        if mark:
            text, start = text[mark.end() :], start + mark.end()
        if not text:
            continue
        head, rest = _heading(text)
        if head:
            named = text[: len(text) - len(rest)].rstrip(" :")
            if head in SOAP:
                section, standing = head, head
            elif not rest:
                standing = head
                section = section if section in _SOAP_CLOSED and head not in _OPENS_A_NOTE else _MAIN[head]
            if head in SOAP or not rest or section not in _SOAP_CLOSED:
                yield Heading(head, head if head in SOAP else section if not rest else _MAIN[head], named, start)
            start += len(text) - len(rest)
        elif _TITLE.match(text):
            standing = ""  # a title of its own that says nothing of the part
            continue
        part = head or standing
        for n, (sentence, offset) in enumerate(_sentences(rest)):
            inner, body = _heading(sentence) if n else ("", sentence)
            of = inner or part
            if body:
                begin = start + offset + len(sentence) - len(body)
                yield _labelled(Sentence(section if section in SOAP else _MAIN.get(of, section), of, body, begin))


def _labelled(sentence: Sentence) -> Sentence:
    match = _LABEL.match(sentence.text)
    return sentence._replace(label=match["label"]) if match else sentence


def _heading(text: str) -> tuple[str, str]:
    """The part that a line opens, and what follows the heading; '' and the line where it opens none."""
    match = _LEAD.match(text)
    is_pulse = (
        match is not None and len(match["head"]) == 1 and match["rest"][:1].isdigit()
    )  # `P: 89` among vital signs
    if match and not is_pulse and match["head"].lower() in _headings():
        return _headings()[match["head"].lower()], match["rest"]
    bare = text.lower().rstrip(" :.")
    return (_headings()[bare], "") if bare in _headings() and len(bare) > 1 else ("", text)


def _sentences(text: str) -> list[tuple[str, int]]:
    """The sentences of a paragraph with their offsets in it, marks of lists left out."""
    ends = [(match.start(), match.end()) for match in _SENTENCE_END.finditer(text)]
    whole: list[tuple[str, int]] = []
    start = 0
    for stop, following in [*ends, (len(text), len(text))]:
        if stop < len(text) and _ABBREVIATED.search(text[start:stop]):
            continue
        piece = text[start:stop]
        mark = _MARK.match(piece)
        cut = mark.end() if mark else 0
        if piece[cut:].strip():
            whole.append((piece[cut:].strip(), start + cut + len(piece[cut:]) - len(piece[cut:].lstrip())))
        start = following
    return whole
