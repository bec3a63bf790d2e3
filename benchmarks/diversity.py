"""How varied the offline engine writes, beside the same measures of real pairs.

    python -m benchmarks.diversity [--codes 2000] [--per-code 5] [--real FOLDER]

FOLDER holds aci_bench_train_valid.jsonl and mts_dialog_train.jsonl. Real and made records are compared at equal size: a
sample of the made ones, each of another code, as large as the real corpus. "all" is everything made.

Measures: distinct-n is the share of n-grams that are different ones; self-BLEU-4 the mean BLEU of a text against the
others of its group (Zhu et al. 2018, arXiv 1802.01886); common 8-grams the share of running 8-grams that occur in more
than 1% of the records; ROUGE-L the F-measure of the longest common subsequence of words; type-token ratios after so many words.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.offline_records import known_codes, make_records
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.evaluation.likeness import rouge_l, self_bleu
from medsynth_assets.evaluation.words import Vocabulary, common_share, distinct_share, gram_hashes, words
from medsynth_assets.records.artifact import Stage

_LENGTHS = (1_000, 10_000, 30_000)  # words after which the type-token ratio is read
_COMMON = 0.01  # of the records
_SEED = 7


class Pair(NamedTuple):
    group: str  # the code; of a real pair its own id
    note: str
    dialogue: str


def most_common(texts: Sequence[str], n: int = 8, most: int = 2_000) -> list[tuple[str, int]]:
    """The n-grams that occur in most of the texts, with their counts."""
    vocabulary = Vocabulary()
    tokens = [words(text) for text in texts]
    grams = [gram_hashes(vocabulary.ids(text), n) for text in texts]
    unique, counts = np.unique(np.concatenate([np.unique(g) for g in grams]), return_counts=True)
    top = np.argsort(-counts)[:most]
    wanted = dict(zip(unique[top].tolist(), counts[top].tolist(), strict=True))
    found: dict[int, str] = {}
    for text, row in zip(tokens, grams, strict=True):
        for at, value in enumerate(row.tolist()):
            if value in wanted and value not in found:
                found[value] = " ".join(text[at : at + n])
        if len(found) == len(wanted):
            break
    return sorted(((found[h], count) for h, count in wanted.items() if h in found), key=lambda pair: -pair[1])


def type_token(texts: Sequence[list[str]], length: int) -> float:
    running = [word for text in texts for word in text][:length]
    return len(set(running)) / length if len(running) == length else float("nan")


def turns(dialogue: str) -> int:
    return len(dialogue.splitlines())


def section_words(note: str) -> dict[str, int]:
    parts = re.split(r"^(Subjective|Objective|Assessment|Plan):$", note, flags=re.MULTILINE)[1:]
    return {title: len(body.split()) for title, body in zip(parts[::2], parts[1::2], strict=True)}


def made(codes: int, per_code: int) -> list[Pair]:
    engine = OfflineEngine()
    pairs = []
    for code, description in known_codes(codes):
        for work in asyncio.run(make_records(engine, code, description, per_code)):
            note, dialogue = (work.products[stage].text for stage in (Stage.NOTES, Stage.DIALOGUES))
            pairs.append(Pair(code, note, dialogue))
    return pairs


def real(path: Path) -> list[Pair]:
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Pair(row["id"], row["note"], row["dialogue"]) for row in rows]


def one_a_group(pairs: Sequence[Pair], size: int) -> list[Pair]:
    chosen = list({pair.group: pair for pair in random.Random(_SEED).sample(pairs, len(pairs))}.values())
    return random.Random(_SEED).sample(chosen, min(size, len(chosen)))


def measure(pairs: Sequence[Pair], *, bleu: bool) -> dict[str, str]:
    found: dict[str, str] = {"records": str(len(pairs))}
    for name in ("note", "dialogue"):
        texts = [getattr(pair, name) for pair in pairs]
        tokens, vocabulary = [words(text) for text in texts], Vocabulary()
        ids = [vocabulary.ids(text) for text in texts]
        for n in (1, 2, 3):
            found[f"{name} distinct-{n}"] = f"{distinct_share(ids, n):.3f}"
        found[f"{name} common 8-grams"] = f"{common_share(ids, 8, _COMMON):.2%}"
        for length in _LENGTHS:
            found[f"{name} type-token at {length:,} words"] = f"{type_token(tokens, length):.3f}"
        if bleu:
            found[f"{name} self-BLEU-4 across"] = f"{self_bleu(texts):.3f}"
    counts = sorted(turns(pair.dialogue) for pair in pairs)
    found["turns p1 / median / p99"] = " / ".join(str(counts[int(q * (len(counts) - 1))]) for q in (0.01, 0.5, 0.99))
    for title in ("Subjective", "Objective", "Assessment", "Plan"):
        lengths = sorted(s[title] for s in (section_words(p.note) for p in pairs) if title in s)
        if lengths:
            found[f"{title} words p5 / median / p95"] = " / ".join(
                str(lengths[int(q * (len(lengths) - 1))]) for q in (0.05, 0.5, 0.95)
            )
    return found


def within(pairs: Sequence[Pair]) -> dict[str, str]:
    """Notes of one code against each other: self-BLEU of a sample of codes, ROUGE-L of every two notes."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.group, []).append(pair)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return {}
    scores = [
        (rouge_l(words(one.note), words(other.note)), one.group)
        for group in several
        for one, other in combinations(group, 2)
    ]
    values = sorted(score for score, _ in scores)
    sample = random.Random(_SEED).sample(several, min(200, len(several)))
    worst = sorted(scores, reverse=True)[:8]
    print("highest ROUGE-L within a code:", ", ".join(f"{code} {score:.2f}" for score, code in worst))
    return {
        "note self-BLEU-4 within a code": f"{statistics.mean(self_bleu([p.note for p in group]) for group in sample):.3f}",
        "note ROUGE-L within a code, median / p99 / max": f"{statistics.median(values):.3f} / {values[int(0.99 * (len(values) - 1))]:.3f} / {values[-1]:.3f}",
        "two notes of a code above 0.6": f"{sum(v > 0.6 for v in values)} of {len(values)}",
    }


def show(columns: dict[str, dict[str, str]]) -> None:
    table = Table(title="Diversity")
    table.add_column("measure")
    for name in columns:
        table.add_column(name, justify="right")
    for row in dict.fromkeys(key for column in columns.values() for key in column):
        table.add_row(row, *(column.get(row, "") for column in columns.values()))
    Console(width=140).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=2000)
    parser.add_argument("--per-code", type=int, default=5)
    parser.add_argument("--real", type=Path, help="folder of the real corpora")
    parser.add_argument("--common", type=int, default=0, help="print so many of the most common 8-grams")
    arguments = parser.parse_args()
    ours = made(arguments.codes, arguments.per_code)
    columns = {"made, all": {**measure(ours, bleu=False), **within(ours)}}
    for name, file in (("ACI-Bench", "aci_bench_train_valid.jsonl"), ("MTS-Dialog", "mts_dialog_train.jsonl")):
        theirs = real(arguments.real / file) if arguments.real else []
        if theirs:
            columns[f"made, {len(theirs)}"] = measure(one_a_group(ours, len(theirs)), bleu=len(theirs) < 200)
            columns[name] = measure(theirs, bleu=len(theirs) < 200)
        else:
            print(f"{name}: skipped, no corpus given (--real)")
    show(columns)
    for name in ("note", "dialogue") if arguments.common else ():
        print(f"\nmost common 8-grams of a {name}")
        for gram, count in most_common([getattr(pair, name) for pair in ours], most=arguments.common):
            print(f"{count:>6}  {gram}")


if __name__ == "__main__":
    main()
