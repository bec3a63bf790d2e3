"""One file, many processes: eight runs, ticks of the schedule, the explorer, `medsynth sql` and an analyst, all at once.

MEDSYNTH_TEST_MINUTES sets for how long (0: each of the eight makes its records once; 10 before a release). `-s` prints the
longest that each of them waited.
"""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import dagster as dg
import duckdb
import pytest

from medsynth_assets.cli.instance import open_instance
from tests.conftest import Place
from tests.slow.test_explorer import explored
from tests.slow.test_many_processes import CODES

SECONDS = 60 * float(os.environ.get("MEDSYNTH_TEST_MINUTES", "0"))
STEP = 2  # records more, each time that a run has ended and there is time for another

# In a process of its own: a connection a second, as the documentation has it; prints how long each took to open and ask. The first, in
# which Python imports what DuckDB wants, is no wait for the file.
ANALYST = """
import sys, time
from medsynth_assets.warehouse.file import WarehouseFile
def look():
    with WarehouseFile(sys.argv[1], 60).reading() as con:
        con.execute("select count(*) from generation.heads").fetchone()
look()
while True:
    began = time.monotonic()
    look()
    print(time.monotonic() - began, flush=True)
    time.sleep(1)
"""


class Waits:
    """What each kind of reader waited, in seconds."""

    def __init__(self) -> None:
        self.by_reader: dict[str, list[float]] = {}

    def repeat(self, reader: str, ask: Callable[[], object], until: threading.Event) -> None:
        """Once a second; an error of `ask` is raised in the test."""
        while not until.is_set():
            began = time.monotonic()
            ask()
            self.by_reader.setdefault(reader, []).append(time.monotonic() - began)
            until.wait(1)


@pytest.mark.slow
def test_everybody_works_on_one_file_and_nobody_sees_a_lock(loaded_place: Place) -> None:
    """No lock error is shown to anyone, every record of every process is there, and the seals of all of them hold."""
    waits, ended = Waits(), threading.Event()
    until = time.monotonic() + SECONDS
    analyst = subprocess.Popen(
        [sys.executable, "-c", ANALYST, str(loaded_place.warehouse)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with explored(loaded_place) as address, ThreadPoolExecutor(max_workers=16) as crew:
        readers = [
            crew.submit(waits.repeat, "explorer", lambda: _page(address), ended),
            crew.submit(waits.repeat, "sql", lambda: _sql(loaded_place), ended),
            crew.submit(waits.repeat, "schedule", _tick, ended),
        ]
        runs = [crew.submit(_run_until, loaded_place, code, until) for code in CODES]
        try:
            made = dict(zip(CODES, (run.result() for run in runs), strict=True))
        finally:
            ended.set()
        for reader in readers:
            reader.result()
    assert analyst.poll() is None, analyst.communicate()[1]
    analyst.kill()
    waits.by_reader["analyst"] = [float(line) for line in analyst.communicate()[0].splitlines()]
    for reader, seconds in waits.by_reader.items():
        print(f"{reader:>9}: {len(seconds)} looks, median {median(seconds):.2f} s, longest {max(seconds):.2f} s")
    assert min(len(seconds) for seconds in waits.by_reader.values()) > 0
    with duckdb.connect(str(loaded_place.warehouse), read_only=True) as con:
        rows = con.execute(
            "select icd_code, count(distinct record_id) from generation.current_heads where stage = 'dialogues'"
            " and record_id not in (select record_id from generation.current_quarantine) group by icd_code"
        ).fetchall()
        lost = con.execute("select count(*) from generation.current_quarantine").fetchone()
    assert lost == (0,)
    assert dict(rows) == made
    verified = loaded_place.medsynth("verify", "--all", timeout=600)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _run_until(place: Place, code: str, until: float) -> int:
    """Runs one after another, each for more records, until the time is over; how many the last was asked for."""
    wanted = 0
    while not wanted or time.monotonic() < until:
        wanted += STEP
        done = place.medsynth("run", "--codes", code, "--per-code", str(wanted), timeout=900)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "lock" not in (done.stdout + done.stderr).lower()
    return wanted


def _sql(place: Place) -> None:
    asked = place.medsynth("sql", "--json", "select count(*) as count from generation.heads")
    assert asked.returncode == 0, asked.stderr


def _page(address: str) -> None:
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.status == 200


def _tick() -> None:
    """What the daemon does: the schedule plans over the warehouse and asks for runs, or says why not."""
    from medsynth_assets.assets.refresh_schedule import nightly_refresh

    with open_instance() as instance:
        told = nightly_refresh.evaluate_tick(dg.build_schedule_context(instance=instance))
    assert told.run_requests
    assert "held by another process" not in (told.skip_message or "")
