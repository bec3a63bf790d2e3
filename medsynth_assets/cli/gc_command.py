"""`medsynth gc`: superseded texts go, their hashes stay."""

from typing import Annotated

import typer
from rich.console import Console

from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of


def gc(
    keep: Annotated[int, typer.Option(min=0, help="Superseded products to keep, a slot and stage.")],
    older_than_days: Annotated[int, typer.Option(min=0, help="Only what was made so many days ago.")] = 0,
) -> None:
    """Remove the bodies of superseded artifacts and of the calls that brought them.

    \b
    Examples:
      medsynth gc --keep 1
      medsynth gc --keep 0 --older-than-days 90

    What stands, and everything it was made from, stays. Of what goes the hashes stay, and verify says so.
    """
    from medsynth_assets.lineage.retention import collect

    settings = load_settings()
    console = Console(highlight=False)
    with console.status("looking for what was superseded") as status:
        removed = collect(
            warehouse_of(settings), keep, older_than_days,
            lambda done, of: status.update(f"{done} of {of} records"),
        )  # fmt: skip
    console.print(
        f"removed the bodies of {removed.artifacts} artifacts and {removed.calls} calls, {removed.characters:,} characters;"
        " their hashes stay",
        soft_wrap=True,
    )
