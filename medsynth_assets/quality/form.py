"""Form of a dialogue or note: speakers marked, nothing about the task, no leftovers, no strings that identify people."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from medsynth_assets.quality.facts.hearing import Turn

MOST_WORDS = 8_000  # of a dialogue; real visits of an hour stay below
FEWEST_TURNS = 4


class FormType(StrEnum):
    SPEAKER = "speaker"
    CODE = "icd code"
    HEADING = "heading"
    TASK = "about the task"
    TEMPLATE = "template"
    LENGTH = "length"
    IDENTIFIER = "identifier"


class FormFault(NamedTuple):
    """`turn` is the number of the turn, None where the fault is of the whole text or of a note."""

    type: FormType
    text: str
    turn: int | None = None


_CODE = re.compile(r"\b(?!(?:[CTLS]\d{1,2}-))[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}\b")
_HEADING = re.compile(
    r"^\s*(?:#+ |\*\*)?(?:subjective|objective|assessment|plan|chief complaint|history of present illness|hpi|review of systems|ros|physical exam(?:ination)?|dialogue|conversation|transcript|note)\s*:?\s*(?:\*\*)?$",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\bhere(?:'s| is| are) (?:the|a|your) (?:dialogue|conversation|transcript|note|soap|revised|polished|example)|\bas an ai\b|\blanguage model\b|\bi (?:cannot|can't) (?:create|generate|provide)\b.{0,40}\b(?:dialogue|note|content)|"
    r"\b(?:soap note|icd-?10)\b|\bend of (?:dialogue|conversation|transcript)\b|\b(?:certainly|sure)[!,] here\b|\bi hope this helps\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"\{\{?[^{}]{0,60}\}?\}|\[(?:name|date|insert[^\]]*|patient(?:'s)? name|doctor(?:'s)? name|age|drug|medication|x+|\.\.\.|to be [^\]]*)\]|<[a-z_ ]{2,30}>|\bXX+\b|_{4,}|\blorem ipsum\b|\bTBD\b|\bN/?A\.?$",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
# What a text has to hold, in lower case, to be searched for the patterns above: to look for it costs a tenth of a search.
_MARKS_OF_TASK = (
    "here's ", "here is ", "here are ", "as an ai", "language model", "i cannot ", "i can't ", "soap note", "icd", "end of ",
    ", here", "! here", "i hope this",
)  # fmt: skip
_MARKS_OF_TEMPLATE = ("{", "[", "<", "xx", "____", "lorem ipsum", "tbd")
_NOT_APPLICABLE = ("na", "n/a")
_MARKS_OF_IDENTIFIER = {  # the others have digits
    "telephone number": re.compile(r"\d[.-]\d{4}"),
    "e-mail address": re.compile("@"),
    "web address": re.compile(r"http|www\."),
}
_IDENTIFIERS = (  # toll-free numbers are a service's, not a person's
    ("social security number", re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    ("telephone number", re.compile(r"(?<![\d.-])(?!(?:\+?1[ .-])?\(?8(?:00|33|44|55|66|77|88)\b)(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}\b")),
    ("e-mail address", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]{2,}\b")),
    ("web address", re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)),
    ("record number", re.compile(r"\b(?:mrn|medical record (?:number|no\.?)|account (?:number|no\.?)|member id|policy (?:number|no\.?))\s*(?:is|:|#)?\s*#?[A-Z]*\d{4,}\b", re.IGNORECASE)),
    ("street address", re.compile(r"\b\d{1,5} (?:[NSEW]\.? )?(?:[A-Z][a-z]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl)\b\.?(?=,| [A-Z]|$)")),
)  # fmt: skip
_MARKER = re.compile(r"^[a-z][a-z-]*$")
_UNMARKED = re.compile(r"\b(?:doctor|patient|physician)\s*:", re.IGNORECASE)


def dialogue_form(turns: Sequence[Turn]) -> list[FormFault]:
    """Faults of a dialogue's form, in order of its turns."""
    found = list(_whole(turns))
    for n, turn in enumerate(turns):
        found += [FormFault(kind, text, n) for kind, text in _of_text(turn.text, spoken=True)]
        if not _MARKER.match(turn.speaker):
            found.append(FormFault(FormType.SPEAKER, turn.speaker or turn.text[:60], n))
    return found


def note_form(note: str) -> list[FormFault]:
    """Faults of a note's form: text about the task, leftovers, identifiers."""
    return [FormFault(kind, text) for kind, text in _of_text(note, spoken=False)]


def _whole(turns: Sequence[Turn]) -> Iterator[FormFault]:
    speakers = {turn.speaker for turn in turns}
    if len(speakers) < 2:
        yield FormFault(FormType.SPEAKER, f"{len(speakers)} speaker in {len(turns)} turns")
    words = sum(len(turn.text.split()) for turn in turns)
    if len(turns) < FEWEST_TURNS or words > MOST_WORDS:
        yield FormFault(FormType.LENGTH, f"{len(turns)} turns, {words} words")


def _of_text(text: str, spoken: bool) -> Iterator[tuple[FormType, str]]:
    lower, has_digits = text.lower(), bool(_DIGIT.search(text))
    if spoken:
        if has_digits and (match := _CODE.search(text)):
            yield FormType.CODE, match.group()
        if match := _HEADING.match(text):
            yield FormType.HEADING, match.group().strip()
        if ":" in text and (match := _UNMARKED.search(text)):
            yield FormType.SPEAKER, match.group()
        if _has(lower, _MARKS_OF_TASK) and (match := _TASK.search(text)):
            yield FormType.TASK, match.group()
    elif match := re.search(
        r"\bhere(?:'s| is) (?:the|a|your) (?:\w+ )?note\b|\bas an ai\b|\blanguage model\b", text, re.IGNORECASE
    ):
        yield FormType.TASK, match.group()
    may_be_left = _has(lower, _MARKS_OF_TEMPLATE) or lower.rstrip(".\n").endswith(_NOT_APPLICABLE)
    if may_be_left and (match := _TEMPLATE.search(text)):
        yield FormType.TEMPLATE, match.group()
    for name, pattern in _IDENTIFIERS:
        if _MARKS_OF_IDENTIFIER[name].search(lower) if name in _MARKS_OF_IDENTIFIER else has_digits:
            for match in pattern.finditer(text):
                yield FormType.IDENTIFIER, f"{name}: {match.group()}"


def _has(lower: str, marks: Sequence[str]) -> bool:
    for mark in marks:  # noqa: SIM110 - any() of a generator takes twice as long
        if mark in lower:
            return True
    return False
