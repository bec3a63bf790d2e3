"""The note polisher, offline: tidies a draft and settles how abbreviations are written. Adds and removes no fact."""

import re

from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.records.note import SECTIONS, Note

_ABBREVIATIONS = (
    ("by mouth", "PO"),
    ("once daily", "daily"),
    ("twice daily", "BID"),
    ("three times daily", "TID"),
    ("four times daily", "QID"),
    ("as needed", "PRN"),
    ("Blood pressure", "BP"),
    ("blood pressure", "BP"),
    ("heart rate", "HR"),
    ("respiratory rate", "RR"),
)
_ABBREVIATED_SHARE = 0.3


def polish(note: Note, chooser: Chooser) -> Note:
    """One convention for the whole note, but the assessment: it keeps the official words of the diagnosis."""
    short = chooser.chance(_ABBREVIATED_SHARE)
    return Note(**{name: _section(getattr(note, name), short and name != "assessment") for name in SECTIONS})


def _section(text: str, short: bool) -> str:
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" +([.,;:])", r"\1", text)
    text = re.sub(r"\.{2,}", ".", text)
    if short:
        for long, abbreviation in _ABBREVIATIONS:
            text = re.sub(rf"\b{long}\b", abbreviation, text)
    return text
