"""The coverage measure: dialogues of their own note against dialogues of another record.

    python -m benchmarks.coverage [--real PATH/aci_bench_train_valid.jsonl]

Offline pairs come from the engine itself (2 records of each of the default top codes); "other" takes the dialogue of
the next record of the same code, the hardest case. With --real the same is printed for real pairs, where "other" is the
next encounter.
"""

import argparse
import asyncio
import json
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.offline_records import known_codes, make_records
from medsynth_assets.agents.chain import SlotWork
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.quality.coverage import coverage
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note


def offline(codes: int) -> Iterator[tuple[float, float]]:
    engine = OfflineEngine()
    for code, description in known_codes(codes):
        pairs = [_pair(work) for work in asyncio.run(make_records(engine, code, description, 2))]
        lay = lay_forms(knowledge_base(), code)
        for (note, turns), (_, others) in zip(pairs, pairs[1:] + pairs[:1], strict=True):
            yield coverage(note, turns, lay).fraction, coverage(note, others, lay).fraction


def _pair(work: SlotWork) -> tuple[Note, list[str]]:
    dialogue = Dialogue.model_validate(work.products[Stage.DIALOGUES].content)
    return Note.model_validate(work.products[Stage.NOTES].content), [turn.text for turn in dialogue.turns]


def real(path: Path) -> Iterator[tuple[float, float]]:
    """Free-text notes: their headings do not matter to the measure, so the whole goes in as one section."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    turns = [[line.partition(": ")[2] for line in row["dialogue"].splitlines()] for row in rows]
    for n, row in enumerate(rows):
        note = Note(subjective=row["note"], objective="-", assessment="-", plan="-")
        yield coverage(note, turns[n]).fraction, coverage(note, turns[(n + 1) % len(rows)]).fraction


def report(name: str, scores: list[tuple[float, float]]) -> None:
    own, other = (sorted(column) for column in zip(*scores, strict=True))
    above = sum(mine > theirs for mine, theirs in scores) / len(scores)
    print(
        f"{name:<14} {len(own):>6} {own[0]:>8.3f} {own[len(own) // 20]:>8.3f} {statistics.mean(own):>8.3f}"
        f" {statistics.mean(other):>8.3f} {other[-1]:>8.3f} {above:>10.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, help="jsonl with note and dialogue")
    parser.add_argument("--codes", type=int, default=300)
    arguments = parser.parse_args()
    print(
        f"{'pairs':<14} {'n':>6} {'own min':>8} {'own p5':>8} {'own':>8} {'other':>8} {'oth max':>8} {'own>other':>10}"
    )
    report("offline", list(offline(arguments.codes)))
    if arguments.real and arguments.real.exists():
        report("real", list(real(arguments.real)))
    else:
        print("real: skipped, no corpus given (--real)")


if __name__ == "__main__":
    main()
