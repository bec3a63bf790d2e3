"""Learns from moved sentences how the clues of a misplaced sentence weigh (part of benchmarks.learn_sections)."""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.misplacing import BELONGS, moved
from medsynth_assets.quality.soap.clues import doubts
from medsynth_assets.quality.soap.placement import PlacementModel
from medsynth_assets.quality.soap.sentences import SectionModel
from medsynth_assets.quality.soap.structure import opened

TABLE = Path(__file__).resolve().parent.parent / "medsynth_assets/quality/soap/data/placement.tsv"
_MOVED_A_NOTE = 10  # of each kind
_C = 10.0
_WEIGHT_OFFLINE = 0.1  # of a sentence, beside 1 of a real note: there are four times as many
_LEAST = 0.01  # a smaller weight is dropped
_BY_HAND = {
    "assessment": {"=bias": -4.5, "leans there": 1.0, "in objective": -0.5, "in plan": -3.0}
}  # none is moved: few stand alone


class Example(NamedTuple):
    belongs: str
    clues: dict[str, float]
    is_moved: bool
    weight: float


def examples(note: str, sections: SectionModel, rng: random.Random, weight: float = 1.0) -> list[Example]:
    """Each sentence of a note where it stands, and some of them where they do not belong."""
    return [*_clean(note, sections, weight), *_moved(note, sections, rng, weight)]


def _clean(note: str, sections: SectionModel, weight: float) -> Iterator[Example]:
    for doubt in doubts(opened(note), sections):
        yield Example(doubt.belongs, dict(doubt.clues), False, weight)


def _moved(note: str, sections: SectionModel, rng: random.Random, weight: float) -> Iterator[Example]:
    for at_end in (True, False):
        for change in moved(note, rng, _MOVED_A_NOTE, at_end):
            for doubt in doubts(opened(change.note), sections):
                if doubt.belongs == BELONGS[change.kind] and change.sentence in doubt.sentence.text:
                    yield Example(doubt.belongs, dict(doubt.clues), True, weight / 2)


def cross_fitted(
    notes: Mapping[str, str], fold: Mapping[str, int], models: Sequence[SectionModel]
) -> dict[str, list[Example]]:
    """The examples of each note by its id, read by the section model of its fold, which has not seen it."""
    return {id_: examples(note, models[fold[id_]], random.Random(f"learn {id_}")) for id_, note in notes.items()}


def own_examples(notes: Sequence[str], sections: SectionModel) -> list[Example]:
    """Notes of the offline engine as clean ones."""
    return [row for note in notes for row in _clean(note, sections, _WEIGHT_OFFLINE)]


def learn_placement(rows: Sequence[Example]) -> PlacementModel:
    """Fit a model for each section that sentences were moved out of."""
    learnt = {belongs: _fitted([r for r in rows if r.belongs == belongs]) for belongs in BELONGS.values()}
    return PlacementModel({**_BY_HAND, **learnt})


def _fitted(rows: Sequence[Example]) -> dict[str, float]:
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([row.clues for row in rows])
    fitted = LogisticRegression(C=_C, max_iter=2000).fit(
        matrix, [row.is_moved for row in rows], sample_weight=np.array([row.weight for row in rows])
    )
    named = zip(vectorizer.feature_names_, fitted.coef_[0], strict=True)
    return {
        "=bias": round(float(fitted.intercept_[0]), 3),
        **{name: round(float(weight), 3) for name, weight in named if abs(weight) >= _LEAST},
    }


def write(model: PlacementModel) -> None:
    lines = [
        "# section where a sentence might belong, clue, weight. Learned from notes of ACI-Bench train and validation (CC BY 4.0) and of the",
        "# offline engine, with sentences moved on purpose. Written by a program: python -m benchmarks.learn_sections",
        *(
            f"{belongs}\t{clue}\t{weight}"
            for belongs, weights in model.weights.items()
            for clue, weight in sorted(weights.items())
        ),
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")
