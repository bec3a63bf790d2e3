"""`medsynth snapshot`: a copy of the warehouse to hold open."""

from pathlib import Path
from typing import Annotated

import typer

from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.snapshot import take_snapshot


def snapshot(
    out: Annotated[Path | None, typer.Option(help="The file; beside the warehouse without it.", dir_okay=False)] = None,
) -> None:
    """Copy the warehouse, as it stands between two transactions, into a file that may be held open all day.

    \b
    Examples:
      medsynth snapshot --out friday.duckdb
      duckdb -readonly friday.duckdb

    Who has an earlier snapshot of that name open goes on reading that one.
    """
    settings = load_settings()
    taken = take_snapshot(warehouse_of(settings), out or settings.snapshot_file)
    print(
        f"{taken.path}: {taken.size_bytes / 1e6:.1f} MB up to batch {taken.batch_id};"
        f" the warehouse was held for {1000 * taken.held_s:.0f} ms"
    )
