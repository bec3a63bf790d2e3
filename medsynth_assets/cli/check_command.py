"""`medsynth check`: the pair checks on a file of anyone's notes and dialogues."""

import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from medsynth_assets.errors import UsageError
from medsynth_assets.quality.pair_files import BadRow, Row, read_pairs
from medsynth_assets.quality.report import pair_page
from medsynth_assets.quality.results import checked
from medsynth_assets.quality.workers import workers as pool_of

_IN_FLIGHT = 256  # rows given to workers ahead of their results: what bounds memory
_WORTH_WORKERS = 20  # rows; below it starting processes costs more than it saves


def check(
    pairs: Annotated[Path, typer.Argument(help="Pairs: .jsonl, .csv or .parquet with id, note, dialogue[, icd10].")],
    out: Annotated[Path | None, typer.Option(help="Results, a JSON line a pair; standard output without it.")] = None,
    html: Annotated[Path | None, typer.Option(help="A page of the pairs, facts coloured by said or not.")] = None,
    html_pairs: Annotated[int, typer.Option(min=1, help="Most pairs on that page.")] = 200,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
) -> None:
    """Check notes and dialogues: coverage, contradictions, support, SOAP sections, form. Nothing leaves this machine.

    \b
    Examples:
      medsynth check pairs.jsonl --out results.jsonl
      medsynth check MedSynth.csv --out results.jsonl --html report.html
      medsynth check notes.parquet | jq -c '.uncovered[].text'

    A line that cannot be read is told with its number and left out; the exit code is then 1.
    """
    console = Console(stderr=True)
    bad = shown = total = low = 0
    with ExitStack() as stack:
        results = stack.enter_context(out.open("w", encoding="utf-8")) if out else sys.stdout
        page = stack.enter_context(html.open("w", encoding="utf-8")) if html else None
        if page:
            pair_page.begin(page, f"Checks of {pairs.name}")
        progress = stack.enter_context(_progress(console, disable=not (out and console.is_terminal)))
        task = progress.add_task(pairs.name, total=None)
        for row, result in _checked(read_pairs(pairs), workers):
            if isinstance(row, BadRow):
                bad += 1
                console.print(f"line {row.number}: {row.reason}", markup=False, highlight=False)
                continue
            total += 1
            low += result.get("coverage", 1.0) < 0.8
            _write(results, result)
            if page and shown < html_pairs:
                shown += 1
                pair_page.add(page, shown, result, row.note or "", row.dialogue or "")
            progress.advance(task)
        if page:
            pair_page.end(page, shown, total)
    if total == 0 and bad == 0:
        raise UsageError(f"{pairs.name} has no rows")
    console.print(f"{total:,} checked, {low:,} below a coverage of 0.8, {bad:,} lines not read", highlight=False)
    raise typer.Exit(1 if bad else 0)


def _write(results: TextIO, result: dict[str, Any]) -> None:
    results.write(json.dumps({k: v for k, v in result.items() if k != "covered"}, ensure_ascii=False) + "\n")


def _checked(rows: Iterable[Row | BadRow], workers: int) -> Iterator[tuple[Row | BadRow, dict[str, Any]]]:
    """Each row with its result, in order. Few rows are checked here, many in processes, a bounded number at a time."""
    stream = iter(rows)
    first = list(islice(stream, _WORTH_WORKERS))
    pool = pool_of(workers) if len(first) == _WORTH_WORKERS else None
    if pool is None:
        for row in chain(first, stream):
            yield row, {} if isinstance(row, BadRow) else _check(row)
        return
    waiting: deque[tuple[Row | BadRow, Future[dict[str, Any]] | None]] = deque()
    for row in chain(first, stream):
        waiting.append((row, None if isinstance(row, BadRow) else pool.submit(_check, row)))
        if len(waiting) >= _IN_FLIGHT:
            yield _done(*waiting.popleft())
    while waiting:
        yield _done(*waiting.popleft())


def _done(row: Row | BadRow, future: "Future[dict[str, Any]] | None") -> tuple[Row | BadRow, dict[str, Any]]:
    return row, future.result() if future else {}


def _check(row: Row) -> dict[str, Any]:
    return checked(row.id, row.note, row.dialogue, row.icd10)


def _progress(console: Console, disable: bool) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=disable, transient=True)
