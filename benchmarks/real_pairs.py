"""Real pairs for benchmarks: ACI-Bench encounters, and what a person reading found unsaid in some of them.

The corpus is read from a path and not part of the project; the labels (places in its notes, and reasons in our words) are.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Turn

LABELS = Path(__file__).resolve().parent / "labels" / "aci_unsaid.jsonl"


class Pair(NamedTuple):
    id: str
    note: str
    turns: tuple[Turn, ...]


class Unsaid(NamedTuple):
    """A span of a note that its dialogue does not say, or says otherwise; `is_doubtful` where readers could differ."""

    start: int
    end: int
    is_doubtful: bool


def real_pairs(folder: Path) -> list[Pair]:
    """ACI-Bench train and validation, in the order of the file."""
    lines = (folder / "aci_bench_train_valid.jsonl").read_text("utf-8").splitlines()
    return [Pair(row["id"], row["note"], parse_turns(row["dialogue"])) for row in map(json.loads, lines)]


def parse_turns(dialogue: str) -> tuple[Turn, ...]:
    split = (line.partition(": ") for line in dialogue.splitlines())
    return tuple(Turn(speaker.lower(), text) for speaker, _, text in split)


def labels() -> dict[str, list[Unsaid]]:
    """By encounter that was read: its unsaid spans."""
    found: dict[str, list[Unsaid]] = {}
    for line in LABELS.read_text("utf-8").splitlines():
        row = json.loads(line)
        spans = found.setdefault(row["id"], [])
        if "start" in row:
            spans.append(Unsaid(row["start"], row["end"], row["doubt"]))
    return found


def is_unsaid(fact: Fact, spans: list[Unsaid]) -> bool:
    """Whether a fact overlaps an unsaid span by at least a third of the shorter of the two."""
    return any(
        min(span.end, fact.end) - max(span.start, fact.start) >= 0.3 * min(span.end - span.start, fact.end - fact.start)
        for span in spans
    )


Folds = Mapping[str, int]


def folds(pairs: list[Pair], count: int) -> Folds:
    """Which fold each encounter is in: every count-th of them, so that the corpus' three subsets are spread."""
    return {pair.id: n % count for n, pair in enumerate(pairs)}
