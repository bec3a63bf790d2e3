"""Learns which SOAP section a sentence belongs to, and when one is misplaced, from real notes and those of the offline engine.

    python -m benchmarks.learn_sections --real ../shared/real_pairs

Writes medsynth_assets/quality/soap/data/sentences.tsv and placement.tsv. Gold: the section of a sentence's heading, without headings and
labels; under `Assessment and plan` that of its label (`Medical Reasoning`: assessment; `Medical Treatment`: plan), and none
where there is no label.
"""

import argparse
import asyncio
import json
import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks import learn_placement
from benchmarks.offline_records import known_codes, make_records
from benchmarks.real_pairs import folds, real_pairs
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.quality.reading import SOAP, Heading, read, walk
from medsynth_assets.quality.soap.sentences import SectionModel, sentence_features
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.note import Note

TABLE = Path(__file__).resolve().parent.parent / "medsynth_assets/quality/soap/data/sentences.tsv"
_COMBINED = re.compile(r"assessment.*plan|a/p", re.IGNORECASE)
_REASONS = re.compile(r"reasoning|assessment|impression|diagnos", re.IGNORECASE)
_PLANS = re.compile(
    r"testing|treatment|education|counsel|plan|agreement|follow|referr|medication|instruction", re.IGNORECASE
)
_TITLE_WORDS = 5
_MTS = {
    "FAM/SOCHX": "subjective", "GENHX": "subjective", "PASTMEDICALHX": "subjective", "CC": "subjective", "PASTSURGICAL": "subjective",
    "ROS": "subjective", "ALLERGY": "subjective", "MEDICATIONS": "subjective", "GYNHX": "subjective", "IMMUNIZATIONS": "subjective",
    "OTHER_HISTORY": "subjective", "EXAM": "objective", "LABS": "objective", "IMAGING": "objective", "ASSESSMENT": "assessment",
    "DIAGNOSIS": "assessment", "PLAN": "plan", "DISPOSITION": "plan",
}  # fmt: skip
_WEIGHT_REAL, _WEIGHT_MTS, _WEIGHT_OFFLINE = (
    3.0,
    0.2,
    0.1,
)  # a sentence of each; chosen by cross-validation on ACI-Bench
_C = 0.3
_FOLDS = 5
PLACED_CODES = 100  # whose offline notes stand for clean ones
_LEAST = 0.03  # a weight below it in all four sections is dropped


class Labelled(NamedTuple):
    text: str
    section: str
    weight: float


def gold(note: str) -> list[tuple[str, str]]:
    """Each sentence without its label and its section, '' where the note does not say which of two."""
    combined, section_of_label = False, ""
    found = []
    for item in walk(note):
        if isinstance(item, Heading):
            combined = bool(_COMBINED.search(item.text)) or (combined and item.section == "")
            section_of_label = ""
            continue
        text = item.bare
        if not item.section or not text:
            continue
        section = item.section
        if combined:
            if item.label:
                section_of_label = (
                    "assessment" if _REASONS.search(item.label) else "plan" if _PLANS.search(item.label) else ""
                )
            elif len(text.split()) <= _TITLE_WORDS and text.endswith("."):
                section_of_label = ""
            section = section_of_label
        found.append((text, section))
    return found


def background(real: Path, codes: int = 400) -> list[Labelled]:
    """What is learned from beside ACI-Bench: MTS-Dialog sections and offline notes."""
    rows = map(json.loads, (real / "mts_dialog_train.jsonl").read_text("utf-8").splitlines())
    found = [
        Labelled(sentence.bare, _MTS[row["section"]], _WEIGHT_MTS)
        for row in rows
        if row["section"] in _MTS
        for sentence in read(f"HPI: {row['note']}")
        if sentence.bare
    ]
    own = [
        Labelled(s.bare, s.section, _WEIGHT_OFFLINE)
        for note in offline_notes(codes)
        for s in read(note)
        if s.section and s.bare
    ]
    random.Random(1).shuffle(own)
    return found + own[:6000]


@cache
def offline_notes(codes: int = 400) -> tuple[str, ...]:
    """Two notes of each of so many codes."""
    engine = OfflineEngine()
    return tuple(
        Note.model_validate(work.products[Stage.NOTES].content).render()
        for code, description in random.Random(1).sample(known_codes(2000), codes)
        for work in asyncio.run(make_records(engine, code, description, 2))
    )


def learn(notes: Sequence[str], other: Sequence[Labelled]) -> SectionModel:
    """Fit the model on real notes and what else there is."""
    rows = [Labelled(t, s, _WEIGHT_REAL) for note in notes for t, s in gold(note) if s] + list(other)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([dict.fromkeys(sentence_features(row.text), 1) for row in rows])
    fitted = LogisticRegression(C=_C, max_iter=500).fit(
        matrix, [row.section for row in rows], sample_weight=np.array([row.weight for row in rows])
    )
    order = [list(fitted.classes_).index(section) for section in SOAP]
    columns = fitted.coef_[order].T
    weights = {
        name: tuple(round(float(w), 2) for w in row)
        for name, row in zip(vectorizer.feature_names_, columns, strict=True)
        if np.abs(row).max() >= _LEAST
    }
    return SectionModel(weights, tuple(round(float(b), 2) for b in fitted.intercept_[order]))


def write(model: SectionModel) -> None:
    lines = [
        "# feature, weight (hundredths) for subjective, objective, assessment, plan. Learned from notes of ACI-Bench train and validation and",
        "# MTS-Dialog train (both CC BY 4.0) and of the offline engine. Written by a program: python -m benchmarks.learn_sections",
        "\t".join(["=bias", *(str(round(100 * b)) for b in model.bias)]),
        *(
            "\t".join([name, *(str(round(100 * w)) for w in weights)])
            for name, weights in sorted(model.weights.items())
        ),
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True, help="folder of the corpora")
    real = parser.parse_args().real
    pairs = real_pairs(real)
    other = background(real)
    fold = folds(pairs, _FOLDS)
    models = [learn([p.note for p in pairs if fold[p.id] != n], other) for n in range(_FOLDS)]
    sections = learn([p.note for p in pairs], other)
    write(sections)
    rows = learn_placement.cross_fitted({p.id: p.note for p in pairs}, fold, models)
    own = learn_placement.own_examples(offline_notes(PLACED_CODES), sections)
    learn_placement.write(learn_placement.learn_placement([row for of in rows.values() for row in of] + own))
    print(f"{len(sections.weights):,} features of sentences, {len(own):,} sentences of clean offline notes")


if __name__ == "__main__":
    main()
