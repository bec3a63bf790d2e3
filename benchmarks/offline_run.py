"""The offline job as a person starts it: start-up, reference data, N codes x K records through Dagster, checks and marts.

    python benchmarks/offline_run.py [--top 100] [--per-code 5]

Prints wall seconds of each phase of `medsynth run` in an empty place, and of the second run that finds everything current.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", type=int, default=100)
    parser.add_argument("--per-code", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        environment = {
            **os.environ,
            "MEDSYNTH_WAREHOUSE": str(place / "w.duckdb"),
            "DAGSTER_HOME": str(place / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        job = ["run", "--top", str(arguments.top), "--per-code", str(arguments.per_code)]
        phases = [
            ("start-up alone (medsynth --help)", ["--help"]),
            ("reference data, one code x 1", ["run", "--codes", "I10", "--per-code", "1"]),
            ("start-up, nothing to do", ["run", "--codes", "I10", "--per-code", "1"]),
            (f"{arguments.top} codes x {arguments.per_code}, checks and marts", job),
            ("the same again: everything current", job),
        ]
        pairs = arguments.top * arguments.per_code
        print(f"{'phase':<42} {'wall s':>8} {'pairs/s':>8}")
        for name, command in phases:
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "medsynth_assets.cli", *command],
                env=environment, cwd=place, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            seconds = time.perf_counter() - began
            rate = f"{pairs / seconds:8.1f}" if command is job and name[0].isdigit() else ""
            print(f"{name:<42} {seconds:8.1f} {rate}", flush=True)


if __name__ == "__main__":
    main()
