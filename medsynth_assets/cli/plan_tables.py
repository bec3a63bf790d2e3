"""A refresh's outlook in the terminal: a row per stage and reason, the first slots, and what waits or is kept."""

import datetime as dt
import json

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medsynth_assets.engines.budget import Spent
from medsynth_assets.refresh.estimate import COSTS
from medsynth_assets.refresh.outlook import Outlook

_SHOWN_SLOTS = 20


def print_outlook(console: Console, outlook: Outlook) -> None:
    """What is stale, why, and what it will cost."""
    if outlook.costs.is_empty():
        print_idle(console, outlook)
        return
    console.print(_summary(outlook))
    console.print(_first(outlook))
    more = outlook.costs.height - _SHOWN_SLOTS
    if more > 0:
        console.print(f"… and {more:,} more, most prevalent first: medsynth refresh --dry-run --json")
    left = outlook.costs.filter(~pl.col("is_within"))["record_id"].n_unique()
    if left:
        console.print(f"{left:,} slots are not expected to fit the limits, and would stay planned.")
    _aside(console, outlook)


def print_idle(console: Console, outlook: Outlook) -> None:
    """Nothing is due."""
    console.print("Everything is current; nothing to make.")
    _aside(console, outlook)


def print_end(console: Console, outlook: Outlook, spent: Spent) -> None:
    """After a refresh: what it spent, and what stays planned and why."""
    if spent.usd or spent.tokens:
        console.print(f"Spent ${spent.usd:,.2f}, {spent.tokens:,} tokens.")
    left = outlook.plan.due["record_id"].n_unique()
    if spent.ended:
        console.print(f"Stopped: {spent.ended}. {left:,} slots stay planned for the next refresh.", soft_wrap=True)
    elif left:
        console.print(f"{left:,} slots are still due: medsynth refresh")
    else:
        print_idle(console, outlook)
        return
    _aside(console, outlook)


def print_lines(outlook: Outlook) -> None:
    """One JSON object per slot and stage: what is due, in order, then what waits."""
    for row in outlook.costs.iter_rows(named=True):
        print(json.dumps(row, default=str))
    for row in outlook.plan.waiting.iter_rows(named=True):
        print(json.dumps({**row, "is_within": False}, default=str))


def _summary(outlook: Outlook) -> Table:
    table = Table(title="To make", title_justify="left", pad_edge=False)
    for name in ("stage", "reason"):
        table.add_column(name, no_wrap=True)
    for name in ("slots", "codes", "calls", "tokens", "cost"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in outlook.summary().iter_rows(named=True):
        table.add_row(row["stage"], row["reason"], f"{row['slots']:,}", f"{row['codes']:,}", *_costs(row))
    whole = outlook.costs.select(pl.col(COSTS).sum()).row(0, named=True)
    slots, codes = outlook.costs.height, outlook.costs["icd_code"].n_unique()
    table.add_section()
    table.add_row("all", "", f"{slots:,}", f"{codes:,}", *_costs(whole))
    return table


def _first(outlook: Outlook) -> Table:
    table = Table(pad_edge=False, box=None)
    for name in ("record", "stage", "reason", "detail", "cost"):
        table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=30)
    for row in outlook.costs.head(_SHOWN_SLOTS).iter_rows(named=True):
        table.add_row(row["record_id"], row["stage"], row["reason"], Text(row["detail"]), _costs(row)[-1])
    return table


def _costs(row: dict[str, float]) -> tuple[str, str, str]:
    return f"{row['calls']:,.0f}", f"{row['tokens']:,.0f}", f"${row['cost_usd']:,.2f}"


def _aside(console: Console, outlook: Outlook) -> None:
    """What is not made, and why."""
    waiting, marked, unjudged = outlook.plan.waiting, outlook.plan.marked, outlook.plan.unjudged
    if unjudged:
        console.print(f"{len(unjudged):,} codes have records to judge by checks that changed (no calls).")
    next_at = waiting["due_at"].min()
    if isinstance(next_at, dt.datetime):
        slots = waiting["record_id"].n_unique()
        console.print(f"{slots:,} failed slots wait for their backoff, the next until {next_at:%Y-%m-%d %H:%M} UTC.")
    for mark, codes, records in marked.group_by("mark").agg(pl.len(), pl.col("record_count").sum()).sort("mark").rows():
        console.print(f"{codes:,} codes are {mark}: their {records:,} records are kept as they are.")
