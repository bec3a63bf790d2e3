"""Utility: what a model learns from the dataset, tested on real text where there is any, otherwise inside the dataset.

Train on synthetic, test on real (TSTR; Esteban, Hyland and Rätsch 2017) beside train on real, test on real.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medsynth_assets.evaluation.corpus import Corpus, Record
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.words import terms
from medsynth_assets.quality.reading import SOAP, read

_D = Dimension.UTILITY
_FOLDS = 5
_LEAST = 30  # labelled items of a side below which nothing is said
INSIDE = "train and test inside this dataset"
TSTR = "train on synthetic, test on real"
TSTR_EQUAL = "train on as much synthetic, test on real"
TRTR = "train and test on real"
GUESS = "always the most frequent"
Labels = NDArray[Any]


class Labelled(NamedTuple):
    """Texts with a label each, and the group that must not be on both sides of a split: a document, or a code."""

    texts: list[str]
    labels: Labels
    groups: Labels

    def first(self, size: int) -> "Labelled":
        return Labelled(self.texts[:size], self.labels[:size], self.groups[:size])


def utility(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """The figures of utility."""
    tasks = (
        ("section_f1", "SOAP section of a sentence", _sentences),
        ("chapter_f1", "ICD-10-CM chapter of a dialogue", _dialogues),
    )
    for measure, subject, labelled in tasks:
        own = labelled(synthetic.pool)
        real = labelled(reference.pool) if reference else _labelled([])
        yield from _compared(measure, subject, own, real)


def _sentences(records: Sequence[Record]) -> Labelled:
    """Sentences under SOAP headings, labels of lists cut off; grouped by note."""
    found = [
        (sentence.text[len(sentence.label) :].lstrip(" :"), sentence.section, record.id)
        for record in records
        for sentence in read(record.note)
        if sentence.section in SOAP and len(sentence.text.split()) > 1
    ]
    return _labelled(found[: int(limits()["sentences"])])


def _dialogues(records: Sequence[Record]) -> Labelled:
    """Dialogues with the chapter of their code; grouped by code, so that no code is learned by heart."""
    found = [(record.dialogue, record.chapter, record.code) for record in records if record.chapter and record.dialogue]
    return _labelled(found[: int(limits()["dialogues"])])


def _labelled(rows: Sequence[tuple[str, str, str]]) -> Labelled:
    texts, labels, groups = zip(*rows, strict=True) if rows else ((), (), ())
    return Labelled(list(texts), np.array(labels, dtype=object), np.array(groups, dtype=object))


def _compared(measure: str, subject: str, own: Labelled, real: Labelled) -> Iterator[Figure]:
    if not _is_enough(own):
        return
    if _is_enough(real):
        model = _model().fit(own.texts, own.labels)
        yield _scored(measure, subject, TSTR, real, model.predict(real.texts), len(own.texts))
        equal = own.first(len(real.texts) * (_FOLDS - 1) // _FOLDS)
        if _is_enough(equal) and len(equal.texts) < len(own.texts):
            model = _model().fit(equal.texts, equal.labels)
            yield _scored(measure, subject, TSTR_EQUAL, real, model.predict(real.texts), len(equal.texts))
        yield _scored(measure, subject, TRTR, real, _cross_validated(real), len(real.texts))
        yield _scored(measure, subject, GUESS, real, _guessed(real), len(real.texts))
    else:
        yield _scored(measure, subject, INSIDE, own, _cross_validated(own), len(own.texts))
        yield _scored(measure, subject, GUESS, own, _guessed(own), len(own.texts))


def _is_enough(side: Labelled) -> bool:
    return len(side.texts) >= _LEAST and len(set(side.labels)) > 1 and len(set(side.groups)) >= _FOLDS


def _model() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    seed = int(limits()["seed"])
    return make_pipeline(
        TfidfVectorizer(analyzer=terms, sublinear_tf=True, min_df=2, max_features=30_000),
        SGDClassifier("log_loss", alpha=1e-5, max_iter=15, tol=None, class_weight="balanced", random_state=seed),
    )


def _cross_validated(side: Labelled) -> Labels:
    from sklearn.model_selection import GroupKFold, cross_val_predict

    predicted: Labels = cross_val_predict(_model(), side.texts, side.labels, groups=side.groups, cv=GroupKFold(_FOLDS))
    return predicted


def _guessed(side: Labelled) -> Labels:
    values, counts = np.unique(side.labels.astype(str), return_counts=True)
    return np.full(len(side.labels), values[counts.argmax()], dtype=object)


def _scored(measure: str, subject: str, group: str, test: Labelled, predicted: Labels, trained: int) -> Figure:
    """Macro F1 with the interval of a bootstrap over groups (Efron 1979): sentences of one note are not independent."""
    names, truth = np.unique(test.labels.astype(str), return_inverse=True)
    at = {name: n for n, name in enumerate(names)}
    guesses = np.array([at.get(str(name), len(names)) for name in predicted])
    _, group_of = np.unique(test.groups.astype(str), return_inverse=True)
    counts = np.zeros((group_of.max() + 1, len(names), 3))  # of each group and class: right, predicted, true
    known, right = guesses < len(names), guesses == truth
    np.add.at(counts[..., 2], (group_of, truth), 1)
    np.add.at(counts[..., 1], (group_of[known], guesses[known]), 1)
    np.add.at(counts[..., 0], (group_of[right], truth[right]), 1)
    draws = np.random.default_rng(int(limits()["seed"])).integers(
        0, len(counts), (int(limits()["bootstrap"]), len(counts))
    )
    low, high = np.quantile([_macro_f1(counts[draw].sum(axis=0)) for draw in draws], (0.025, 0.975))
    return Figure(_D, measure, subject, group, _macro_f1(counts.sum(axis=0)), None, float(low), float(high), trained)


def _macro_f1(counts: NDArray[np.float64]) -> float:
    """The mean F1 of the classes that occur."""
    right, predicted, true = counts.T
    occurs = true > 0
    return float((2 * right[occurs] / np.maximum(1, predicted[occurs] + true[occurs])).mean())
