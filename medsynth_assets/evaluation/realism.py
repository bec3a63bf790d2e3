"""Realism: whether notes and dialogues look like real ones, in length, layout, wording and what they state."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from medsynth_assets.evaluation.corpus import SUBJECTS, Corpus, Record
from medsynth_assets.evaluation.discriminator import discriminate
from medsynth_assets.evaluation.distances import jensen_shannon, quantiles
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.readability import readability
from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.words import Ids, Vocabulary, gram_hashes, words
from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.reading import SOAP, read

_D = Dimension.REALISM
_BANDS = {"note": 50, "dialogue": 150, "turns": 10}  # words, words, turns of a bar
_LAST_BAND = {"note": 800, "dialogue": 2_400, "turns": 160}
_GRAMS = (1, 2, 3)
Measured = Callable[[Sequence[Record]], list[float]]


def realism(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """The figures of realism."""
    real = reference.pool if reference else []
    yield from _distribution("words", "note", synthetic.pool, real, _words_of("note"))
    yield from _distribution("words", "dialogue", synthetic.pool, real, _words_of("dialogue"))
    yield from _distribution("turns", "turns", synthetic.pool, real, _turns)
    yield from _sections(synthetic.pool, real)
    yield from _speakers(synthetic.pool, real)
    yield from _vocabulary(synthetic, reference)
    yield from _readability(synthetic.pool, real)
    yield from _grams(synthetic, reference)
    yield from _facts(synthetic, reference)
    yield from _discriminator(synthetic, reference)


def _words_of(subject: str) -> Measured:
    def measured(records: Sequence[Record]) -> list[float]:
        texts = (record.note if subject == "note" else record.dialogue for record in records)
        return [float(len(words(text))) for text in texts if text]

    return measured


def _turns(records: Sequence[Record]) -> list[float]:
    return [float(len(turns_of(record.dialogue))) for record in records if record.dialogue]


def _distribution(
    measure: str, subject: str, ours: Sequence[Record], real: Sequence[Record], measured: Measured
) -> Iterator[Figure]:
    """Median with the middle 90%, and the share of records in each band."""
    own, theirs = measured(ours), measured(real)
    low, middle, high = quantiles(own)
    yield Figure(_D, f"{measure}_median", subject, "", middle, quantiles(theirs)[1], low, high, len(own))
    width, last = _BANDS[subject], _LAST_BAND[subject]
    bands = [_banded(values, width, last) for values in (own, theirs)]
    for start in range(0, max((*bands[0], *bands[1]), default=0) + width, width):
        label = f"{start}+" if start == last else f"{start}–{start + width - 1}"
        yield Figure(
            _D, f"{measure}_share", subject, label, bands[0].get(start, 0.0), bands[1].get(start, 0.0) if theirs else None,
            size=len(own),
        )  # fmt: skip


def _banded(values: Sequence[float], width: int, last: int) -> dict[int, float]:
    counts = Counter(min(last, int(value) // width * width) for value in values)
    return {start: count / len(values) for start, count in counts.items()}


def _sections(ours: Sequence[Record], real: Sequence[Record]) -> Iterator[Figure]:
    own, theirs = _section_words(ours), _section_words(real)
    for section in SOAP:
        low, middle, high = quantiles(own.get(section, []))
        reference = quantiles(theirs.get(section, []))[1]
        yield Figure(
            _D, "section_words_median", "note", section, middle, reference, low, high, len(own.get(section, []))
        )


def _section_words(records: Sequence[Record]) -> dict[str, list[float]]:
    """Words of each SOAP section that a note has, by its headings."""
    found: dict[str, list[float]] = {}
    for record in records:
        counts: Counter[str] = Counter()
        for sentence in read(record.note):
            if sentence.section:
                counts[sentence.section] += len(sentence.text.split())
        for section, count in counts.items():
            found.setdefault(section, []).append(float(count))
    return found


def _speakers(ours: Sequence[Record], real: Sequence[Record]) -> Iterator[Figure]:
    own, theirs = _doctor_shares(ours), _doctor_shares(real)
    low, middle, high = quantiles(own)
    yield Figure(_D, "doctor_words_share", "dialogue", "", middle, quantiles(theirs)[1], low, high, len(own))


def _doctor_shares(records: Sequence[Record]) -> list[float]:
    found = []
    for record in records:
        said = [(turn.speaker == "doctor", len(turn.text.split())) for turn in turns_of(record.dialogue)]
        total = sum(count for _, count in said)
        if total:
            found.append(sum(count for is_doctor, count in said if is_doctor) / total)
    return found


def _vocabulary(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    length = int(limits()["vocabulary_words"])
    for subject in SUBJECTS:
        own = _running(synthetic.pool_texts(subject))
        theirs = _running(reference.pool_texts(subject)) if reference else []
        size = min(length, len(own), len(theirs) or len(own))
        value = len(set(own[:size])) / size if size else None
        yield Figure(
            _D,
            "type_token_ratio",
            subject,
            "",
            value,
            len(set(theirs[:size])) / size if theirs and size else None,
            size=size,
        )
        if theirs and own:
            known = set(theirs)
            yield Figure(
                _D,
                "words_new_to_reference",
                subject,
                "",
                sum(word not in known for word in own) / len(own),
                size=len(own),
            )


def _running(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for word in words(text)]


def _readability(ours: Sequence[Record], real: Sequence[Record]) -> Iterator[Figure]:
    for subject, text_of in (("note", _note), ("doctor", _said_by("doctor")), ("patient", _said_by("patient"))):
        own, theirs = ([found for r in side if (found := readability(text_of(r)))] for side in (ours, real))
        for measure, at in (("reading_grade", 0), ("reading_ease", 1)):
            low, middle, high = quantiles([found[at] for found in own])
            reference = quantiles([found[at] for found in theirs])[1]
            yield Figure(_D, measure, subject, "", middle, reference, low, high, len(own))


def _note(record: Record) -> str:
    return record.note


def _said_by(speaker: str) -> Callable[[Record], str]:
    return lambda record: "\n".join(turn.text for turn in turns_of(record.dialogue) if turn.speaker == speaker)


def _grams(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """Distances over n-grams at equal size, beside those of two halves of the reference: what chance alone comes to."""
    if reference is None:
        return
    for subject in SUBJECTS:
        theirs, own = reference.pool_texts(subject), synthetic.pool_texts(subject)
        size = min(len(own), len(theirs)) // 2
        vocabulary = Vocabulary()
        sides = [
            [vocabulary.ids(text) for text in part] for part in (own[:size], theirs[:size], theirs[size : 2 * size])
        ]
        for n in _GRAMS if size else ():
            ours, one, half = (_gram_counts(side, n) for side in sides)
            yield Figure(
                _D,
                "ngram_distance",
                subject,
                f"{n}-grams",
                jensen_shannon(ours, one),
                jensen_shannon(one, half),
                size=size,
            )


def _gram_counts(texts: Sequence[Ids], n: int) -> Mapping[int, float]:
    unique, counts = np.unique(np.concatenate([gram_hashes(text, n) for text in texts]), return_counts=True)
    return dict(zip(unique.tolist(), counts.tolist(), strict=True))


def _facts(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """Shares of the kinds of facts, and the distances over kinds and over kinds with their meanings."""
    most = int(limits()["facts"])
    own, theirs = (_typed_facts(side.pool_texts("note")[:most]) if side else [] for side in (synthetic, reference))
    if not own:
        return
    kinds = [Counter(kind for note in side for kind, _ in note) for side in (own, theirs)]
    total, real = (sum(counts.values()) for counts in kinds)
    for kind, count in kinds[0].most_common():
        yield Figure(
            _D, "fact_kind_share", "note", kind, count / total, kinds[1][kind] / real if real else None, size=total
        )
    low, middle, high = quantiles([len(note) for note in own])
    reference_median = quantiles([len(note) for note in theirs])[1]
    yield Figure(_D, "facts_median", "note", "", middle, reference_median, low, high, len(own))
    size = min(len(own), len(theirs)) // 2
    if size:
        for measure, at in (("fact_kind_distance", _kinds), ("fact_distance", _meanings)):
            ours, one, half = (Counter(at(side)) for side in (own[:size], theirs[:size], theirs[size : 2 * size]))
            yield Figure(_D, measure, "note", "", jensen_shannon(ours, one), jensen_shannon(one, half), size=size)


Typed = list[tuple[str, str]]


def _typed_facts(notes: Sequence[str]) -> list[Typed]:
    """Kind and meaning of each fact of each note; numbers count by their kind alone."""
    return [[(fact.kind.value, " ".join(p.meanings[0] for p in fact.parts)) for fact in facts(note)] for note in notes]


def _kinds(notes: Sequence[Typed]) -> list[str]:
    return [kind for note in notes for kind, _ in note]


def _meanings(notes: Sequence[Typed]) -> list[tuple[str, str]]:
    return [fact for note in notes for fact in note]


def _discriminator(synthetic: Corpus, reference: Corpus | None) -> Iterator[Figure]:
    """The AUC of synthetic against real, and of two halves of the real texts against each other."""
    if reference is None:
        return
    for subject in SUBJECTS:
        theirs = reference.pool_texts(subject)
        found = discriminate(synthetic.pool_texts(subject), theirs)
        chance = discriminate(theirs[::2], theirs[1::2])
        if found:
            yield Figure(
                _D,
                "discriminator_auc",
                subject,
                "",
                found.value,
                chance.value if chance else None,
                found.low,
                found.high,
                found.size,
            )
