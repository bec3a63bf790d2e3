"""What the checks found of one pair, as plain data for files (the lines of `medsynth check`)."""

import time
from collections.abc import Mapping
from typing import Any

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.form import dialogue_form, note_form
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.quality.pairs import Pair
from medsynth_assets.quality.soap.checking import soap_faults
from medsynth_assets.quality.soap.fault import Fault

MOST_CHARACTERS = 200_000  # of a note or dialogue; a longer one is a fault of the file


def checked(pair_id: str, note: str | None, dialogue: str | None, icd10: str | None = None) -> dict[str, Any]:
    """One result: id, coverage, uncovered, contradicted, unsupported, soap, form, ms.

    Without a dialogue there is the note's part (soap, form), without a note the dialogue's form. `start`, `end` are places
    in the note, `turn` the number of a turn from 0. icd10: lets the lay forms known of that code count.
    """
    started = time.perf_counter()
    result: dict[str, Any] = {"id": pair_id}
    if note and dialogue:
        result |= _of_pair(Pair(note, turns_of(dialogue), _lay(icd10)))
    elif note:
        result |= {"soap": {"faults": _faults(soap_faults(note))}, "form": [_form(f) for f in note_form(note)]}
    elif dialogue:
        result |= {"form": [_form(f) for f in dialogue_form(turns_of(dialogue))]}
    return result | {"ms": round(1e3 * (time.perf_counter() - started), 2)}


def _lay(icd10: str | None) -> Mapping[str, str]:
    return lay_forms(knowledge_base(), icd10) if icd10 else {}


def _of_pair(pair: Pair) -> dict[str, Any]:
    return {
        "coverage": round(pair.coverage_frac, 4),
        "uncovered": [
            {"text": j.fact.text, "start": j.fact.start, "end": j.fact.end, "kind": j.fact.kind.value}
            for j in pair.uncovered
        ],
        "covered": [
            {"text": j.fact.text, "start": j.fact.start, "end": j.fact.end, "kind": j.fact.kind.value, "turns": list(j.turns)}
            for j in pair.facts
            if j.is_covered
        ],
        "contradicted": [
            {"note_text": c.note_text, "start": c.start, "end": c.end, "dialogue_text": c.dialogue_text, "turn": c.turn, "kind": c.kind.value}
            for c in pair.contradicted
        ],
        "unsupported": [{"text": u.text, "turn": u.turn, "kind": u.kind.value} for u in pair.unsupported],
        "soap": {"faults": _faults(pair.soap)},
        "form": [_form(f) for f in pair.form],
    }  # fmt: skip


def _faults(found: Any) -> list[dict[str, Any]]:
    return [_fault(fault) for fault in found]


def _fault(fault: Fault) -> dict[str, Any]:
    body: dict[str, Any] = {"type": fault.type.value, "section": fault.section, "text": fault.text}
    if fault.end:
        body |= {"start": fault.start, "end": fault.end}
    return body | ({"belongs": fault.belongs} if fault.belongs else {})


def _form(fault: Any) -> dict[str, Any]:
    return {"type": fault.type.value, "text": fault.text, "turn": fault.turn}
