"""`medsynth show RECORD_ID`: scenario, note and dialogue of one record, side by side."""

import json
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from medsynth_assets.errors import UsageError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.rendering import outline
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.generation_store import Head, heads

_WIDE = 150  # columns from which the three fit side by side


def show(
    record_id: Annotated[str, typer.Argument(help="A record, as in E11.9/003.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Scenario, note and dialogue of one record.

    \b
    Examples:
      medsynth show I10/001
      medsynth show E11.9/003 --json
    """
    slot = Slot.parse(record_id)
    settings = load_settings()
    with warehouse_of(settings).reading() as con:
        found = {stage: head for (record, stage), head in heads(con, [slot.code]).items() if record == slot.record_id}
        if not found:
            known = sorted({record for record, _ in heads(con, [slot.code])})
            there = f"there are {', '.join(known)}" if known else f"make some with: medsynth run --codes {slot.code}"
            raise UsageError(f"no record {slot.record_id}; {there}")
    if as_json:
        print(json.dumps(_as_json(slot, found), indent=2, ensure_ascii=False))
    else:
        _print(slot, found)


def _as_json(slot: Slot, found: dict[Stage, Head]) -> dict[str, Any]:
    record: dict[str, Any] = {"record_id": slot.record_id, "icd_code": slot.code}
    for stage, head in found.items():
        record[stage.product.value] = {
            "artifact_id": head.artifact.artifact_id,
            "engine": head.artifact.engine,
            "model": head.artifact.model,
            "text": head.artifact.text,
            "content": head.artifact.content,
        }
    return record


def _print(slot: Slot, found: dict[Stage, Head]) -> None:
    console = Console(highlight=False)
    panels = []
    side_by_side = console.width >= _WIDE
    width = console.width // 3 - 1 if side_by_side else None
    for stage in Stage:
        head = found.get(stage)
        if head:
            text = head.artifact.text or outline(head.artifact.content)
            title = f"{slot.record_id} {stage.product.value} ({head.artifact.engine}, {head.artifact.model})"
            panels.append(Panel(Text(text), title=Text(title), title_align="left", width=width))
    if side_by_side:
        console.print(Columns(panels, padding=(0, 0)))
    else:
        for panel in panels:
            console.print(panel)
