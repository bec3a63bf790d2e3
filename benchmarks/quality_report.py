"""What searching 100,000 documents against 100,000 takes: time and peak memory at growing sizes, and the arithmetic for the whole.

    python -m benchmarks.quality_report [--sizes 200,400,800] [--words 1500]

Documents are drawn from a Zipf-like vocabulary, one in a hundred of the synthetic ones with a copied run of 40 words. Each
size runs in a process of its own, so that peaks do not add up.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from rich.console import Console
from rich.table import Table

from medsynth_assets.evaluation.near_duplicates import between, sketches
from medsynth_assets.evaluation.nearest import nearest_distances
from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.verbatim import longest_overlaps
from medsynth_assets.evaluation.words import Vocabulary

_WHOLE = 100_000
_COPIED = 40  # words


def documents(side: int, count: int, words: int) -> Iterator[tuple[str, str]]:
    """Made as they are asked for, so that no corpus is held in memory; the same each time."""
    for n in range(count):
        draw = np.random.default_rng([side, n])
        text = [f"w{value}" for value in draw.zipf(1.3, words) % 30_000]
        if side == 0 and n % 100 == 0:
            copied = np.random.default_rng([1, n]).zipf(1.3, words) % 30_000
            text[:_COPIED] = [f"w{value}" for value in copied[:_COPIED]]
        yield str(n), " ".join(text)


def measured(count: int, words: int) -> tuple[float, float, float, float, int]:
    """Seconds of each search, peak MB, and how many of the copies were found."""
    started = time.process_time()
    found = longest_overlaps(lambda: documents(0, count, words), lambda: documents(1, count, words))
    verbatim = time.process_time() - started
    vocabulary = Vocabulary()
    between(sketches(documents(0, count, words), vocabulary), sketches(documents(1, count, words), vocabulary))
    alike = time.process_time() - started - verbatim
    sample = [text for _, text in documents(0, min(count, int(limits()["nearest"])), words)]
    nearest_distances(sample, (text for _, text in documents(1, count, words)))
    nearest = time.process_time() - started - verbatim - alike
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return verbatim, alike, nearest, peak, sum(o.word_count >= _COPIED for o in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="200,400,800")
    parser.add_argument("--words", type=int, default=1_500, help="of a document")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    table = Table(title="Privacy searches: as many documents against as many")
    for head in (
        "documents",
        "verbatim, s",
        "near-duplicates, s",
        "nearest of a sample, s",
        "peak, MB",
        "copies found",
    ):
        table.add_column(head, justify="right")
    rows = []
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            rows.append(pool.submit(measured, size, arguments.words).result())
        verbatim, alike, nearest, peak, found = rows[-1]
        wanted = len(range(0, size, 100))
        table.add_row(
            f"{size:,}", f"{verbatim:.1f}", f"{alike:.1f}", f"{nearest:.1f}", f"{peak:,.0f}", f"{found} of {wanted}"
        )
    Console(width=120).print(table)
    bounds = limits()["near_duplicates"]
    fingerprints = limits()["verbatim"]["most_fingerprints"]
    signatures = 2 * _WHOLE * (4 * bounds["permutations"] + 8 * bounds["bands"])
    share = 2 / (limits()["verbatim"]["window"] + 1)
    chunks = -(-_WHOLE * arguments.words * share // fingerprints)
    # seconds a document from the two largest sizes: measuring the 200 best candidates costs the same at any size
    verbatim, alike, nearest = (
        max(0.0, rows[-1][n] - rows[-2][n]) / (sizes[-1] - sizes[-2]) * _WHOLE / 60 for n in range(3)
    )
    print(
        f"{_WHOLE:,} x {_WHOLE:,}: signatures {signatures / 1e6:,.0f} MB; fingerprints at most {40 * fingerprints / 1e6:,.0f} MB"
        f" while a chunk is sorted, {chunks:.0f} chunks; CPU minutes, linear in documents and chunks: verbatim"
        f" {verbatim * (1 + chunks) / 2:,.0f}, near-duplicates {alike:,.0f}, nearest {nearest:,.0f}"
    )


if __name__ == "__main__":
    main()
