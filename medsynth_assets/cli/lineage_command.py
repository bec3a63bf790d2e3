"""`medsynth lineage`: where a record came from, in the terminal or in a form that others read."""

import datetime as dt
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.trace import Trace, trace
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.lineage_store import Depth

_FORMATS = ("tree", "json", "prov-json", "openlineage", "mermaid", "html")


def lineage(
    record_id: Annotated[str, typer.Argument(help="A record, as in E11.9/003.")],
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Texts, prompts and diffs, too.")] = False,
    at: Annotated[str, typer.Option(help="As it was then: a date or time, UTC.")] = "",
    sentence: Annotated[str, typer.Option(help="Say which artifact introduced this sentence.")] = "",
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(_FORMATS)}.")] = "tree",
) -> None:
    """Where a record came from: reference rows, attempts, drafts, prompts, calls, runs, checks, what it replaced.

    \b
    Examples:
      medsynth lineage E11.9/003
      medsynth lineage E11.9/003 -v --at 2026-11-01
      medsynth lineage E11.9/003 --sentence "Uses a pill box."
      medsynth lineage E11.9/003 --format html > audit.html
    """
    if form not in _FORMATS:
        raise UsageError(f"no format {form!r}; there are {', '.join(_FORMATS)}")
    moment = parse_moment(at)
    depth = Depth.TEXTS if verbose or sentence or form != "tree" else Depth.OUTLINE
    settings = load_settings()
    file = warehouse_of(settings)
    with file.reading() as con:
        found = trace(con, record_id, moment, depth)
        columns = _columns(con) if form == "openlineage" else {}
    console = Console(highlight=False)
    if sentence:
        _print_sentence(console, found, sentence)
    elif form == "tree":
        from medsynth_assets.cli.lineage_tree import print_tree

        print_tree(console, found, verbose=verbose)
    else:
        print(_written(form, found, columns))


def parse_moment(text: str) -> dt.datetime | None:
    """A date means its end, so that what was made on it is in; a time without zone is UTC. Raises UsageError."""
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no moment; wanted something like 2026-11-01 or 2026-11-01T14:30") from error
    if len(text) <= len("2026-11-01"):
        moment += dt.timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for relation, column, kind in con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() where schema_name = 'staging'"
    ).fetchall():
        found.setdefault(relation, {})[column] = kind
    return found


def _written(form: str, found: Trace, columns: dict[str, dict[str, str]]) -> str:
    match form:
        case "json":
            from medsynth_assets.lineage.formats.plain_json import plain_json

            return plain_json(found)
        case "prov-json":
            from medsynth_assets.lineage.formats.prov_json import prov_json

            return prov_json(found)
        case "openlineage":
            from medsynth_assets.lineage.formats.openlineage import openlineage

            return openlineage(found, columns)
        case "mermaid":
            from medsynth_assets.lineage.formats.mermaid import mermaid

            return mermaid(found)
        case _:
            from medsynth_assets.lineage.formats.html_page import html_page

            return html_page(found)


def _print_sentence(console: Console, found: Trace, sentence: str) -> None:
    from medsynth_assets.lineage.texts import introduced

    where = introduced(found, sentence)
    if where is None:
        raise UsageError(f"nothing that {found.record_id} was made from holds this sentence; quote a part of it")
    agents = [recipe.label for t in found.targets(where.node.id, "made_by") if (recipe := found.node(t))]
    console.print(
        f"introduced in {where.node.label}, by {', '.join(agents) or 'the plan'}", markup=False, soft_wrap=True
    )
    if where.parent:
        console.print(f"likest in {where.parent.label}: {where.likest}", markup=False, soft_wrap=True)
