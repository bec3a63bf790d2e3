"""Which SOAP section a sentence belongs to: a multinomial logistic model over its words.

Learned from ACI-Bench and MTS-Dialog notes (CC BY 4.0) and notes of the offline engine, without headings and labels
(python -m benchmarks.learn_sections). Within a note, the order of sections helps: `sections_of` decodes the most likely
sequence (Viterbi).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from medsynth_assets.clinical.drugs import drugs_named
from medsynth_assets.quality.language.tokens import tokens
from medsynth_assets.quality.reading import SOAP

_FLAGS = (
    ("=dose", re.compile(r"\d+\s*(?:mg|mcg|ml|units?)\b")),
    ("=measured", re.compile(r"\d+/\d+|\d+(?:\.\d+)? ?(?:%|degrees|mmhg|bpm|mm hg)")),
    ("=person", re.compile(r"\b(?:he|she|patient|they)\b")),
    ("=modal", re.compile(r"\b(?:will|should|would|recommend\w*|advised?|encourag\w*)\b")),
)
_VERB = re.compile(r"\b(?:is|was|are|were|has|have|had|be|will|denies|reports|states)\b")
_LONG = re.compile(r"[a-z]{6,}")
_MOST_KEPT = 4_096  # sentences: notes of one engine repeat more than half of theirs
_LENGTHS = ((2, "=words2"), (5, "=words5"), (12, "=words12"))
_AFTER = {
    "subjective": (0.93, 0.06, 0.005, 0.005),
    "objective": (0.01, 0.93, 0.04, 0.02),
    "assessment": (0.005, 0.01, 0.78, 0.205),
    "plan": (0.005, 0.005, 0.13, 0.86),
}
_FIRST = (0.91, 0.05, 0.02, 0.02)


def sentence_features(text: str) -> set[str]:
    """The features of a sentence: stems and pairs of them, drugs and numbers as such, word endings, a few forms."""
    low = text.lower()
    drugs = [(found.start, found.end) for found in drugs_named(text)]
    words: list[str] = []
    for token in tokens(text):
        if drugs and any(start <= token.start < end for start, end in drugs):
            if not words or words[-1] != "=drug":
                words.append("=drug")
        else:
            words.append("=number" if token.word[0].isdigit() else token.stem)
    found = {*words, *(f"{a} {b}" for a, b in zip(["^", *words], [*words, "$"], strict=True))}
    found.add(next((name for most, name in _LENGTHS if len(words) <= most), "=long"))
    found.update(name for name, pattern in _FLAGS if pattern.search(low))
    if not _VERB.search(low):
        found.add("=no verb")
    found.update(f"-{word[-3:]}" for word in _LONG.findall(low))
    return found


@dataclass(frozen=True, eq=False)
class SectionModel:
    """Weights of each feature in the order of SOAP, and the biases."""

    weights: Mapping[str, tuple[float, ...]]
    bias: tuple[float, ...]

    def log_odds(self, text: str) -> Mapping[str, float]:
        """The natural logarithm of the probability of each section for a sentence alone."""
        return _log_odds(self, text)


@lru_cache(maxsize=_MOST_KEPT)
def _log_odds(model: SectionModel, text: str) -> Mapping[str, float]:
    rows = [weights for feature in sentence_features(text) if (weights := model.weights.get(feature))]
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    scores = [sum(column, bias) for bias, column in zip(model.bias, columns, strict=True)]
    top = max(scores)
    total = top + math.log(sum(math.exp(score - top) for score in scores))
    return {section: score - total for section, score in zip(SOAP, scores, strict=True)}


@cache
def section_model() -> SectionModel:
    """The learned model (data/sentences.tsv; weights in hundredths)."""
    path = resources.files("medsynth_assets.quality.soap") / "data/sentences.tsv"
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#")
    table = {name: tuple(int(value) / 100 for value in values) for name, *values in rows}
    bias = table.pop("=bias")
    return SectionModel(table, bias)


def sections_of(sentences: Sequence[str], model: SectionModel | None = None) -> list[str]:
    """The section of each sentence of a note, in order, headings and labels left out."""
    if not sentences:
        return []
    steps = {a: dict(zip(SOAP, map(math.log, row), strict=True)) for a, row in _AFTER.items()}
    model = model or section_model()
    first, *rest = [model.log_odds(sentence) for sentence in sentences]
    best = {section: math.log(start) + first[section] for section, start in zip(SOAP, _FIRST, strict=True)}
    back: list[dict[str, str]] = []
    for odds in rest:
        came = {section: max(SOAP, key=lambda before: best[before] + steps[before][section]) for section in SOAP}
        best = {section: best[came[section]] + steps[came[section]][section] + odds[section] for section in SOAP}
        back.append(came)
    path = [max(SOAP, key=lambda section: best[section])]
    for came in reversed(back):
        path.append(came[path[-1]])
    return path[::-1]
