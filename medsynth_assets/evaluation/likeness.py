"""How alike texts are: BLEU of each against the others, and the longest common subsequence of two."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence

_ORDER = 4  # longest n-gram of BLEU
Gram = tuple[str, ...]


def self_bleu(texts: Sequence[str]) -> float:
    """Self-BLEU-4 (Zhu et al. 2018), 0 to 1: the mean BLEU of a text against all others of the group; nan for fewer than two.

    The same scores as sacrebleu's sentence_bleu(text, others, lowercase=True) in linear time: what a text is clipped by is the
    highest count among all, or the second highest where the highest is its own.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    if len(texts) < 2:
        return float("nan")
    tokenizer: Callable[[str], str] = Tokenizer13a()  # type: ignore[no-untyped-call]
    split = [tokenizer(text.lower().rstrip()).split() for text in texts]
    counts = [_grams(tokens) for tokens in split]
    highest = _two_highest(counts)
    scores = []
    for own, tokens in zip(counts, split, strict=True):
        correct, total = [0] * _ORDER, [0] * _ORDER
        for gram, count in own.items():
            first, second = highest[gram]
            total[len(gram) - 1] += count
            correct[len(gram) - 1] += min(count, second if count == first else first)
        lengths = [len(other) for other in split if other is not tokens]
        nearest = min(lengths, key=lambda length: (abs(length - len(tokens)), length))
        score = BLEU.compute_bleu(correct, total, len(tokens), nearest, smooth_method="exp", effective_order=True)
        scores.append(score.score / 100)
    return statistics.mean(scores)


def _grams(tokens: Sequence[str]) -> Counter[Gram]:
    return Counter(tuple(tokens[i : i + n]) for n in range(1, _ORDER + 1) for i in range(len(tokens) - n + 1))


def _two_highest(counts: Sequence[Counter[Gram]]) -> dict[Gram, tuple[int, int]]:
    """The two highest counts of each n-gram over the texts; equal where two texts share the highest."""
    found: dict[Gram, tuple[int, int]] = {}
    for own in counts:
        for gram, count in own.items():
            first, second = found.get(gram, (0, 0))
            found[gram] = (count, first) if count > first else (first, max(second, count))
    return found


def rouge_l(one: Sequence[str], other: Sequence[str]) -> float:
    """ROUGE-L (Lin 2004): the F-measure of the longest common subsequence of words, 0 to 1."""
    from rapidfuzz.distance import LCSseq

    return 2 * LCSseq.similarity(one, other) / max(1, len(one) + len(other))
