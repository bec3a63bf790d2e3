"""Words, n-grams, likeness and readability."""

import statistics

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from medsynth_assets.evaluation.likeness import rouge_l, self_bleu
from medsynth_assets.evaluation.readability import readability
from medsynth_assets.evaluation.words import Vocabulary, common_share, distinct_share, gram_hashes, words


def test_words_leave_speakers_and_punctuation_out() -> None:
    """Both markers of speakers, ours and others'."""
    assert words("[doctor]: How are you?\nPatient: Fine, 98.6 at home.") == [
        "how",
        "are",
        "you",
        "fine",
        "98.6",
        "at",
        "home",
    ]


@given(st.lists(st.integers(1, 5), max_size=30), st.integers(1, 4))
def test_equal_runs_of_words_have_equal_hashes_and_only_they(ids: list[int], n: int) -> None:
    """A hash stands for its run of words."""
    runs = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    hashes = gram_hashes(np.array(ids, dtype=np.uint64), n).tolist()
    assert len(hashes) == len(runs)
    assert len(set(zip(runs, hashes, strict=True))) == len(set(runs)) == len(set(hashes))


def test_distinct_and_common_shares_of_texts_known_by_heart() -> None:
    """Six running words, four of them different; one pair of words of four occurs in both texts."""
    vocabulary = Vocabulary()
    texts = [vocabulary.ids("no fever today"), vocabulary.ids("no fever yesterday")]
    assert distinct_share(texts, 1) == pytest.approx(4 / 6)
    assert common_share(texts, 2, frac=0.01) == pytest.approx(2 / 4)


def test_self_bleu_is_what_sacrebleu_says() -> None:
    """The linear computation agrees with sacrebleu's own, repeated n-grams and equal texts included."""
    texts = [
        "The patient has a cough, a cough and no fever today.",
        "The patient has no cough, and no fever at all today.",
        "She returns in two weeks; the patient has a cough.",
        "She returns in two weeks; the patient has a cough.",
    ]
    expected = statistics.mean(
        sacrebleu.sentence_bleu(text, [*texts[:n], *texts[n + 1 :]], lowercase=True).score / 100
        for n, text in enumerate(texts)
    )
    assert self_bleu(texts) == pytest.approx(expected, abs=1e-9)


def test_rouge_l_counts_words_in_order() -> None:
    """Two of three words in order."""
    assert rouge_l("no fever today".split(), "today no fever".split()) == pytest.approx(2 / 3)


def test_long_words_in_long_sentences_read_harder() -> None:
    """Grade rises and ease falls."""
    plain = readability("I feel sick. My throat hurts. It came on fast.")
    charted = readability(
        "Bilateral tonsillar hypertrophy accompanied by considerable erythematous inflammation of surrounding tissue."
    )
    assert plain
    assert charted
    assert plain.grade < 3 < 12 < charted.grade
    assert plain.ease > charted.ease
    assert readability("12 / 80") is None
