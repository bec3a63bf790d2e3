"""Whether `medsynth check` needs more memory for more pairs.

    python -m benchmarks.check_memory [--few 1000] [--many 100000] [--workers 2]

Writes two files of short pairs, checks each in a process of its own, and prints the peak of resident memory of that process
and of its largest worker (VmHWM of /proc, so Linux only).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.processes import descendants

_NOTE = "Subjective:\nCough for {days} days.\n\nObjective:\nLungs are clear.\n\nAssessment:\nAcute bronchitis.\n\nPlan:\nRest."
_DIALOGUE = "Doctor: How long have you had the cough?\nPatient: {days} days.\nDoctor: Your lungs are clear. It is acute bronchitis. Rest."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{'pairs':>9} {'seconds':>8} {'main MiB':>9} {'worker MiB':>11}")
    for count in (arguments.few, arguments.many):
        with tempfile.TemporaryDirectory() as folder:
            seconds, own, worker = _measured(Path(folder), count, arguments.workers)
        print(f"{count:>9,} {seconds:>8.0f} {own / 1024:>9.0f} {worker / 1024:>11.0f}", flush=True)


def _measured(folder: Path, count: int, workers: int) -> tuple[float, int, int]:
    """Seconds, and the peaks of the main process and of its largest worker in KiB."""
    pairs = folder / "pairs.jsonl"
    with pairs.open("w", encoding="utf-8") as out:
        for n in range(count):
            days = n % 97 + 2
            row = {"id": f"p{n}", "note": _NOTE.format(days=days), "dialogue": _DIALOGUE.format(days=days)}
            out.write(json.dumps(row) + "\n")
    command = [sys.executable, "-m", "medsynth_assets.cli", "check", str(pairs), "--out", str(folder / "results.jsonl")]
    started = time.monotonic()
    process = subprocess.Popen([*command, "--workers", str(workers)], stderr=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    watching = threading.Thread(target=_watch, args=(process, peaks))
    watching.start()
    if process.wait() != 0:
        raise SystemExit(f"medsynth check ended with {process.returncode}")
    watching.join()
    lines = sum(1 for _ in (folder / "results.jsonl").open(encoding="utf-8"))
    if lines != count:
        raise SystemExit(f"{lines:,} results for {count:,} pairs")
    return time.monotonic() - started, peaks.pop(process.pid), max(peaks.values(), default=0)


def _watch(process: "subprocess.Popen[bytes]", peaks: dict[int, int]) -> None:
    """Note the high-water mark of the process and its workers, which only rises, until it ends."""
    while process.poll() is None:
        for pid in (process.pid, *descendants(process.pid)):
            peaks[pid] = max(peaks.get(pid, 0), _peak_kib(pid))
        time.sleep(0.2)


def _peak_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main()
