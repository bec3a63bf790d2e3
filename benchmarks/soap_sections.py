"""How well the SOAP checks do on real notes, cross-validated by encounter (part of benchmarks.pair_checks)."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.learn_placement import cross_fitted, learn_placement, own_examples
from benchmarks.learn_sections import PLACED_CODES, Labelled, gold, learn, offline_notes
from benchmarks.misplacing import moved
from benchmarks.real_pairs import Pair, folds
from medsynth_assets.quality.reading import SOAP
from medsynth_assets.quality.soap.checking import soap_faults
from medsynth_assets.quality.soap.fault import Fault, FaultType
from medsynth_assets.quality.soap.sentences import SectionModel, sections_of
from medsynth_assets.quality.soap.structure import Opened, opened, structure

_MOVED_A_NOTE = 2  # of each kind


def broken(note: str) -> Iterator[tuple[FaultType, str, str]]:
    """A note with a section gone, emptied, or put first; with the fault and the section it is of."""
    parts = [part for part in opened(note) if part.sections]
    combined = {part.sections for part in parts if len(part.sections) > 1}
    spans = {section: _spans(note, parts, section) for section in SOAP}
    for section, of in spans.items():
        if not of or any(section in both for both in combined):
            continue
        yield FaultType.MISSING, section, _cut(note, [(start, end) for start, _, end in of])
        yield FaultType.EMPTY, section, _cut(note, [(body, end) for _, body, end in of], "\n\n")
        if section != "subjective":
            taken = "".join(note[start:end] for start, _, end in of)
            yield FaultType.ORDER, section, taken.rstrip() + "\n\n" + _cut(note, [(start, end) for start, _, end in of])


def _spans(note: str, parts: Sequence[Opened], section: str) -> list[tuple[int, int, int]]:
    """Start of the heading, of the body, and the end, of each part of a section."""
    found = []
    for n, part in enumerate(parts):
        if part.sections == (section,):
            end = parts[n + 1].heading.start if n + 1 < len(parts) else len(note)
            found.append((part.heading.start, part.heading.start + len(part.heading.text), end))
    return found


def _cut(note: str, spans: Sequence[tuple[int, int]], instead: str = "") -> str:
    kept, at = [], 0
    for start, end in spans:
        kept += [note[at:start], instead]
        at = end
    text = "".join([*kept, note[at:]])
    return re.sub(r"(?m)^[ \t]*(?:[•*-]|\d+\.)?[ \t]*$\n?", "\n", text)


class SoapFigures(NamedTuple):
    """Shares, 0 to 1, but for `false_misplaced`, a number a clean note."""

    sentence: float
    sentence_alone: float
    structure_recall: float
    structure_false: int
    moved_recall: dict[str, float]
    false_misplaced: float
    examples: list[tuple[str, Fault]]


def soap_figures(pairs: Sequence[Pair], background: Sequence[Labelled], count: int) -> SoapFigures:
    """Each fold judged by models that have not seen it."""
    fold = folds(list(pairs), count)
    models = [learn([p.note for p in pairs if fold[p.id] != n], background) for n in range(count)]
    rows = cross_fitted({p.id: p.note for p in pairs}, fold, models)
    placements = [
        learn_placement(
            [row for p in pairs if fold[p.id] != n for row in rows[p.id]]
            + own_examples(offline_notes(PLACED_CODES), models[n])
        )
        for n in range(count)
    ]
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    false_structure, false_moved = 0, []
    for pair in pairs:
        model, placement = models[fold[pair.id]], placements[fold[pair.id]]
        _count_sentences(pair, model, right)
        faults = soap_faults(pair.note, model, placement)
        false_structure += sum(f.type is not FaultType.MISPLACED for f in faults)
        false_moved += [(pair.id, f) for f in faults if f.type is FaultType.MISPLACED]
        for change in moved(pair.note, random.Random(pair.id), _MOVED_A_NOTE):
            name = f"{change.kind} in {change.to}"
            tried[name] += 1
            found[name] += any(
                f.type is FaultType.MISPLACED and change.sentence in f.text
                for f in soap_faults(change.note, model, placement)
            )
        for fault, section, note in broken(pair.note):
            tried[fault] += 1
            found[fault] += any(f.type is fault and f.section == section for f in structure(note)) or (
                fault is FaultType.ORDER and any(f.type is fault for f in structure(note))
            )
    structural = [FaultType.MISSING, FaultType.EMPTY, FaultType.ORDER]
    return SoapFigures(
        sentence=right["in the note"] / right["all"],
        sentence_alone=right["alone"] / right["all"],
        structure_recall=sum(found[k] for k in structural) / sum(tried[k] for k in structural),
        structure_false=false_structure,
        moved_recall={name: found[name] / tried[name] for name in tried if " in " in name},
        false_misplaced=len(false_moved) / len(pairs),
        examples=false_moved,
    )


def _count_sentences(pair: Pair, model: SectionModel, right: Counter[str]) -> None:
    rows = gold(pair.note)
    guessed = sections_of([text for text, _ in rows], model)
    for (text, section), guess in zip(rows, guessed, strict=True):
        if section:
            odds = model.log_odds(text)
            right["all"] += 1
            right["in the note"] += guess == section
            right["alone"] += max(odds, key=lambda s: odds[s]) == section
