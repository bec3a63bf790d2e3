"""Evaluating predictions: every record scored on all cores, and what the scores come to over all of them."""

import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from medsynth_assets.evaluation.tasks.bertscore import Bert
from medsynth_assets.evaluation.tasks.grounding import grounded
from medsynth_assets.evaluation.tasks.overlap import Ways, corpus_bleu, how, overlap
from medsynth_assets.evaluation.tasks.predictions import Pair
from medsynth_assets.evaluation.tasks.task import Task
from medsynth_assets.quality.workers import workers

_AT_ONCE = 8  # records a job: a worker is told of its work and of nothing else
_WORTH_WORKERS = 20  # records; below it starting processes costs more than it saves
_RESAMPLES = 1_000


class Figure(NamedTuple):
    """A score over all records. low, high: its 95% interval over resampled records; None for one of the corpus as a whole."""

    value: float
    low: float | None = None
    high: float | None = None


class Evaluation(NamedTuple):
    """figures: `bleu` of the corpus (0 to 100), ROUGE, METEOR and BERTScore (0 to 1), then this project's measures.
    reference: the project's measures of the reference texts themselves, as something to read the others by.
    scores: of each record, by its id. how: packages and settings."""

    figures: dict[str, Figure]
    reference: dict[str, float]
    scores: dict[str, dict[str, float]]
    how: dict[str, str]


def evaluate(
    task: Task, pairs: Sequence[Pair], ways: Ways, *, bert: Bert | None = None, watch: Callable[[], None] = lambda: None
) -> Evaluation:
    """Score predictions against their references. watch: called as each record is done. `pairs` is not empty."""
    scores, reference = {}, []
    for pair, (of_prediction, of_reference) in zip(pairs, _scored(task, pairs, ways), strict=True):
        scores[pair.reference.id] = of_prediction
        reference.append(of_reference)
        watch()
    predicted, wanted = [p.predicted for p in pairs], [task.wanted(p.reference) for p in pairs]
    bleu = corpus_bleu(predicted, wanted)
    settings = {"bleu": bleu.signature, **how(ways)}
    if bert:
        for pair, value in zip(pairs, bert.scores(predicted, wanted), strict=True):
            scores[pair.reference.id]["bertscore"] = value
        settings["bertscore"] = bert.how
    figures = {name: _mean([row[name] for row in scores.values()]) for name in next(iter(scores.values()))}
    figures["bleu"] = Figure(bleu.score)
    means = {name: statistics.fmean(row[name] for row in reference) for name in reference[0]}
    return Evaluation(figures, means, scores, settings)


def _scored(task: Task, pairs: Sequence[Pair], ways: Ways) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    """Of each pair in order: its scores, and the project's measures of its reference."""
    jobs = [(task, pairs[start : start + _AT_ONCE], ways) for start in range(0, len(pairs), _AT_ONCE)]
    pool = workers() if len(pairs) >= _WORTH_WORKERS else None
    for part in pool.map(_score, jobs) if pool else map(_score, jobs):
        yield from part


def _score(job: tuple[Task, Sequence[Pair], Ways]) -> list[tuple[dict[str, float], dict[str, float]]]:
    task, pairs, ways = job
    return [
        (
            overlap(task.wanted(reference), predicted, ways) | grounded(task, reference, predicted),
            grounded(task, reference, task.wanted(reference)),
        )
        for reference, predicted in pairs
    ]


def _mean(values: Sequence[float]) -> Figure:
    """With a percentile bootstrap over records, seeded: the same records, the same interval."""
    drawn = random.Random(len(values))
    means = sorted(statistics.fmean(drawn.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    return Figure(statistics.fmean(values), means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES) - 1])


def as_mapping(evaluation: Evaluation) -> Mapping[str, object]:
    """For a JSON file."""
    return {
        "figures": {name: figure._asdict() for name, figure in evaluation.figures.items()},
        "reference": evaluation.reference,
        "how": evaluation.how,
    }
