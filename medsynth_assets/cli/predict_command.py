"""`medsynth predict`: a model endpoint asked for the predictions of a release's split."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from medsynth_assets.cli.evaluate_command import parse_task
from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings

if TYPE_CHECKING:
    from medsynth_assets.evaluation.tasks.predicting import Predicted

_SHOWN_FAILURES = 8


def predict(
    task: Annotated[str, typer.Option(help="dial2note or note2dial.")],
    release: Annotated[Path, typer.Option(help="A release's folder, or a file of id, note, dialogue.")],
    model: Annotated[str, typer.Option(help="The model's name at the endpoint.")],
    out: Annotated[Path, typer.Option(help="Predictions, a .csv; what is in it is not asked again.")],
    split: Annotated[str, typer.Option(help="Of a release: which records are asked about.")] = "test",
    base_url: Annotated[str | None, typer.Option(help="The endpoint; OPENAI_BASE_URL without it.")] = None,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="0 takes the likeliest words.")] = 0.0,
    max_output_tokens: Annotated[int, typer.Option(min=256, help="Longest answer.")] = 8000,
    system_prompt: Annotated[
        Path | None, typer.Option(help="A file: what the model is told first; else the release's.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Only the first so many records; 0 for all.")] = 0,
) -> None:
    """Ask an OpenAI-compatible endpoint for notes of dialogues, or dialogues of notes.

    \b
    Examples:
      medsynth predict --task dial2note --release releases/v1 --model gpt-4o
          --out preds.csv
      medsynth predict --task note2dial --release releases/v1 --model my-lora
          --base-url http://127.0.0.1:8000/v1 --out preds.csv

    Run it again to go on: rows in the file are kept, and no answer is paid for twice. Exit code 1 if a record failed; to
    ask it anew, change the question: limit, temperature or system prompt.
    """
    from medsynth_assets.evaluation.tasks.predicting import Model, settings_for
    from medsynth_assets.evaluation.tasks.predicting import predict as predicted
    from medsynth_assets.evaluation.tasks.prediction_file import PredictionFile
    from medsynth_assets.evaluation.tasks.references import read_references
    from medsynth_assets.evaluation.tasks.task import system_prompt as prompt_of

    asked = parse_task(task)
    if out.suffix != ".csv":
        raise UsageError(f"{out.name} is no .csv; predictions are a CSV with id and {asked.column}")
    chosen = Model(model, temperature, max_output_tokens, prompt_of(asked, system_prompt, release))
    settings = settings_for(load_settings(), asked, chosen, base_url)
    references = list(read_references(release, split).pairs.values())[: limit or None]
    file = PredictionFile(out, asked)
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        there = sum(reference.id in file.texts for reference in references)
        bar = progress.add_task(model, total=len(references), completed=there)
        done = asyncio.run(
            predicted(
                asked, references, chosen, file, settings, out.with_suffix(".calls.sqlite"),
                watch=lambda: progress.advance(bar),
            )
        )  # fmt: skip
    _tell(console, done, out)
    raise typer.Exit(1 if done.failed else 0)


def _tell(console: Console, done: "Predicted", out: Path) -> None:
    for record_id, why in list(done.failed.items())[:_SHOWN_FAILURES]:
        console.print(f"{record_id}: {why}", markup=False, soft_wrap=True)
    reasons = Counter(why.partition(":")[0] for why in done.failed.values())
    failed = f" ({', '.join(f'{reason} {count}' for reason, count in reasons.most_common())})" if reasons else ""
    console.print(
        f"{out}: {done.before:,} were there, {done.answered:,} answered, {len(done.failed):,} failed{failed};"
        f" {done.calls:,} calls, {done.input_tokens:,} tokens in, {done.output_tokens:,} out, ${done.cost_usd:,.4f}",
        markup=False,
        soft_wrap=True,
    )
