"""The backfill of many codes as the UI starts it: Dagster's webserver, daemon and run queue, offline; and how long pages take.

    python -m benchmarks.backfill [--codes 2000] [--per-code 5] [--history 20] [--shots FOLDER]

Prints what came of it, and seconds from opening a page in Chromium to its content: with the history alone, while the backfill runs (the slowest),
and after it. History: so many runs of one code each, made before.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.dagster_client import BACKFILL_ENDED, STAGES
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.reference_store import top_codes
from tests.chromium import chromium
from tests.conftest import Place
from tests.dagster_ui import Ui

PAGES = {  # path, and what stands there when its content has come
    "asset": ("/assets/dialogues?view=overview", "Latest materialization"),
    "its partitions": ("/assets/dialogues?view=partitions", "Materialized"),
    "its checks": ("/assets/dialogues?view=checks", "note_facts_are_said"),
    "runs": ("/runs", "Launched by"),
}
_BETWEEN_LOOKS_S = 60.0
_SLOWEST_S = 60.0


@dataclass(frozen=True)
class Asked(Place):
    """A place whose runs make so many records a code."""

    per_code: int

    @property
    def variables(self) -> Mapping[str, str]:
        return {**super().variables, "MEDSYNTH_PER_CODE": str(self.per_code)}


def page_seconds(page: Any, url: str, shots: Path | None, moment: str) -> dict[str, float]:
    """Of each page, from its address to its content."""
    found = {}
    for name, (path, awaited) in PAGES.items():
        began = time.perf_counter()
        page.get(url + path)
        while awaited not in page.execute_script("return document.body ? document.body.innerText : ''"):
            if time.perf_counter() - began > _SLOWEST_S:
                break
            time.sleep(0.05)
        found[name] = time.perf_counter() - began
        if shots:
            time.sleep(2)
            page.save_screenshot(str(shots / f"{moment}_{name.replace(' ', '_')}.png"))
    return found


@contextmanager
def dagster(place: Place) -> Iterator[Ui]:
    """The UI with reference assets."""
    ui = Ui(place)
    try:
        for assets in (["icd10cm_codes"], ["icd_prevalence", "icd_prevalence_by_group"]):
            run_id = ui.launch(assets)
            if ui.wait_for(run_id) != "SUCCESS":
                raise SystemExit(ui.failure(run_id))
        yield ui
    finally:
        ui.stop()


def see_to_its_end(ui: Ui, backfill_id: str, page: Any, shots: Path | None) -> tuple[str, dict[str, float]]:
    """How the backfill ended, and the slowest time of each page meanwhile."""
    slowest: dict[str, float] = {}
    look_at = time.monotonic() + _BETWEEN_LOOKS_S
    while (status := ui.backfill_status(backfill_id)) not in BACKFILL_ENDED:
        if time.monotonic() >= look_at:
            for name, seconds in page_seconds(page, ui.url, shots, "during").items():
                slowest[name] = max(seconds, slowest.get(name, 0.0))
            # a person's browser has a machine of its own: a page that refreshes takes half a core here
            page.get("about:blank")
            look_at = time.monotonic() + _BETWEEN_LOOKS_S
        time.sleep(1)
    return status, slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=2000)
    parser.add_argument("--per-code", type=int, default=5)
    parser.add_argument("--history", type=int, default=20)
    parser.add_argument("--shots", type=Path, help="keep screenshots here")
    chosen = parser.parse_args()
    if chosen.shots:
        chosen.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Asked(Path(folder), chosen.per_code)
        with dagster(place) as ui, chromium(size=(1600, 1000)) as page:
            file = WarehouseFile(place.warehouse)
            with file.reading() as con:
                codes = top_codes(con, chosen.codes)
            for run_id in [ui.launch(STAGES, code) for code in codes[: chosen.history]]:
                ui.wait_for(run_id, 600)
            page_seconds(page, ui.url, None, "")  # the browser has the UI's scripts from here on
            before = page_seconds(page, ui.url, chosen.shots, "before")
            launched_at = time.time()
            backfill_id = ui.launch_backfill(STAGES, codes)
            status, during = see_to_its_end(ui, backfill_id, page, chosen.shots)
            wall = time.time() - launched_at
            runs = ui.runs_of(backfill_id)
            after = page_seconds(page, ui.url, chosen.shots, "after")
            told = Counter(run["status"] for run in runs)
            span = max(run["endTime"] or 0 for run in runs) - min(run["startTime"] or 0 for run in runs)
            with file.reading() as con:
                made, quarantined = con.execute(
                    "select (select count(distinct record_id) from generation.heads where stage = 'dialogues'),"
                    " (select count(*) from generation.current_quarantine)"
                ).fetchone() or (0, 0)
    wanted = len(codes) * chosen.per_code
    print(f"{len(codes):,} codes x {chosen.per_code}: {status}; runs {dict(told)}")
    print(f"{made:,} records whole, {quarantined} in quarantine, {wanted - made - quarantined} missing")
    print(
        f"wall {wall:.0f} s from the click, {span:.0f} s from the first run's start to the last one's end; load {os.getloadavg()[0]:.1f}"
    )
    print(f"\n{'page, seconds':<18} {'before':>8} {'during':>8} {'after':>8}")
    for name in PAGES:
        print(f"{name:<18} {before[name]:8.1f} {during.get(name, 0.0):8.1f} {after[name]:8.1f}")


if __name__ == "__main__":
    main()
