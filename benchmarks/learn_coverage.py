"""Learns when a fact counts as said, from real pairs: ACI-Bench train and validation, with what a person read as unsaid.

    python -m benchmarks.learn_coverage --real ../shared/real_pairs

Writes medsynth_assets/quality/facts/data/coverage.json. Said: the facts of a note before its own dialogue, but for labelled
spans. Unsaid: those spans; facts whose turns are removed (benchmarks.pair_faults); facts before the lexically most similar
dialogue of another encounter. The threshold lets at most `FALSE_FLAGS` of the facts that a person found said be flagged.
"""

import argparse
import json
import random
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.pair_faults import contradictions, deletions, words_of
from benchmarks.real_pairs import Pair, Unsaid, is_unsaid, labels, real_pairs
from medsynth_assets.quality.facts.covering import match
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.hearing import hear
from medsynth_assets.quality.facts.judging import FEATURES, Model, features

MODEL = Path(__file__).resolve().parent.parent / "medsynth_assets/quality/facts/data/coverage.json"
FALSE_FLAGS = 0.03  # of the facts that a person found said; the mark is 0.04, and contradictions flag some more
_WEIGHTS = {
    "said": 1.0,
    "labelled": 3.0,
    "deleted": 2.0,
    "deleted-similar-left": 6.0,
    "answer-deleted": 6.0,
    "other": 1.0,
    "side": 1.0,
    "negation": 2.0,
}
_OTHER_FACTS = 25  # a note, before a dialogue of another encounter
_DELETED, _CHANGED = 6, 4  # a note and kind


class Row(NamedTuple):
    pair_id: str
    kind: str  # said, labelled, deleted..., other, number...
    is_said: bool
    is_read: bool  # by a person
    values: tuple[float, ...]


def similar(pairs: Sequence[Pair]) -> dict[str, Pair]:
    """For each pair the other one whose dialogue shares most of its words (Jaccard)."""
    words = {pair.id: set().union(*(words_of(turn.text) for turn in pair.turns)) for pair in pairs}

    def likeness(one: Pair, other: Pair) -> float:
        mine, theirs = words[one.id], words[other.id]
        return len(mine & theirs) / len(mine | theirs)

    return {pair.id: max((o for o in pairs if o.id != pair.id), key=lambda o: likeness(pair, o)) for pair in pairs}


def rows(pairs: Sequence[Pair], read: dict[str, list[Unsaid]]) -> list[Row]:
    """Everything that is learned from."""
    others = similar(pairs)
    heard = {pair.id: hear(pair.turns) for pair in pairs}
    found: list[Row] = []
    for pair in pairs:
        own = facts(pair.note)
        by_place = {(fact.start, fact.end): fact for fact in own}
        for fact in own:
            unsaid = pair.id in read and is_unsaid(fact, read[pair.id])
            values = features(fact, match(fact, heard[pair.id]))
            found.append(Row(pair.id, "labelled" if unsaid else "said", not unsaid, pair.id in read, values))
        for fault in deletions(pair, _DELETED, random.Random(pair.id)):
            fact = by_place[fault.start, fault.end]
            found.append(Row(pair.id, fault.kind, False, False, features(fact, match(fact, hear(fault.turns)))))
        for fault in contradictions(pair, _CHANGED, random.Random(pair.id)):
            if fault.kind not in _WEIGHTS:
                continue  # numbers and drugs are checked by rules
            for fact in facts(fault.note):
                if fact.start < fault.end and fault.start < fact.end:
                    values = features(fact, match(fact, heard[pair.id]))
                    found.append(Row(pair.id, fault.kind, False, False, values))
                    break
        other = heard[others[pair.id].id]
        for fact in random.Random(pair.id).sample(own, min(_OTHER_FACTS, len(own))):
            found.append(Row(pair.id, "other", False, False, features(fact, match(fact, other))))
    return found


def fit(found: Sequence[Row], leave_out: Collection[str] = ()) -> Model:
    """The model without the pairs left out; its threshold from the facts that a person read, in the pairs that stay."""
    used = [row for row in found if row.pair_id not in leave_out]
    fitted = LogisticRegression(C=1.0, max_iter=2000).fit(
        np.array([row.values for row in used]),
        [row.is_said for row in used],
        sample_weight=np.array([_WEIGHTS[row.kind] for row in used]),
    )
    weights, bias = tuple(round(float(w), 3) for w in fitted.coef_[0]), round(float(fitted.intercept_[0]), 3)
    model = Model(weights, bias, 0.5)
    said = sorted(model.probability(row.values) for row in used if row.is_read and row.is_said)
    return model._replace(threshold=round(said[int(FALSE_FLAGS * len(said))], 3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True, help="folder of the corpora")
    found = rows(real_pairs(parser.parse_args().real), labels())
    model = fit(found)
    body = {
        "weights": dict(zip(FEATURES, model.weights, strict=True)),
        "bias": model.bias,
        "threshold": model.threshold,
    }
    MODEL.write_text(json.dumps(body, indent=1) + "\n", "utf-8")
    print(f"{len(found):,} facts, threshold {model.threshold}")


if __name__ == "__main__":
    main()
