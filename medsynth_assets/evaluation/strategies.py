"""Strategies side by side: how dialogues differ that were made in different ways, of the same notes where there are such."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from medsynth_assets.evaluation.distances import quantiles
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.likeness import self_bleu
from medsynth_assets.evaluation.reading import Told
from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.words import Vocabulary, distinct_share, words
from medsynth_assets.quality.dialogue_text import turns_of

_figure = partial(Figure, Dimension.STRATEGIES)


def strategies(told: Mapping[str, Sequence[Told]]) -> Iterator[Figure]:
    """A figure for each measure and strategy; none where there is one strategy only. told: dialogues by strategy."""
    if len(told) < 2:
        return
    sides = of_the_same_notes(told)
    least = min(map(len, sides.values()))
    for name, dialogues in sides.items():
        yield from _of_one(name, dialogues, least)


def of_the_same_notes(told: Mapping[str, Sequence[Told]]) -> Mapping[str, Sequence[Told]]:
    """The dialogues of notes that every strategy made one of; all of them where there is no such note."""
    shared = set.intersection(*({one.note_id for one in side} for side in told.values()))
    return {name: [one for one in side if one.note_id in shared] for name, side in told.items()} if shared else told


def _of_one(name: str, dialogues: Sequence[Told], least: int) -> Iterator[Figure]:
    """least: dialogues of the smallest side, for measures that depend on how many there are."""
    size = len(dialogues)
    yield _figure("strategy_passed", "", name, _mean([one.is_passed for one in dialogues]), size=size)
    for measure, values in (
        ("strategy_coverage", [one.coverage for one in dialogues]),
        ("strategy_unsupported", [one.unsupported for one in dialogues]),
    ):
        known = [value for value in values if value is not None]
        yield _figure(measure, "", name, _mean(known), size=len(known))
    turns = [turns_of(one.text) for one in dialogues]
    for measure, counts in (
        ("strategy_turns", [len(spoken) for spoken in turns]),
        ("strategy_words", [len(words(one.text)) for one in dialogues]),
    ):
        low, middle, high = quantiles(counts)
        yield _figure(measure, "", name, middle, None, low, high, size)
    said = sum(len(turn.text.split()) for spoken in turns for turn in spoken)
    by_doctor = sum(len(turn.text.split()) for spoken in turns for turn in spoken if turn.speaker == "doctor")
    yield _figure("strategy_doctor_share", "", name, by_doctor / said if said else None, size=size)
    vocabulary = Vocabulary()
    yield _figure(
        "strategy_distinct_2",
        "",
        name,
        distinct_share([vocabulary.ids(one.text) for one in dialogues[:least]], 2),
        size=least,
    )
    sample = [one.text for one in dialogues[: min(least, int(limits()["self_bleu"]))]]
    yield _figure("strategy_self_bleu", "", name, self_bleu(sample), size=len(sample))
    for measure, spent in (
        ("strategy_calls", [one.calls for one in dialogues]),
        ("strategy_tokens", [one.tokens for one in dialogues]),
        ("strategy_usd", [one.usd for one in dialogues]),
    ):
        yield _figure(measure, "", name, _mean(spent), size=size)
    compared = [won for one in dialogues for won in one.preferences]
    if compared:
        yield _figure("strategy_preferred", "", name, statistics.mean(compared), size=len(compared))


def _mean(values: Sequence[float]) -> float | None:
    return statistics.mean(values) if values else None
