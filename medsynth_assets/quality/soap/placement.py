"""Sentences that stand in another section than theirs: an order outside the plan, an examination finding in the history.

A logistic model for each section weighs the clues of clues.py: how much likelier the words are of that section than of this
one, whether the neighbours lean the same way, whether it repeats what that section told, what kind of sentence it is. Learned
from real and offline notes with sentences moved on purpose (python -m benchmarks.learn_sections).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.quality.soap.clues import Doubt, doubts
from medsynth_assets.quality.soap.fault import Fault, FaultType
from medsynth_assets.quality.soap.sentences import SectionModel, section_model
from medsynth_assets.quality.soap.structure import Opened
from medsynth_assets.quality.soap.thresholds import thresholds


class PlacementModel(NamedTuple):
    """Weights of the clues by the section where a sentence might belong; the clue `=bias` is always there."""

    weights: Mapping[str, Mapping[str, float]]

    def probability(self, doubt: Doubt) -> float:
        """That the sentence belongs there, 0 to 1; 0 for a section that nothing was learned of."""
        weights = self.weights.get(doubt.belongs)
        if weights is None:
            return 0.0
        score = weights["=bias"] + sum(weights.get(clue, 0.0) * amount for clue, amount in doubt.clues.items())
        return 1 / (1 + math.exp(-score))


@cache
def placement_model() -> PlacementModel:
    """The learned model (data/placement.tsv)."""
    path = resources.files("medsynth_assets.quality.soap") / "data/placement.tsv"
    weights: dict[str, dict[str, float]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and line[0] != "#":
            belongs, clue, weight = line.split("\t")
            weights.setdefault(belongs, {})[clue] = float(weight)
    return PlacementModel(weights)


def misplaced(
    parts: Sequence[Opened], sections: SectionModel | None = None, placement: PlacementModel | None = None
) -> Iterator[Fault]:
    """Sentences of headed parts that clearly belong to another section, each with the likeliest one, in order."""
    placement = placement or placement_model()
    limits = thresholds()
    surest: dict[int, tuple[float, Doubt]] = {}
    for doubt in doubts(parts, sections or section_model()):
        probability = placement.probability(doubt)
        start = doubt.sentence.start
        limit = limits.get(f"{doubt.part.sections[0]} to {doubt.belongs}", limits[f"to {doubt.belongs}"])
        if probability >= limit and probability > surest.get(start, (0.0,))[0]:
            surest[start] = (probability, doubt)
    for start, (_, doubt) in sorted(surest.items(), key=lambda item: item[0]):
        sentence = doubt.sentence
        yield Fault(
            FaultType.MISPLACED, doubt.part.sections[0], sentence.text, start, start + len(sentence.text), doubt.belongs
        )
