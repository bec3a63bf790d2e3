"""`medsynth data-docs`: Great Expectations' pages of the suites and their verdicts."""

from pathlib import Path
from typing import Annotated

import typer

from medsynth_assets.checks.data_docs import build_data_docs
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of


def data_docs(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the pages; beside the warehouse without it.", file_okay=False)
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Most records of each stage.")] = 1_000,
) -> None:
    """Build Data Docs: each suite with its reasons, what passed, what failed and on which values.

    \b
    Examples:
      medsynth data-docs
      medsynth data-docs --out docs-of-today --most 200
    """
    settings = load_settings()
    index = build_data_docs(warehouse_of(settings), out or settings.data_docs_folder, most)
    print(index)
