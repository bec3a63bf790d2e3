"""`medsynth sql`: one read-only query to the warehouse."""

import json
import sys
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of

_SHOWN_ROWS = 200


def sql(
    query: Annotated[
        str, typer.Argument(help="A query; everything is in schemas reference, generation, quality, marts.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
) -> None:
    """Ask the warehouse a question; it can only be read from here.

    \b
    Examples:
      medsynth sql "from marts.coverage limit 10"
      medsynth sql "select icd_code, count(*) from marts.pairs group by all"
      medsynth sql --json "select record_id, note from marts.pairs" > notes.jsonl
    """
    warehouse = warehouse_of(load_settings())
    with warehouse.reading() as con:
        warehouse.shut_in(con)
        try:
            result = con.execute(query)
            names = [column[0] for column in result.description or []]
            rows = result.fetchall()
        except duckdb.Error as error:
            raise UsageError(f"DuckDB: {str(error).splitlines()[0]}") from error
    if as_json:
        for row in rows:
            print(json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False))
        return
    table = Table(pad_edge=False)
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in rows[:_SHOWN_ROWS]:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    Console(highlight=False).print(table)
    if len(rows) > _SHOWN_ROWS:
        print(f"{_SHOWN_ROWS} of {len(rows)} rows shown; add a limit, or --json for all of them", file=sys.stderr)
