"""Puts one pair of the warehouse into the README, between its example markers.

    .venv/bin/python docs/readme_example.py [RECORD_ID]

Run it after `make demo` when the engine's writing has changed. The dialogue is shortened in the middle.
"""

import re
import sys
from pathlib import Path

from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.file import WarehouseFile

README = Path(__file__).resolve().parent.parent / "README.md"
SHOWN_TURNS = (22, 12)  # at the start and at the end


def main() -> None:
    record_id = sys.argv[1] if len(sys.argv) > 1 else "E11.9/001"
    with WarehouseFile(load_settings().warehouse).reading() as con:
        row = con.execute(
            "select icd_description, note, dialogue, turn_count from marts.pairs where record_id = ?", [record_id]
        ).fetchone()
    if row is None:
        sys.exit(f"no pair {record_id}; run make demo first")
    description, note, dialogue, count = row
    lines = dialogue.splitlines()
    first, last = SHOWN_TURNS
    short = "\n".join([*lines[:first], f"    … {len(lines) - first - last} turns …", *lines[-last:]])
    example = (
        f"`{record_id}`, {description}, by the offline engine, {count} turns (`medsynth show {record_id}` has all of it):\n\n"
        f"```text\n{note}\n```\n\n```text\n{short}\n```"
    )
    text = README.read_text("utf-8")
    marked = re.compile(r"(<!-- example: begin[^>]*-->\n).*?(<!-- example: end -->)", re.DOTALL)
    README.write_text(marked.sub(lambda m: f"{m.group(1)}{example}\n{m.group(2)}", text), "utf-8")


if __name__ == "__main__":
    main()
