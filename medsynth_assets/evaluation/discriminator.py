"""Whether a classifier can tell synthetic from real text: a linear model over words, cross-validated."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.words import terms


class Auc(NamedTuple):
    """Area under the ROC curve with its 95% interval, and the texts of each side."""

    value: float
    low: float
    high: float
    size: int


def discriminate(one: Sequence[str], other: Sequence[str]) -> Auc | None:
    """The AUC over five folds, as many texts of each side as the smaller has; None where that are too few to say.

    Case, punctuation and speaker markers are left out: what is judged is wording, not layout.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    size = min(len(one), len(other), int(limits()["discriminator"]))
    if size < limits()["discriminator_least"]:
        return None
    texts = [*one[:size], *other[:size]]
    truth = np.repeat([1, 0], size)
    model = make_pipeline(
        TfidfVectorizer(analyzer=terms, min_df=2, max_features=50_000, sublinear_tf=True),
        LogisticRegression(C=10, max_iter=300, solver="liblinear"),
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=int(limits()["seed"]))
    scores = cross_val_predict(model, texts, truth, cv=folds, method="predict_proba")[:, 1]
    value = float(roc_auc_score(truth, scores))
    spread = 1.96 * _standard_error(value, size)
    return Auc(value, max(0.0, value - spread), min(1.0, value + spread), 2 * size)


def _standard_error(auc: float, size: int) -> float:
    """Hanley and McNeil (1982), for two sides of `size`."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (size - 1) * (q1 - auc**2) + (size - 1) * (q2 - auc**2)) / size**2
    return float(np.sqrt(max(0.0, variance)))
