"""`medsynth status`: what the warehouse holds. Reads the warehouse only, so it answers while runs are under way."""

import json
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from medsynth_assets.engines.choosing import name_on_record
from medsynth_assets.settings import Settings, load_settings
from medsynth_assets.warehouse.choosing import warehouse_of

_COUNTS = {
    "codes_with_records": "select count(distinct icd_code) from generation.current_heads",
    "scenarios": "select count(*) from generation.current_heads where stage = 'scenarios'",
    "notes": "select count(*) from generation.current_heads where stage = 'notes'",
    "dialogues": "select count(*) from generation.current_heads where stage = 'dialogues'",
    "quarantined": "select count(*) from generation.current_quarantine",
    "calls": "select count(*) from generation.calls",
    "tokens": "select coalesce(sum(input_tokens + output_tokens), 0) from generation.calls",
    "cost_usd": "select coalesce(round(sum(cost_usd), 4), 0) from generation.calls",
}
_SPENT_SINCE = "select coalesce(sum(cost_usd), 0) from generation.calls where started_at >= date_trunc(?, now())"
_MARKED = "select mark, count(*) from generation.current_marks where mark <> '' group by mark order by mark"
_LAST_RUN = "select run_id, max(set_at) from generation.heads group by run_id order by max(set_at) desc limit 1"
_FAILED_CHECKS = (
    "select count(distinct record_id) from quality.check_results as r "
    "inner join generation.current_heads as h using (artifact_id, record_id) where not is_passed"
)
_BY_ENGINE = "select engine, count(distinct icd_code) from generation.current_heads group by engine order by engine"
_OTHER_ENGINE = "select count(distinct icd_code) from generation.current_heads where engine <> ?"


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """What is made, in quarantine and stale, the last run, and the size of the warehouse.

    \b
    Examples:
      medsynth status
      medsynth status --json
    """
    settings = load_settings()
    facts = read_status(settings)
    if as_json:
        print(json.dumps(facts, indent=2, default=str))
    else:
        _print(facts)


def read_status(settings: Settings) -> dict[str, Any]:
    """The figures of `medsynth status --json`. Raises WarehouseError where there is no warehouse."""
    file = warehouse_of(settings)
    if file.exists:
        file.ensure()  # of an earlier version it lacks tables
    with file.reading() as con:
        facts: dict[str, Any] = {name: _one(con, sql) for name, sql in _COUNTS.items()}
        facts["records_failing_checks"] = _one(con, _FAILED_CHECKS)
        facts["codes_by_engine"] = dict(con.execute(_BY_ENGINE).fetchall())
        facts["codes_stale_by_engine"] = _one(con, _OTHER_ENGINE, name_on_record(settings.engine))
        facts["cost_today_usd"] = _one(con, _SPENT_SINCE, "day")
        facts["cost_this_month_usd"] = _one(con, _SPENT_SINCE, "month")
        facts["codes_kept"] = dict(con.execute(_MARKED).fetchall())
        last = con.execute(_LAST_RUN).fetchone()
        facts["quarantine_reasons"] = dict(
            con.execute("select reason, count(*) from generation.current_quarantine group by reason").fetchall()
        )
    facts["last_run_id"], facts["last_made_at"] = last or (None, None)
    facts["engine"] = settings.engine
    facts["warehouse"] = file.name
    facts["warehouse_bytes"] = file.size_bytes()
    return facts


def _one(con: duckdb.DuckDBPyConnection, sql: str, *arguments: object) -> Any:
    row = con.execute(sql, list(arguments)).fetchone()
    return row[0] if row else None


def _print(facts: dict[str, Any]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    engines = ", ".join(f"{name} {count}" for name, count in facts["codes_by_engine"].items()) or "none"
    reasons = ", ".join(f"{name} {count}" for name, count in facts["quarantine_reasons"].items())
    for name, value in (
        ("codes with records", facts["codes_with_records"]),
        ("scenarios, notes, dialogues", f"{facts['scenarios']}, {facts['notes']}, {facts['dialogues']}"),
        ("in quarantine", f"{facts['quarantined']}{f' ({reasons})' if reasons else ''}"),
        ("records failing a check", facts["records_failing_checks"]),
        ("codes by engine", engines),
        (f"stale: not by {facts['engine']}", facts["codes_stale_by_engine"]),
        ("calls, tokens, cost", f"{facts['calls']:,}, {facts['tokens']:,}, ${facts['cost_usd']:.2f}"),
        ("spent today, this month", f"${facts['cost_today_usd']:.2f}, ${facts['cost_this_month_usd']:.2f} (UTC)"),
        ("codes kept as they are", ", ".join(f"{n} {mark}" for mark, n in facts["codes_kept"].items()) or "none"),
        ("last made", f"{facts['last_made_at']:%Y-%m-%d %H:%M} UTC" if facts["last_made_at"] else "never"),
        ("last run", facts["last_run_id"] or "none"),
        ("warehouse", f"{facts['warehouse']} ({facts['warehouse_bytes'] / 1e6:.1f} MB)"),
    ):
        table.add_row(name, str(value))
    Console(highlight=False).print(table)
