"""Privacy: whether records repeat what a model was shown or was to keep to itself, and hold strings that identify people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from medsynth_assets.evaluation.corpus import SUBJECTS, Corpus
from medsynth_assets.evaluation.distances import quantiles
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.near_duplicates import Likeness, between, sketches
from medsynth_assets.evaluation.nearest import nearest_distances
from medsynth_assets.evaluation.sampling import Keyed, limits, lowest
from medsynth_assets.evaluation.verbatim import Overlap, Texts, longest_overlaps
from medsynth_assets.evaluation.words import Vocabulary
from medsynth_assets.quality.form import FormType, note_form

_D = Dimension.PRIVACY


class Found(NamedTuple):
    """The figures, and what the report lists: the longest overlaps and nearest duplicates by what was searched, strings that look
    like identifiers with their record."""

    figures: list[Figure]
    overlaps: dict[str, list[Overlap]]
    duplicates: dict[str, list[Likeness]]
    identifiers: list[tuple[str, str, str]]


def privacy(
    synthetic: Corpus, prompts: Sequence[tuple[str, str]], sensitive: Corpus | None, holdout: Corpus | None
) -> Found:
    """The figures of privacy. prompts: what the models were shown, by id."""
    found = Found([], {}, {}, [])
    found.figures.extend(_identifiers(synthetic, found))
    found.figures.extend(_verbatim(synthetic, "prompts and their examples", lambda: prompts, found))
    if sensitive:
        found.figures.extend(_verbatim(synthetic, sensitive.name, _both(sensitive), found))
        found.figures.extend(_duplicates(synthetic, sensitive, found))
        found.figures.extend(_closest(synthetic, sensitive, holdout))
    return found


def _both(corpus: Corpus) -> Texts:
    """Notes and dialogues, with ids that tell them apart."""

    def texts() -> Iterator[tuple[str, str]]:
        for record in corpus.records():
            for subject, text in zip(SUBJECTS, (record.note, record.dialogue), strict=True):
                if text:
                    yield f"{record.id} {subject}", text

    return texts


def _identifiers(synthetic: Corpus, found: Found) -> Iterator[Figure]:
    """Strings that look like identifiers of HIPAA's safe-harbour list, over every record."""
    counts: Counter[str] = Counter()
    for id_, text in _both(synthetic)():
        for fault in note_form(text):
            if fault.type is FormType.IDENTIFIER:
                counts[id_.rpartition(" ")[2]] += 1
                found.identifiers.append((id_.rpartition(" ")[0], id_.rpartition(" ")[2], fault.text))
    for subject in SUBJECTS:
        yield Figure(_D, "identifier_strings", subject, "", counts[subject], size=synthetic.count)


def _verbatim(synthetic: Corpus, name: str, other: Texts, found: Found) -> Iterator[Figure]:
    overlaps = longest_overlaps(_both(synthetic), other)
    found.overlaps[name] = overlaps
    longest = overlaps[0].word_count if overlaps else 0
    copied = sum(overlap.word_count >= int(limits()["verbatim"]["copied_words"]) for overlap in overlaps)
    yield Figure(_D, "longest_verbatim", name, "", longest, size=2 * synthetic.count)
    yield Figure(_D, "copied_texts", name, "", copied, size=2 * synthetic.count)


def _duplicates(synthetic: Corpus, sensitive: Corpus, found: Found) -> Iterator[Figure]:
    for subject in SUBJECTS:
        vocabulary = Vocabulary()
        ours, theirs = (sketches(side.texts(subject), vocabulary) for side in (synthetic, sensitive))
        alike = between(ours, theirs)
        found.duplicates[subject] = alike
        yield Figure(
            _D, "near_duplicates_of_sensitive", subject, "", len({pair.one for pair in alike}), size=len(ours.ids)
        )


def _closest(synthetic: Corpus, sensitive: Corpus, holdout: Corpus | None) -> Iterator[Figure]:
    """Distances to the closest record. Both corpora are cut to the smaller one's size: the larger has more chances to be near."""
    for subject in SUBJECTS:
        sample = synthetic.pool_texts(subject)[: int(limits()["nearest"])]
        if not sample or next(iter(sensitive.texts(subject)), None) is None:
            continue
        if holdout is None:
            (near,) = nearest_distances(sample, (text for _, text in sensitive.texts(subject)))
            yield from _distances(subject, near, None)
            continue
        size = min(sum(1 for _ in side.texts(subject)) for side in (sensitive, holdout))
        if not size:
            continue
        near, control = nearest_distances(sample, _cut(sensitive, subject, size), _cut(holdout, subject, size))
        yield from _distances(subject, near, control)
        share = float(np.mean((near < control) + (near == control) / 2))
        spread = 1.96 * float(np.sqrt(share * (1 - share) / len(sample)))
        yield Figure(
            _D,
            "closer_to_sensitive",
            subject,
            "",
            share,
            0.5,
            max(0.0, share - spread),
            min(1.0, share + spread),
            len(sample),
        )


def _cut(corpus: Corpus, subject: str, size: int) -> list[str]:
    return lowest((Keyed(id_, text) for id_, text in corpus.texts(subject)), size)


def _distances(subject: str, near: "np.ndarray[tuple[int], np.dtype[np.float64]]", control: object) -> Iterator[Figure]:
    low, middle, high = quantiles(near.tolist())
    reference = quantiles(control.tolist())[1] if isinstance(control, np.ndarray) else None
    yield Figure(_D, "closest_record", subject, "", middle, reference, low, high, len(near))
    yield Figure(
        _D,
        "closest_record_least",
        subject,
        "",
        float(near.min()),
        float(control.min()) if isinstance(control, np.ndarray) else None,
        size=len(near),
    )
