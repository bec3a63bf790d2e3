"""What the pair checks found of one pair, as counts with their explanations; kept by the texts, so that no pair is read twice."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.facts.contradicting import Difference
from medsynth_assets.quality.pairs import Pair
from medsynth_assets.quality.soap.checking import soap_faults
from medsynth_assets.quality.soap.fault import FaultType


class Finding(NamedTuple):
    """A count or share, and what it is of: one text for each thing found, none where there is nothing to say."""

    value: float
    said: tuple[str, ...] = ()


Summary = Mapping[str, Finding]
OF_NOTE = ("soap_fault_count", "misplaced_count")
OF_PAIR = (
    "fact_coverage_frac", "contradiction_count", "negation_contradiction_count", "unsupported_count", "form_fault_count",
    *OF_NOTE,
)  # fmt: skip
_known: dict[str, Summary] = {}
_MOST_KNOWN = 50_000


def summary(note: str, dialogue: str, lay: Mapping[str, str] | None = None) -> Summary:
    """The findings by name (OF_PAIR). lay: spoken forms of charted phrases of the code, lower case."""
    key = _key(note, dialogue)
    if key not in _known:
        remember(note, dialogue, _summarised(Pair(note, turns_of(dialogue), lay or {})))
    return _known[key]


def is_known(note: str, dialogue: str = "") -> bool:
    """Whether a pair, or a note alone, has been read before, so that its summary costs nothing."""
    return _key(note, dialogue) in _known


def remember(note: str, dialogue: str, found: Summary) -> None:
    """Keep what another process found of a pair, and with it of the note."""
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[_key(note, dialogue)] = found
    _known[_key(note, "")] = {name: found[name] for name in OF_NOTE}


def note_summary(note: str) -> Summary:
    """The findings of a note alone (OF_NOTE)."""
    key = _key(note, "")
    if key not in _known:
        remember(note, "", _of_note(note))
    return _known[key]


def _of_note(note: str) -> Summary:
    faults = soap_faults(note)
    structure = [f for f in faults if f.type is not FaultType.MISPLACED]
    misplaced = [f for f in faults if f.type is FaultType.MISPLACED]
    return {
        "soap_fault_count": _listed(f"{f.type}: {f.section}" for f in structure),
        "misplaced_count": _listed(f"in {f.section}, belongs to {f.belongs}: {f.text}" for f in misplaced),
    }


def _summarised(pair: Pair) -> Summary:
    contradicted = pair.contradicted
    firm = [c for c in contradicted if c.kind is not Difference.NEGATION]
    denied = [c for c in contradicted if c.kind is Difference.NEGATION]
    return {
        "fact_coverage_frac": Finding(round(pair.coverage_frac, 4), tuple(j.fact.text for j in pair.uncovered)),
        "contradiction_count": _listed(f"{c.kind}: {c.note_text} | turn {c.turn}: {c.dialogue_text}" for c in firm),
        "negation_contradiction_count": _listed(f"{c.note_text} | turn {c.turn}: {c.dialogue_text}" for c in denied),
        "unsupported_count": _listed(f"turn {u.turn}: {u.text}" for u in pair.unsupported),
        "form_fault_count": _listed(f"{f.type}: {f.text}" for f in pair.form),
        **note_summary(pair.note),
    }


def _listed(found: Iterable[str]) -> Finding:
    said = tuple(found)
    return Finding(len(said), said)


def _key(note: str, dialogue: str) -> str:
    return hashlib.blake2b(f"{note}\0{dialogue}".encode(), digest_size=16).hexdigest()
