"""Whether the four sections are there, in order, and hold something. For SOAP notes and for free text with other headings."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from medsynth_assets.quality.reading import SOAP, Heading, Sentence, walk
from medsynth_assets.quality.soap.fault import Fault, FaultType
from medsynth_assets.quality.soap.sentences import sections_of

_COMBINED = re.compile(r"\bassessment\b.*\bplan\b|^a\s*[/&]\s*p$|\bimpression\b.*\bplan\b", re.IGNORECASE)
_PLAN_LABEL = re.compile(
    r"\b(?:treatment|testing|plan|education|counsel\w*|instructions|medications?|referrals?|follow[- ]?up)\b",
    re.IGNORECASE,
)


class Opened(NamedTuple):
    """A heading, the sections it opens (two for `Assessment and plan`), and the sentences up to the next heading."""

    heading: Heading
    sections: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@lru_cache(maxsize=16)  # structure and placement read one note
def opened(note: str) -> tuple[Opened, ...]:
    """The headed parts of a note in order."""
    parts: list[tuple[Heading, list[Sentence]]] = []
    for item in walk(note):
        if isinstance(item, Heading):
            parts.append((item, []))
        elif parts:
            parts[-1][1].append(item)
    return tuple(Opened(heading, _sections(heading, sentences), tuple(sentences)) for heading, sentences in parts)


def _sections(heading: Heading, sentences: Sequence[Sentence]) -> tuple[str, ...]:
    if _COMBINED.search(heading.text):
        return ("assessment", "plan")
    if heading.section == "assessment" and any(_PLAN_LABEL.search(s.label) for s in sentences):
        return ("assessment", "plan")  # a plan labelled inside the assessment
    return (heading.section,) if heading.section else ()


def structure(note: str) -> list[Fault]:
    """Missing, empty and out-of-order sections. A note without any heading is judged by what its sentences say."""
    parts = opened(note)
    if not any(part.sections for part in parts):
        return list(_unheaded(note))
    present = {section for part in parts for section in part.sections}
    return [
        *(Fault(FaultType.MISSING, section) for section in SOAP if section not in present),
        *_empty(parts),
        *_order(parts),
    ]


def _unheaded(note: str) -> Iterator[Fault]:
    held = set(sections_of([item.text for item in walk(note) if isinstance(item, Sentence)]))
    for section in SOAP:
        if section not in held:
            yield Fault(FaultType.MISSING, section)


def _empty(parts: Sequence[Opened]) -> Iterator[Fault]:
    """Headings with nothing before the next one, but for one whose parts follow (`Objective`, then `Vitals`)."""
    for n, part in enumerate(parts):
        following = parts[n + 1] if n + 1 < len(parts) else None
        goes_on = following is not None and set(part.sections) & set(following.sections) and _is_inside(part, following)
        if part.sections and not part.sentences and not goes_on:
            heading = part.heading
            yield Fault(
                FaultType.EMPTY, part.sections[0], heading.text, heading.start, heading.start + len(heading.text)
            )


def _is_inside(part: Opened, following: Opened) -> bool:
    """Whether the second heading is a part of the first: a main section's, or with text on its own line."""
    if part.heading.part in SOAP and following.heading.part not in SOAP:
        return True
    return (
        bool(following.sentences)
        and following.sentences[0].start - following.heading.start < len(following.heading.text) + 4
    )


def _order(parts: Sequence[Opened]) -> Iterator[Fault]:
    reached = -1
    for part in parts:
        if not part.sections:
            continue
        last = SOAP.index(part.sections[-1])
        if SOAP.index(part.sections[0]) < reached and last < reached:
            heading = part.heading
            yield Fault(
                FaultType.ORDER, part.sections[0], heading.text, heading.start, heading.start + len(heading.text)
            )
        reached = max(reached, last)
