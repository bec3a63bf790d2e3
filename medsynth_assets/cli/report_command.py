"""`medsynth report`: how good the dataset is, as one HTML file and its numbers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of

_CORPUS = "pairs as .jsonl, .csv or .parquet with id, note, dialogue[, icd10]"


def report(
    reference: Annotated[Path | None, typer.Option(help=f"Real {_CORPUS}: every figure beside theirs.")] = None,
    sensitive: Annotated[
        Path | None, typer.Option(help="Pairs that no record may repeat; searched for copies.")
    ] = None,
    holdout: Annotated[Path | None, typer.Option(help="Pairs like the sensitive ones that no model saw.")] = None,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="Coverage of meanings, too; wants the extra `embeddings`.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="The page; beside the warehouse without it.", dir_okay=False)] = None,
    numbers: Annotated[Path | None, typer.Option(help="The figures as Parquet; beside the page without it.")] = None,
) -> None:
    """Write the quality report: realism, diversity, fidelity, privacy, utility, cost, strategies. Nothing leaves this machine.

    \b
    Examples:
      medsynth report
      medsynth report --reference real.jsonl --out report.html
      medsynth report --sensitive seen.jsonl --holdout unseen.jsonl
    """
    from medsynth_assets.evaluation.page import shown_headlines  # numpy and others: too slow for every command
    from medsynth_assets.evaluation.report import Inputs, make_report

    settings = load_settings()
    page = out or settings.report_folder / "quality_report.html"
    console = Console(stderr=True)
    with console.status("reading") as status:
        made = make_report(
            warehouse_of(settings),
            Inputs(reference, sensitive, holdout, embeddings),
            page,
            numbers or page.with_suffix(".parquet"),
            tell=lambda step: status.update(str(step)),
        )
    for line in shown_headlines(made.figures):
        print(line)
    print(f"{made.html}\n{made.numbers}")
