"""`medsynth verify`: whether stored records, or a release, are still what was made."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from medsynth_assets.errors import UsageError
from medsynth_assets.records.identity import Slot
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.opening import AnyWarehouse

_SHOWN = 20


def verify(
    record_id: Annotated[str, typer.Argument(help="A record, as in E11.9/003.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="The whole warehouse.")] = False,
    release: Annotated[str, typer.Option(help="The directory of a release.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Recompute every hash from what is stored; say the first broken link of each record.

    \b
    Examples:
      medsynth verify E11.9/003
      medsynth verify --all
      medsynth verify --release releases/v1
      medsynth verify E11.9/003 --release releases/v1

    A record of a release comes with its proof of inclusion. Exit code 1 if anything is broken.
    """
    if everything == bool(record_id) and not release:
        raise UsageError("give a record, as in: medsynth verify E11.9/003; or --all, or --release with a directory")
    record = Slot.parse(record_id).record_id if record_id else None
    if release and record:
        told = _one_of_release(Path(release), record)
    elif release:
        told = _release(Path(release), quiet=as_json)
    else:
        told = _warehouse(record, quiet=as_json)
    if as_json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _print(told)
    if not told["holds"]:
        raise typer.Exit(1)


def _file() -> AnyWarehouse:
    settings = load_settings()
    return warehouse_of(settings)


def _warehouse(record_id: str | None, *, quiet: bool) -> dict[str, Any]:
    from medsynth_assets.lineage.verifying import verify as verified

    console = Console(highlight=False, stderr=True, quiet=quiet)
    warehouse = _file()
    with warehouse.reading() as con, console.status("verifying") as status:
        found = verified(con, record_id, lambda what: status.update(f"verifying {what}"), warehouse.beside(con))
    first = found.first_broken()
    if record_id and first:  # whatever is broken, this record rests on it
        first = dict([min(first.items(), key=lambda item: item[1].link)])
    return {
        "holds": found.holds,
        "artifacts": found.artifacts,
        "calls": found.calls,
        "removed_on_purpose": found.removed,
        "broken": [
            {"subject": s or "warehouse", "link": f.link.name.lower(), "says": f.says} for s, f in first.items()
        ],
    }


def _release(directory: Path, *, quiet: bool) -> dict[str, Any]:
    from medsynth_assets.lineage.release_proof import verify_release

    console = Console(highlight=False, stderr=True, quiet=quiet)
    with console.status("verifying the release"):
        found = verify_release(_file(), directory)
    broken = [{"subject": record or "release", "link": "release", "says": says} for record, says in found.faults]
    return {"holds": not broken, "records": found.records, "lineage_root": found.root, "broken": broken}


def _one_of_release(directory: Path, record_id: str) -> dict[str, Any]:
    from medsynth_assets.lineage.release_proof import inclusion, verify_release

    proof = inclusion(directory, record_id)
    faults = verify_release(_file(), directory).faults
    broken = [{"subject": s, "link": "release", "says": says} for s, says in faults if s == record_id]
    if not proof.holds:
        broken.append({"subject": record_id, "link": "release", "says": "its proof does not lead to the root"})
    return {"holds": not broken, "lineage_root": proof.root, "proof": proof.as_json(), "broken": broken}


def _print(told: dict[str, Any]) -> None:
    console = Console(highlight=False)
    for broken in told["broken"][:_SHOWN]:
        console.print(
            f"{broken['subject']}: broken at {broken['link']}: {broken['says']}", markup=False, soft_wrap=True
        )
    if len(told["broken"]) > _SHOWN:
        console.print(f"… and {len(told['broken']) - _SHOWN} more; --json for all of them")
    if "artifacts" in told:
        removed = f"; {told['removed_on_purpose']} bodies removed on purpose" if told["removed_on_purpose"] else ""
        what = f"{told['artifacts']} artifacts and {told['calls']} calls{removed}"
    else:
        what = f"root {told['lineage_root']}" + (f", {told['records']} records" if "records" in told else "")
        what += f", proof of {len(told['proof']['steps'])} steps" if "proof" in told else ""
    console.print(f"{'holds' if told['holds'] else 'broken'}: {what}", markup=False, soft_wrap=True)
