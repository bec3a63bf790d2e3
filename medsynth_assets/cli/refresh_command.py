"""`medsynth refresh`: make what is stale of everything that is wanted, within limits; or only say what and why."""

import re
from typing import Annotated

import typer
from rich.console import Console

from medsynth_assets.cli.run_command import engine_name, preflight
from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings

_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


def refresh(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is stale, why, and what it will cost.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run: a JSON line per slot and stage.")] = False,
    budget_usd: Annotated[float, typer.Option(min=0, help="Most US dollars to spend.")] = 0,
    budget_tokens: Annotated[int, typer.Option(min=0, help="Most tokens to take.")] = 0,
    max_records: Annotated[int, typer.Option(min=0, help="Most slots to make.")] = 0,
    until: Annotated[str, typer.Option(help="Begin nothing after this local time, as 06:00.")] = "",
    engine: Annotated[str, typer.Option(help="offline or openai; default from the settings.")] = "",
) -> None:
    """Make again exactly what is stale of the top codes, most prevalent first.

    \b
    Examples:
      medsynth refresh --dry-run
      medsynth refresh --budget-usd 5 --until 06:00

    Failed slots wait for their backoff. Limits left out come from the settings (MEDSYNTH_REFRESH_...); what does not
    fit stays planned. Exit code 1 if a slot went to quarantine.
    """
    settings = load_settings()
    if until and not _CLOCK.match(until):
        raise UsageError(f"--until is {until!r}; wanted a time of day as 06:00")
    if as_json and not dry_run:
        raise UsageError("--json goes with --dry-run")
    name = engine_name(engine or settings.engine)

    from medsynth_assets.cli.plan_tables import print_idle, print_lines, print_outlook
    from medsynth_assets.refresh.limits import demand_prices, limits_of
    from medsynth_assets.refresh.marking import mark_kept
    from medsynth_assets.refresh.outlook import look_ahead, reference_is_current
    from medsynth_assets.warehouse.choosing import warehouse_of

    limits = limits_of(settings, budget_usd, budget_tokens, max_records, until)
    demand_prices(settings, name, limits)
    console = Console(highlight=False)
    if dry_run:
        outlook = look_ahead(settings, name, limits)
        if as_json:
            print_lines(outlook)
        else:
            print_outlook(console, outlook)
            if not reference_is_current(settings):
                console.print("The prevalence table of the settings is not loaded yet; a refresh loads it first.")
        return
    if reference_is_current(settings):
        outlook = look_ahead(settings, name, limits)
        if outlook.is_idle:
            mark_kept(warehouse_of(settings), outlook.plan)
            print_idle(console, outlook)
            return
    preflight(name, settings)

    from medsynth_assets.cli.pipeline import Pipeline  # Dagster: seconds to import, only needed from here on

    pipeline = Pipeline(settings, engine=name, per_code=0, seed=None, force=False)
    pipeline.refresh(limits)
    if pipeline.quarantined:
        raise typer.Exit(1)
