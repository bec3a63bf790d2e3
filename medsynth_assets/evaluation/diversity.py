"""Diversity: whether records differ from each other, and cover what real ones say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from medsynth_assets.agents.chain import LEAST_DIFFERING
from medsynth_assets.evaluation.corpus import SUBJECTS, Corpus, Record
from medsynth_assets.evaluation.distances import quantiles
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.likeness import rouge_l, self_bleu
from medsynth_assets.evaluation.near_duplicates import Likeness, sketches
from medsynth_assets.evaluation.near_duplicates import within as likely_within
from medsynth_assets.evaluation.sampling import Keyed, limits, lowest
from medsynth_assets.evaluation.words import Ids, Vocabulary, common_share, distinct_share, gram_hashes, words
from medsynth_assets.records.scenario import VARIABLES, Scenario, differing_variables

_D = Dimension.DIVERSITY
_COMMON_FRAC = 0.01  # of the texts, above which an n-gram counts as common
_COMMON_WORDS = 8
_NEIGHBOURS = 5  # k of the coverage measure, as its authors set it

Scenarios = Callable[[Sequence[str]], Mapping[str, list[Scenario]]]  # of codes: their current scenarios


class Found(NamedTuple):
    """The figures, and the nearest duplicates by subject, which the report lists."""

    figures: list[Figure]
    duplicates: dict[str, list[Likeness]]


def diversity(synthetic: Corpus, reference: Corpus | None, scenarios: Scenarios) -> Found:
    """The figures of diversity. scenarios: reads those of some codes, for the judge's rule."""
    duplicates = {subject: likely_within(sketches(synthetic.texts(subject), Vocabulary())) for subject in SUBJECTS}
    figures = [
        *_wording(synthetic, reference),
        *_self_bleu(synthetic, reference),
        *_duplicates(synthetic, reference, duplicates),
        *_within_codes(synthetic, scenarios),
        *_coverage(synthetic, reference),
    ]
    return Found(figures, duplicates)


def _wording(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """Distinct-n and common 8-grams, at the size of the smaller corpus: both fall as a corpus grows."""
    for subject in SUBJECTS:
        own, theirs = _equal(synthetic, reference, subject)
        vocabulary = Vocabulary()
        ours, real = ([vocabulary.ids(text) for text in side] for side in (own, theirs))
        for n in (1, 2, 3):
            yield Figure(
                _D, "distinct_n", subject, f"{n}-grams", _or_none(distinct_share, ours, n), _or_none(distinct_share, real, n),
                size=len(ours),
            )  # fmt: skip
        value, reference_value = (
            common_share(side, _COMMON_WORDS, _COMMON_FRAC) if side else None for side in (ours, real)
        )
        yield Figure(_D, "common_phrases", subject, "", value, reference_value, size=len(ours))


def _or_none(measure: Callable[[Sequence[Ids], int], float], texts: Sequence[Ids], n: int) -> float | None:
    return measure(texts, n) if texts else None


def _equal(synthetic: Corpus, reference: Corpus | None, subject: str) -> tuple[list[str], list[str]]:
    """As many synthetic texts as there are real ones, each of another code as far as there are codes enough."""
    theirs = reference.pool_texts(subject) if reference else []
    one_a_code = list({record.code or record.id: record for record in reversed(synthetic.pool)}.values())[::-1]
    rest = [record for record in synthetic.pool if record not in set(one_a_code)] if theirs else []
    texts = [_text(record, subject) for record in (*one_a_code, *rest)]
    size = min(len(texts), len(theirs)) if theirs else len(texts)
    return texts[:size], theirs[:size]


def _text(record: Record, subject: str) -> str:
    return record.note if subject == "note" else record.dialogue


def _self_bleu(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    most = int(limits()["self_bleu"])
    for subject in SUBJECTS:
        own, theirs = (side[:most] for side in _equal(synthetic, reference, subject))
        yield Figure(_D, "self_bleu", subject, "", self_bleu(own), self_bleu(theirs) if theirs else None, size=len(own))


def _duplicates(
    synthetic: Corpus, reference: Corpus | None, found: Mapping[str, Sequence[Likeness]]
) -> Iterator[Figure]:
    for subject in SUBJECTS:
        total = synthetic.count
        value = len({id_ for pair in found[subject] for id_ in (pair.one, pair.other)}) / total if total else None
        theirs = None
        if reference:
            side = sketches(reference.texts(subject), Vocabulary())
            alike = {id_ for pair in likely_within(side) for id_ in (pair.one, pair.other)}
            theirs = len(alike) / len(side.ids) if side.ids else None
        yield Figure(_D, "near_duplicates", subject, "", value, theirs, size=total)


def _within_codes(synthetic: Corpus, scenarios: Scenarios) -> Iterator[Figure]:
    """Records of one code against each other: the wording of notes, and the judge's rule on scenarios."""
    most = int(limits()["codes_within"])
    codes = sorted({record.code for record in synthetic.pool if record.code})
    chosen = lowest((Keyed(code, code) for code in codes), most)
    wanted = set(chosen)
    notes: dict[str, list[list[str]]] = {}
    for record in synthetic.records():
        if record.code in wanted:
            notes.setdefault(record.code, []).append(words(record.note))
    alike = [rouge_l(a, b) for of_code in notes.values() for a, b in combinations(of_code, 2)]
    if alike:
        low, middle, high = quantiles(alike)
        yield Figure(_D, "rouge_l_within_code", "note", "", middle, None, low, high, len(alike))
    differing = [
        differing_variables(a, b) for of_code in scenarios(chosen).values() for a, b in combinations(of_code, 2)
    ]
    if differing:
        low, middle, high = quantiles(differing)
        yield Figure(_D, "differing_variables", "scenario", "", middle, None, low, high, len(differing))
        broken = sum(count < LEAST_DIFFERING for count in differing)
        yield Figure(_D, "novelty_rule_broken", "scenario", "", broken / len(differing), None, size=len(differing))
        for count in range(len(VARIABLES) + 1):
            share = differing.count(count) / len(differing)
            yield Figure(_D, "differing_variables_share", "scenario", str(count), share, None, size=len(differing))


def _coverage(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """How much of what the reference says is said here."""
    if reference is None:
        return
    for subject in SUBJECTS:
        own, theirs = synthetic.pool_texts(subject), reference.pool_texts(subject)
        if not own or not theirs:
            continue
        vocabulary = Vocabulary()
        ours, real = ([vocabulary.ids(text) for text in side] for side in (own, theirs))
        for n in (1, 2):
            known = np.unique(np.concatenate([gram_hashes(text, n) for text in ours]))
            wanted = np.concatenate([gram_hashes(text, n) for text in real])
            value = float(np.isin(wanted, known).mean()) if len(wanted) else None
            yield Figure(_D, "ngrams_covered", subject, f"{n}-grams", value, size=len(wanted))
        if min(len(own), len(theirs)) > _NEIGHBOURS:
            half = len(theirs) // 2
            value = _balls_covered(theirs, own[: len(theirs)])
            chance = _balls_covered(theirs[:half], theirs[half:]) if half > _NEIGHBOURS else None
            yield Figure(_D, "neighbourhoods_covered", subject, "", value, chance, size=len(theirs))


def _balls_covered(real: Sequence[str], made: Sequence[str]) -> float:
    """Coverage (Naeem et al. 2020) with TF-IDF vectors: the share of real texts that have a made one nearer than their k-th
    nearest real neighbour."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    vectors = TfidfVectorizer(analyzer=words, sublinear_tf=True, min_df=2)
    theirs = vectors.fit_transform(real)
    ours = vectors.transform(made)
    radii = NearestNeighbors(n_neighbors=_NEIGHBOURS + 1).fit(theirs).kneighbors(theirs)[0][:, -1]
    nearest = NearestNeighbors(n_neighbors=1).fit(ours).kneighbors(theirs)[0][:, 0]
    return float((nearest <= radii).mean())
