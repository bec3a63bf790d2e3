"""`medsynth evaluate`: predictions of a task against the references of a release."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from medsynth_assets.errors import UsageError

if TYPE_CHECKING:
    from medsynth_assets.evaluation.tasks.evaluating import Evaluation, Figure
    from medsynth_assets.evaluation.tasks.predictions import Matched
    from medsynth_assets.evaluation.tasks.task import Task

_SHOWN_IDS = 8


def evaluate(
    task: Annotated[str, typer.Option(help="dial2note or note2dial.")],
    predictions: Annotated[Path, typer.Option(help="CSV with id and generated_note or generated_dialogue.")],
    references: Annotated[Path, typer.Option(help="A release's folder, or a file of id, note, dialogue.")],
    split: Annotated[str, typer.Option(help="Of a release: which records are asked about.")] = "test",
    out: Annotated[Path | None, typer.Option(help="The figures: .json or .csv.")] = None,
    records: Annotated[Path | None, typer.Option(help="Scores of each record: .parquet or .csv.")] = None,
    stemmer: Annotated[bool, typer.Option("--stemmer", help="ROUGE with Porter's stemmer.")] = False,
    wordnet: Annotated[Path | None, typer.Option(help="A folder of WordNet's files, for METEOR's synonyms.")] = None,
    bertscore: Annotated[Path | None, typer.Option(help="Folder of a model, for BERTScore.")] = None,
    bertscore_layer: Annotated[int | None, typer.Option(min=1, help="Its layer; the last but one without it.")] = None,
) -> None:
    """Score predictions: BLEU, ROUGE and METEOR by the field's packages; facts, support and SOAP by this project's checks.

    \b
    Examples:
      medsynth evaluate --task dial2note --predictions preds.csv
          --references releases/v1
      medsynth evaluate --task note2dial --predictions preds.csv
          --references pairs.jsonl --out scores.json

    Ids that are missing, unknown or there twice are told; the exit code is then 1.
    """
    from medsynth_assets.evaluation.tasks.bertscore import Bert
    from medsynth_assets.evaluation.tasks.evaluating import evaluate as evaluated
    from medsynth_assets.evaluation.tasks.overlap import Ways
    from medsynth_assets.evaluation.tasks.predictions import matched, read_predictions
    from medsynth_assets.evaluation.tasks.references import read_references
    from medsynth_assets.evaluation.tasks.task import Task

    asked = parse_task(task)
    _demand(out, (".json", ".csv"))
    _demand(records, (".parquet", ".csv"))
    if wordnet and not (wordnet / "data.noun").is_file():
        raise UsageError(f"no WordNet at {wordnet}; wanted the folder with data.noun and index.noun")
    bert = Bert.of(bertscore, bertscore_layer) if bertscore else None
    known = read_references(references, split)
    found = matched(read_predictions(predictions, asked), known.pairs)
    if not found.pairs:
        raise UsageError(
            f"none of the {len(found.unknown):,} ids of {predictions.name} is among the {len(known.pairs):,} references"
            f"; theirs are like {next(iter(known.pairs))!r}"
        )
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        bar = progress.add_task("scoring", total=len(found.pairs))
        ways = Ways(stemmer, str(wordnet) if wordnet else None)
        evaluation = evaluated(asked, found.pairs, ways, bert=bert, watch=lambda: progress.advance(bar))
    console.print(_table(asked, evaluation, len(found.pairs)))
    for name, said in evaluation.how.items():
        console.print(f"{name}: {said}", markup=False)
    if out:
        _write_figures(out, asked, evaluation, found)
    if records:
        _write_records(records, evaluation)
    whole = _tell(errors, found, known.bad, Task(asked))
    raise typer.Exit(0 if whole else 1)


def parse_task(name: str) -> "Task":
    """Raises UsageError for a task that there is not."""
    from medsynth_assets.evaluation.tasks.task import Task

    if name not in list(Task):
        raise UsageError(f"no task {name!r}; there are {' and '.join(Task)}")
    return Task(name)


def _table(task: "Task", evaluation: "Evaluation", count: int) -> Table:
    from medsynth_assets.evaluation.tasks.grounding import MEASURES

    own = MEASURES[task]
    table = Table(title=f"{task}, {count:,} records", title_justify="left", caption_justify="left")
    table.add_column("score")
    for name in ("value", "95% interval", "reference"):
        table.add_column(name, justify="right")
    for name, figure in evaluation.figures.items():
        if name == next(iter(own)):
            table.add_section()
        told = f"{evaluation.reference[name]:.4f}" if name in evaluation.reference else ""
        table.add_row(name, f"{figure.value:.4f}", _interval(figure), told)
    return table


def _interval(figure: "Figure") -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.4f} to {figure.high:.4f}"


def _tell(errors: Console, found: "Matched", bad: list[str], task: "Task") -> bool:
    """Say what was not as it should be. True where nothing was that makes the figures less than they seem."""
    told: dict[str, tuple[str, list[str]]] = {
        "missing": ("references without a prediction, left out of the figures", found.missing),
        "unknown": ("predictions without a reference, left out", found.unknown),
        "duplicate": ("predictions of an id that was there before, left out", found.duplicate),
        "empty": (f"predictions with no {task.column}, counted as they are", found.empty),
        "unread": ("references not read", bad),
    }
    for name, (said, ids) in told.items():
        if ids:
            more = f" and {len(ids) - _SHOWN_IDS:,} more" if len(ids) > _SHOWN_IDS else ""
            listed = ", ".join(ids[:_SHOWN_IDS])
            errors.print(f"{name}: {len(ids):,} {said}: {listed}{more}", markup=False, soft_wrap=True)
    return found.is_whole and not bad


def _write_figures(path: Path, task: "Task", evaluation: "Evaluation", found: "Matched") -> None:
    from medsynth_assets.evaluation.tasks.evaluating import as_mapping

    if path.suffix == ".json":
        counts = {"records": len(found.pairs)} | {
            name: len(getattr(found, name)) for name in ("missing", "unknown", "duplicate", "empty")
        }
        body = {"task": task.value, "counts": counts, **as_mapping(evaluation)}
        _written(path, lambda: path.write_text(json.dumps(body, indent=2) + "\n", "utf-8"))
        return
    import polars as pl

    rows = [{"score": name, **figure._asdict()} for name, figure in evaluation.figures.items()]
    _written(path, lambda: pl.DataFrame(rows, infer_schema_length=None).write_csv(path))


def _write_records(path: Path, evaluation: "Evaluation") -> None:
    import polars as pl

    frame = pl.DataFrame(
        [{"id": name, **{k: float(v) for k, v in row.items()}} for name, row in evaluation.scores.items()]
    )
    _written(path, lambda: frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path))


def _written(path: Path, write: Callable[[], Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _demand(path: Path | None, kinds: tuple[str, ...]) -> None:
    if path and path.suffix not in kinds:
        raise UsageError(f"{path.name} is none of {', '.join(kinds)}")
