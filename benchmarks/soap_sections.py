"""How well the SOAP checks do on real notes, cross-validated by encounter (part of benchmarks.pair_checks)."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.learn_sections import Labelled, bare, gold, learn
from benchmarks.real_pairs import Pair, folds
from medsynth_assets.clinical.drugs import drug_names
from medsynth_assets.quality.reading import SOAP
from medsynth_assets.quality.soap.checking import soap_faults
from medsynth_assets.quality.soap.fault import Fault, FaultType
from medsynth_assets.quality.soap.sentences import SectionModel, sections_of
from medsynth_assets.quality.soap.structure import Opened, opened

_ORDER = re.compile(
    r"\b(?:start|continue|initiate|prescri|increase|decrease|refill|take|discontinue|provided|begin|add)\w*\b",
    re.IGNORECASE,
)
_SYMPTOM = re.compile(r"\b(?:reports?|denies|endorses|complains?|states|experienc\w+|describes)\b", re.IGNORECASE)
_MOVED_A_NOTE = 2  # of each kind
_WRONG = {
    "medication order": ("subjective", "objective"),
    "examination finding": ("subjective", "plan"),
    "symptom": ("objective", "plan"),
}


class Moved(NamedTuple):
    kind: str
    to: str
    note: str
    sentence: str


def moved(note: str, rng: random.Random) -> Iterator[Moved]:
    """Sentences taken out of their section and put at the end of a wrong one."""
    parts = opened(note)
    pools = {
        "medication order": [s for p in parts if "plan" in p.sections for s in p.sentences if _ORDER.search(s.text) and next(drug_names().find(s.text), None)],
        "examination finding": [s for p in parts if p.sections == ("objective",) and p.heading.part != "results" for s in p.sentences],
        "symptom": [s for p in parts if p.sections == ("subjective",) for s in p.sentences if _SYMPTOM.search(s.text)],
    }  # fmt: skip
    for kind, pool in pools.items():
        usable = [s for s in pool if len(bare(s).split()) >= 3]
        for sentence in rng.sample(usable, min(_MOVED_A_NOTE, len(usable))):
            for to in _WRONG[kind]:
                place = _end_of(parts, to, sentence.start)
                if place is not None:
                    yield Moved(
                        kind,
                        to,
                        _with_moved(note, sentence.start, sentence.text, place, bare(sentence)),
                        bare(sentence),
                    )


def _end_of(parts: Sequence[Opened], section: str, start: int) -> int | None:
    ends = [p.sentences[-1].start + len(p.sentences[-1].text) for p in parts if section in p.sections and p.sentences]
    return (
        ends[-1]
        if ends and all(s.start != start for p in parts if section in p.sections for s in p.sentences)
        else None
    )


def _with_moved(note: str, start: int, text: str, place: int, new: str) -> str:
    without = note[:start] + note[start + len(text) :]
    at = place - len(text) if place > start else place
    return without[:at] + "\n" + new + without[at:]


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
    """Each fold judged by a model that has not seen it."""
    fold = folds(list(pairs), count)
    models = [learn([p.note for p in pairs if fold[p.id] != n], background) for n in range(count)]
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    false_structure, false_moved = 0, []
    for pair in pairs:
        model = models[fold[pair.id]]
        _count_sentences(pair, model, right)
        faults = soap_faults(pair.note, model)
        false_structure += sum(f.type is not FaultType.MISPLACED for f in faults)
        false_moved += [(pair.id, f) for f in faults if f.type is FaultType.MISPLACED]
        for change in moved(pair.note, random.Random(pair.id)):
            name = f"{change.kind} in {change.to}"
            tried[name] += 1
            found[name] += any(
                f.type is FaultType.MISPLACED and change.sentence in f.text for f in soap_faults(change.note, model)
            )
        for fault, section, note in broken(pair.note):
            tried[fault] += 1
            found[fault] += any(f.type is fault and f.section == section for f in soap_faults(note, model)) or (
                fault is FaultType.ORDER and any(f.type is fault for f in soap_faults(note, model))
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
