"""What a run says at its end: a table, one pair, and what to try next."""

import os
import shutil
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from medsynth_assets.cli.live_progress import LiveProgress
from medsynth_assets.warehouse.opening import AnyWarehouse

_SHOWN_CODES = 25


def print_summary(console: Console, warehouse: AnyWarehouse, codes: Sequence[str], progress: LiveProgress) -> None:
    """Per code: records accepted of those wanted, slots in quarantine, and checks that current records fail."""
    rows = _coverage(warehouse, codes)
    table = Table(
        title=f"{progress.pairs} pairs made in {progress.seconds:.1f} s", title_justify="left", pad_edge=False
    )
    table.add_column("code", no_wrap=True)
    table.add_column("description", overflow="ellipsis", no_wrap=True, max_width=34)
    for name in ("accepted", "quarantine", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    for code, description, target, accepted, quarantined, failed in rows[:_SHOWN_CODES]:
        table.add_row(code, Text(description or ""), f"{accepted} of {target}", str(quarantined), str(failed))
    if len(rows) > _SHOWN_CODES:
        table.add_row("…", f"and {len(rows) - _SHOWN_CODES} more codes", "", "", "")
    console.print(table)
    if progress.tokens:
        console.print(f"{progress.tokens:,} tokens, ${progress.cost_usd:.2f}", highlight=False)


def print_nothing_to_do(console: Console, warehouse: AnyWarehouse, codes: Sequence[str]) -> None:
    """The second run of the same thing."""
    accepted = sum(row[3] for row in _coverage(warehouse, codes))
    console.print(f"Everything is current: {accepted} pairs of {len(codes)} codes; nothing was made.", highlight=False)


def print_example(console: Console, warehouse: AnyWarehouse, code: str) -> None:
    """One pair of the code, in full."""
    with warehouse.reading() as con:
        row = con.execute(
            "select record_id, note, dialogue from marts.pairs where icd_code = ? order by ordinal limit 1", [code]
        ).fetchone()
    if row:
        record_id, note, dialogue = row
        console.print(Panel(Text(note), title=f"{record_id} note", title_align="left"))
        console.print(Panel(Text(dialogue), title=f"{record_id} dialogue", title_align="left"))


def _coverage(warehouse: AnyWarehouse, codes: Sequence[str]) -> list[tuple[str, str, int, int, int, int]]:
    with warehouse.reading() as con:
        return con.execute(
            "select c.icd_code, c.icd_description, c.target_count, c.accepted_count, c.quarantined_count,"
            " coalesce(f.failed, 0) from marts.coverage as c left join ("
            "   select icd_code, count(*) as failed from quality.check_results as r"
            "   inner join generation.current_heads as h using (artifact_id, icd_code) where not is_passed group by icd_code"
            " ) as f using (icd_code) where c.icd_code in (select unnest(?::varchar[])) order by c.rank nulls last",
            [list(codes)],
        ).fetchall()


def print_next(console: Console, codes: Sequence[str]) -> None:
    """What to try after a run."""
    record = f"{codes[0]}/001" if codes else "I10/001"
    medsynth = (
        "medsynth"
        if shutil.which("medsynth")
        else "python -m medsynth_assets.cli"
        if sys.argv[0].endswith(".py")
        else os.path.relpath(sys.argv[0])
    )
    console.print("\nNext:", highlight=False)
    for command, what in (
        (f"{medsynth} show {record}", "one record in full"),
        (f'{medsynth} sql "from marts.coverage"', "any question"),
        ("make ui", "runs, partitions, checks"),
    ):
        console.print(f"  {command:<44} {what}", highlight=False, markup=False)
