"""`medsynth batches`: what engine openai-batch has out at the provider; landing and cancelling it."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medsynth_assets.engines.batches import Batches
from medsynth_assets.engines.parking import Batch
from medsynth_assets.engines.stores import parking_of
from medsynth_assets.errors import UsageError
from medsynth_assets.settings import Settings, load_settings

batches = typer.Typer(help="Batches of engine openai-batch: half price, within a day.", no_args_is_help=True)

_UNFINISHED = ("submitting", "interrupted", "open", "ended")


@batches.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Those that have landed, too.")] = False,
) -> None:
    """Batches that are out, as last heard of; the provider is not asked.

    \b
    Examples:
      medsynth batches list
      medsynth batches list --all --json
    """
    found, waiting = _known(load_settings(), *(() if every else _UNFINISHED))
    if as_json:
        print(json.dumps({"waiting_requests": waiting, "batches": [one._asdict() for one in found]}, indent=2))
    else:
        _print(Console(highlight=False), found, waiting)


@batches.command()
def cancel(
    batch: Annotated[str, typer.Argument(help="A batch's id; without one, all that are out and what waits.")] = "",
) -> None:
    """Stop batches; what was answered by then is paid for, and kept when it lands. A later run asks for the rest again.

    \b
    Examples:
      medsynth batches cancel batch_abc123
      medsynth batches cancel
    """
    settings = load_settings()
    found, _ = _known(settings, "open")
    wanted = [one for one in found if batch in ("", one.batch_id)]
    if batch and not wanted:
        raise UsageError(f"no open batch {batch}; see: medsynth batches list")
    dropped = asyncio.run(_cancel(settings, wanted, drop_waiting=not batch))
    print(f"{len(wanted)} batches are being cancelled, {dropped} waiting requests dropped")


async def _cancel(settings: Settings, wanted: list[Batch], *, drop_waiting: bool) -> int:
    out = Batches(settings)
    try:
        for one in wanted:
            await out.cancel(one)
        return out.parking.drop_waiting() if drop_waiting and Batches.are_known(settings) else 0
    finally:
        await out.close()


def print_batches(console: Console, settings: Settings) -> None:
    """After a run: what is out, and what to do next."""
    found, waiting = _known(settings, *_UNFINISHED)
    if not found and not waiting:
        return
    _print(console, found, waiting)
    console.print(
        "Run the same again once they have ended, or leave it to openai_batches_sensor (make ui, Automation).",
        highlight=False,
    )


def _known(settings: Settings, *states: str) -> tuple[list[Batch], int]:
    if not Batches.are_known(settings):
        return [], 0
    parking = parking_of(settings)
    try:
        return parking.batches(*states), parking.waiting_count()
    finally:
        parking.close()


def _print(console: Console, found: list[Batch], waiting: int) -> None:
    table = Table(title=f"{len(found)} batches; {waiting} requests wait", title_justify="left", pad_edge=False)
    for title in ("batch", "state", "requests", "model", "told"):
        table.add_column(title, overflow="fold")
    for one in found:
        state = f"{one.state} ({one.provider_status})" if one.provider_status else one.state
        cells = (one.batch_id or one.submission_id, state, str(one.request_count), one.model, one.told)
        table.add_row(*map(Text, cells))
    console.print(table)
