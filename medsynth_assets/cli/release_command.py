"""`medsynth release`: make a release, list releases, tell what changed between two."""

import json
import uuid
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from medsynth_assets.cli.run_command import parse_codes
from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.opening import AnyWarehouse

if TYPE_CHECKING:
    from medsynth_assets.release.comparing import Comparison
    from medsynth_assets.release.making import Released

_SHOWN_CHANGES = 50

release = typer.Typer(no_args_is_help=False, add_completion=False, rich_markup_mode=None)


@release.callback(invoke_without_command=True)
def make(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Directory to write; it must not be there yet.")] = None,
    name: Annotated[str, typer.Option(help="Name of the release; the directory's without it.")] = "",
    codes: Annotated[str, typer.Option(help="Only these codes, comma-separated: E11.9,I10")] = "",
    hold_out: Annotated[str, typer.Option(help="Codes that go into the test split whole.")] = "",
    system_prompt: Annotated[
        list[str] | None, typer.Option(help="dial2note=FILE, note2dial=FILE, or a FILE of that name.")
    ] = None,
) -> None:
    """Publish the pairs that pass the gate now: splits, Parquet and JSON lines, chat views, card, Croissant, manifest.

    \b
    Examples:
      medsynth release --out releases/v1
      medsynth release --out releases/v2 --hold-out J45.909,I10
      medsynth release diff releases/v1 releases/v2
      medsynth release list

    A release is never changed. Exit code 1 where there is nothing to release.
    """
    if context.invoked_subcommand:
        if out or name or codes or hold_out or system_prompt:
            raise UsageError(
                f"options for making a release do not go with: medsynth release {context.invoked_subcommand}"
            )
        return
    if out is None:
        raise UsageError("give --out with a directory, as in: medsynth release --out releases/v1; or use diff or list")

    from medsynth_assets.release.choosing import NothingToRelease
    from medsynth_assets.release.making import Order, make_release

    order = Order(
        out, name, tuple(parse_codes(codes)), tuple(parse_codes(hold_out)), _prompt_files(system_prompt or [])
    )
    console = Console(highlight=False)
    try:
        with _progress(console) as progress:
            task = progress.add_task("reading the warehouse", total=None)

            def watch(what: str, done: int, of: int) -> None:
                progress.update(task, description=what, completed=done, total=of)

            made = make_release(_file(), order, str(uuid.uuid4()), watch)
    except NothingToRelease as error:
        Console(stderr=True, highlight=False).print(f"medsynth: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    _tell(console, out, made)


@release.command("list")
def list_releases(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """The releases made of this warehouse.

    \b
    Examples:
      medsynth release list
      medsynth release list --json
    """
    from medsynth_assets.warehouse.release_store import releases

    file = _file()
    found = []
    if file.exists:
        with file.reading() as con:
            found = releases(con)
    if as_json:
        print(json.dumps([made._asdict() for made in found], indent=2, default=str, ensure_ascii=False))
        return
    if not found:
        print("no release yet; make one with: medsynth release --out releases/v1")
        return
    table = Table(pad_edge=False)
    for title in ("name", "released", "pairs", "id", "root", "written to"):
        table.add_column(title, justify="right" if title == "pairs" else "left", overflow="fold")
    for made in found:
        table.add_row(
            Text(made.name), f"{made.released_at:%Y-%m-%d %H:%M}", f"{made.record_count:,}", made.release_id[:8],
            made.lineage_root[:12], Text(made.directory),
        )  # fmt: skip
    Console(highlight=False).print(table)


@release.command("diff")
def diff(
    older: Annotated[str, typer.Argument(help="A release: its directory, or its name or id from the list.")],
    newer: Annotated[str, typer.Argument(help="The release to compare it with.")],
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """What was added, changed and withdrawn from one release to the other, and why.

    \b
    Examples:
      medsynth release diff releases/v1 releases/v2
      medsynth release diff v1 v2 --format json > changes.json
    """
    if form not in ("table", "json"):
        raise UsageError(f"no format {form!r}; there are table and json")

    from medsynth_assets.release.comparing import compare

    found = compare(_file(), older, newer)
    if form == "json":
        _print_json(found)
    else:
        _print_changes(Console(highlight=False), found)


def _print_json(found: "Comparison") -> None:
    """One object; a change a line, as there may be a million."""
    head = {
        side: {"release_id": one.release_id, "name": one.name, "released_at": one.released_at.isoformat()}
        for side, one in (("from", found.older), ("to", found.newer))
    }
    print(json.dumps({**head, "counts": found.counts}, indent=1, ensure_ascii=False)[:-2] + ',\n "changes": [')
    between = ""
    for change in found.changes():
        print(between + "  " + json.dumps(change._asdict(), ensure_ascii=False), end="")
        between = ",\n"
    print("\n ]\n}")


def _print_changes(console: Console, found: "Comparison") -> None:
    told = ", ".join(f"{count:,} {sort.value}" for sort, count in found.counts.items())
    console.print(f"{found.older.name} to {found.newer.name}: {told}", markup=False, soft_wrap=True)
    table = Table(pad_edge=False)
    for title in ("record", "what", "why"):
        table.add_column(title, overflow="fold", no_wrap=title != "why")
    for change in islice(found.changes(), _SHOWN_CHANGES):
        table.add_row(change.record_id, change.sort.value, Text(change.why))
    total = sum(found.counts.values())
    if total:
        console.print(table)
    if total > _SHOWN_CHANGES:
        console.print(f"… and {total - _SHOWN_CHANGES:,} more; --format json for all of them")


def _file() -> AnyWarehouse:
    settings = load_settings()
    return warehouse_of(settings)


def _prompt_files(given: list[str]) -> dict[str, Path]:
    """`dial2note=my.md`, or a file that is called like its task, `my/dial2note.md`. Raises UsageError."""
    found: dict[str, Path] = {}
    for text in given:
        task, equals, path = text.partition("=")
        file = Path(path if equals else text)
        found[task if equals else file.stem] = file
    return found


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<36}"), BarColumn(bar_width=18), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _tell(console: Console, out: Path, made: "Released") -> None:
    """What was written, and what to run next."""
    manifest = made.manifest
    told = f"{manifest.name}: {manifest.record_count:,} pairs of {manifest.code_count:,} codes in {out}"
    console.print(told, markup=False, soft_wrap=True)
    table = Table(pad_edge=False)
    for title in ("split", "pairs", "codes"):
        table.add_column(title, justify="left" if title == "split" else "right")
    for name, split in manifest.splits.items():
        table.add_row(name, f"{split.record_count:,}", f"{split.code_count:,}")
    console.print(table)
    written = sum(file.bytes for file in manifest.files) / 1e6
    console.print(
        f"{len(manifest.files) + 1} files, {written:,.1f} MB; lineage root {manifest.lineage_root}", soft_wrap=True
    )
    if made.was_there:
        console.print("It had been written whole by a process that was stopped; it is recorded now.")
    left_out = {"withdrawn": manifest.withheld.withdrawn, "of codes not in force": manifest.withheld.retired}
    for why, count in left_out.items():
        if count:
            console.print(f"Left out: {count:,} pairs {why}.")
    console.print("\nNext:")
    for command, does in (
        (f"medsynth verify --release {out}", "the release against the warehouse"),
        (f"medsynth release diff OTHER {out}", "what changed, and why"),
        (f'datasets.load_dataset("{out}", "dial2note")', "train on it"),
    ):
        console.print(f"  {command:<44} {does}", markup=False, soft_wrap=True)
