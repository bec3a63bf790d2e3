"""Reading a note: its sentences, and the part of the note each stands in. For our notes and for free text."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.data_files import read_yaml

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d•*(\"'-])|(?<=;)\s+(?![^()]*\))")
_ABBREVIATED = re.compile(r"\b(?:Dr|Mr|Ms|Mrs|vs|approx|no|St)\.$|(?:^|\s)\d+\.$", re.IGNORECASE)
_MARK = re.compile(r"^(?:\d+[.)]|[•*-])\s+")
_LEAD = re.compile(r"^(?P<head>[A-Za-z][A-Za-z'&/ ]{0,45}?)\s*(?P<colon>:)\s*(?P<rest>.*)$", re.DOTALL)


class Sentence(NamedTuple):
    """`section` is a main part (subjective, objective, assessment, plan), `part` the narrowest known one; '' where the
    note has not said."""

    section: str
    part: str
    text: str


_MAIN = {
    "subjective": "subjective", "complaint": "subjective", "story": "subjective", "symptoms": "subjective",
    "history": "subjective", "medications": "subjective", "allergies": "subjective", "family": "subjective",
    "social": "subjective", "objective": "objective", "results": "objective", "assessment": "assessment",
    "differential": "assessment", "plan": "plan",
}  # fmt: skip


_SOAP = ("subjective", "objective", "assessment", "plan")
_SOAP_CLOSED = ("assessment", "plan")  # inside these a heading like `Labs` names orders, not results


@cache
def _headings() -> dict[str, str]:
    data = read_yaml(resources.files("medsynth_assets.quality.integrity") / "headings.yaml")
    return {heading: part for part, names in data.items() for heading in names}


def read(note: str) -> list[Sentence]:
    """The sentences of a note in order.

    A heading on a line of its own opens a part up to the next one; one with text beside it holds for its line, one
    inside a paragraph for its sentence. The four SOAP headings open sections, which other headings do not end.
    """
    return list(_read(note))


def _read(note: str) -> Iterator[Sentence]:
    section = standing = ""
    for line in note.splitlines():
        text = _MARK.sub("", line.strip())
        if not text:
            continue
        head, text = _heading(text)
        if head in _SOAP:
            section, standing = head, head
        elif head and not text:
            standing = head
            section = section if section in _SOAP_CLOSED else _MAIN[head]
        part = head or standing
        for n, sentence in enumerate(_sentences(text)):
            inner, body = _heading(sentence) if n else ("", sentence)
            of = inner or part
            if body:
                yield Sentence(section if section in _SOAP else _MAIN.get(of, section), of, body)


def _heading(text: str) -> tuple[str, str]:
    """The part that a line opens, and what follows the heading; '' and the line where it opens none."""
    match = _LEAD.match(text)
    if match and match["head"].lower() in _headings():
        return _headings()[match["head"].lower()], match["rest"]
    bare = text.lower().rstrip(" :.")
    return (_headings()[bare], "") if bare in _headings() and len(bare) > 1 else ("", text)


def _sentences(text: str) -> list[str]:
    whole: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if whole and _ABBREVIATED.search(whole[-1]):
            whole[-1] += f" {piece}"
        elif piece.strip():
            whole.append(piece.strip())
    return [_MARK.sub("", sentence) for sentence in whole]


_NOT_HELD = re.compile(
    r"\b(?:no|denies|denied|negative for|never|not|nor|free of|absence of|rule[sd]? out|ruling out|unlikely|history of no|"
    r"risk of|risks? for|screen(?:ing|ed)? for|prevent(?:s|ion of)?|in case of|if|versus|vs)\b"
    r"(?:(?!\b(?:but|however|has|reports|takes|endorses)\b)[^.;:]){0,250}$"
    r"|\b(?:without|resolved)\b[^.;:,]{0,40}$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:mother|father|brother|sister|aunt|uncle|grand\w+|son|daughter|parents?|family|relatives?|wife|husband|cousins?|dad|mom)\b",
    re.IGNORECASE,
)


_DOUBTED = re.compile(
    r"\b(?:considered|less likely|were considered|waitlist|waiting|transplant list|awaiting|failed|evaluation|transplant center|differential|worr(?:y|ied|ying))\b",
    re.IGNORECASE,
)


def is_held(sentence: str, start: int) -> bool:
    """Whether a term at a place of a sentence is said of the patient as present: not denied, considered or a relative's."""
    before = sentence[:start]
    return not _NOT_HELD.search(before) and not _OTHERS.search(before) and not _DOUBTED.search(sentence)
