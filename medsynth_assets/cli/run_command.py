"""`medsynth run`: bring codes up to date through the same Dagster assets and instance as the UI."""

import asyncio
import re
from typing import Annotated

import typer

from medsynth_assets.errors import UsageError
from medsynth_assets.settings import Settings, load_settings

_CODE = re.compile(r"^[A-Z][0-9A][0-9A-Z](\.?[0-9A-Z]{1,4})?$")


def run(
    codes: Annotated[str, typer.Option(help="Codes to make, comma-separated: E11.9,I10")] = "",
    top: Annotated[int, typer.Option(min=0, help="The N most prevalent codes.")] = 0,
    chapter: Annotated[int, typer.Option(min=0, max=22, help="The top codes of one ICD-10-CM chapter, 1 to 22.")] = 0,
    per_code: Annotated[int, typer.Option(min=0, max=999, help="Records per code; default from the settings.")] = 0,
    engine: Annotated[str, typer.Option(help="offline, openai or openai-batch; default from the settings.")] = "",
    seed: Annotated[int | None, typer.Option(help="Seed; default from the settings.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make again what is current, too.")] = False,
    example: Annotated[bool, typer.Option("--example/--no-example", help="Show one pair at the end.")] = False,
) -> None:
    """Make scenarios, notes and dialogues; what is current already is kept.

    \b
    Examples:
      medsynth run --top 20
      medsynth run --codes E11.9,I10 --per-code 10
      medsynth run --chapter 9 --engine openai

    Without --codes, --top or --chapter: all top codes (MEDSYNTH_TOP_CODES). Exit code 1 if a slot went to quarantine.
    """
    if sum(map(bool, (codes, top, chapter))) > 1:
        raise UsageError("--codes, --top and --chapter exclude each other; give one of them")
    settings = load_settings()
    wanted = parse_codes(codes)
    name = engine_name(engine or settings.engine)
    preflight(name, settings)

    from medsynth_assets.cli.pipeline import Pipeline  # Dagster: seconds to import, only needed from here on

    pipeline = Pipeline(settings, engine=name, per_code=per_code, seed=seed, force=force)
    pipeline.bring_up_to_date(codes=wanted, top=top, chapter=chapter, example=example)
    if pipeline.quarantined:
        raise typer.Exit(1)


def parse_codes(text: str) -> list[str]:
    """`e119, I10` as `[E11.9, I10]`. Raises UsageError for what cannot be a code."""
    found = []
    for raw in filter(None, (part.strip() for part in text.split(","))):
        code = raw.upper()
        if not _CODE.match(code):
            raise UsageError(f"{raw!r} is not an ICD-10-CM code; wanted something like E11.9 or S52.501A")
        bare = code.replace(".", "")
        found.append(f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare)
    if text.strip() and not found:
        raise UsageError("--codes is empty; wanted codes like E11.9,I10")
    return list(dict.fromkeys(found))


def engine_name(name: str) -> str:
    """Raises UsageError where there is no such engine."""
    from medsynth_assets.engines.choosing import ENGINES

    if name not in ENGINES:
        raise UsageError(f"no engine {name!r}; there are {', '.join(ENGINES)}")
    return name


def preflight(name: str, settings: Settings) -> None:
    """Say what is missing before any work starts."""
    asyncio.run(_preflight(name, settings))


async def _preflight(name: str, settings: Settings) -> None:
    from medsynth_assets.engines.choosing import engine_for

    engine = engine_for(name, settings)
    try:
        await engine.preflight()
    finally:
        await engine.close()
