"""Scores of overlap with a reference, by the packages that published figures come from: sacrebleu, rouge-score, NLTK."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple

from medsynth_assets.evaluation.tasks.meteor import meteor, synonyms

ROUGES = ("rouge1", "rouge2", "rougeL", "rougeLsum")


class Ways(NamedTuple):
    """How the scores are taken. stemmer: ROUGE's; off, as Hugging Face's `evaluate` has it. wordnet: a folder of its files."""

    stemmer: bool = False
    wordnet: str | None = None


class Bleu(NamedTuple):
    """Corpus BLEU, 0 to 100, and sacrebleu's signature of how it was taken."""

    score: float
    signature: str


def corpus_bleu(predicted: Sequence[str], references: Sequence[str]) -> Bleu:
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU()
    return Bleu(float(metric.corpus_score(predicted, [references]).score), str(metric.get_signature()))


def overlap(reference: str, predicted: str, ways: Ways) -> dict[str, float]:
    """Of one record: `bleu` (0 to 100, by sentence), F1 of each ROUGE and `meteor` (0 to 1)."""
    rouge = _rouge(ways.stemmer).score(reference, predicted)
    return {
        "bleu": float(_sentence_bleu().sentence_score(predicted, [reference]).score),
        **{name: float(rouge[name].fmeasure) for name in ROUGES},
        "meteor": meteor(reference, predicted, ways.wordnet),
    }


def how(ways: Ways) -> dict[str, str]:
    """What the scores were taken with: enough to take them again."""
    found = synonyms(ways.wordnet)
    return {
        "rouge": f"rouge-score {version('rouge-score')}, F1, {'with' if ways.stemmer else 'without'} stemmer, mean of records",
        "meteor": f"nltk {version('nltk')}, modules {found.modules}{f' ({found.source})' if found.source else ''}, mean of records",
    }


@cache
def _rouge(stemmer: bool) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(ROUGES), use_stemmer=stemmer)


@cache
def _sentence_bleu() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(effective_order=True)
