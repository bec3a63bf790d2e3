"""Scores of overlap: the packages' own figures, to four decimals."""

import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from medsynth_assets.evaluation.tasks.overlap import ROUGES, Ways, corpus_bleu, overlap
from tests.evaluation.tasks.conftest import NOTE, OTHER

PREDICTED = NOTE.replace("five", "six").replace("Lungs are clear", "The lungs sound clear")


def test_bleu_is_sacrebleus() -> None:
    """Of the corpus and of a sentence; the example of sacrebleu's documentation, with the first of its two references."""
    ours = corpus_bleu([PREDICTED, OTHER], [NOTE, NOTE])
    assert round(ours.score, 4) == round(sacrebleu.corpus_bleu([PREDICTED, OTHER], [[NOTE, NOTE]]).score, 4)
    assert ours.signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp")
    said = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
    wanted = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
    assert round(corpus_bleu(said, wanted).score, 2) == 45.07
    assert overlap(NOTE, PREDICTED, Ways())["bleu"] == sacrebleu.sentence_bleu(PREDICTED, [NOTE]).score


@pytest.mark.parametrize("stemmer", [False, True])
def test_rouge_is_rouge_scores(stemmer: bool) -> None:
    """F1 of each, with and without the stemmer."""
    own = RougeScorer(list(ROUGES), use_stemmer=stemmer).score(NOTE, PREDICTED)
    ours = overlap(NOTE, PREDICTED, Ways(stemmer=stemmer))
    assert {name: round(ours[name], 4) for name in ROUGES} == {n: round(own[n].fmeasure, 4) for n in ROUGES}


def test_the_stemmer_matters_and_lines_matter_to_lsum() -> None:
    """Known values: stems match only with it; Lsum reads line by line, L across them."""
    assert overlap("coughing", "cough", Ways())["rouge1"] == 0
    assert overlap("coughing", "cough", Ways(stemmer=True))["rouge1"] == 1
    swapped = overlap("a b c d\ne f g h", "e f g h\na b c d", Ways())
    assert (swapped["rougeL"], swapped["rougeLsum"]) == (0.5, 1.0)
