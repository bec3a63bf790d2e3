"""What Dagster waits for before it knows the graph: loading the definitions, in a process of its own.

    python -m benchmarks.definitions_load [--repeat 3] [--heaviest 12]

Prints wall and CPU seconds of each time, which of the heavy libraries were not left for later, and which packages
take the most of it. CPU counts on a machine that does other things as well.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections import Counter

_LOAD = "import sys; from medsynth_assets.definitions import defs; print(*sorted(sys.modules))"
_HEAVY = (
    "altair",
    "great_expectations",
    "nltk",
    "openai",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "sqlglot",
)


def loaded() -> tuple[float, float, set[str]]:
    """Wall seconds, CPU seconds, and the modules there afterwards."""
    before, began = _children_cpu_s(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _LOAD], check=True, stdout=subprocess.PIPE, text=True)
    return time.perf_counter() - began, _children_cpu_s() - before, set(done.stdout.split())


def by_package() -> Counter[str]:
    """Seconds that modules of each package take to import, those that they import apart."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", _LOAD],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        own_us, _, module = line.removeprefix("import time:").split("|")
        if own_us.strip().isdigit():
            found[module.strip().partition(".")[0]] += int(own_us) / 1e6
    return found


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--heaviest", type=int, default=12)
    chosen = parser.parse_args()
    print(f"{'':<24} {'wall s':>7} {'CPU s':>7}")
    for n in range(chosen.repeat):
        wall_s, cpu_s, modules = loaded()
        print(f"{f'definitions, time {n + 1}':<24} {wall_s:>7.2f} {cpu_s:>7.2f}", flush=True)
    there = [name for name in _HEAVY if name in modules]
    print(
        f"loaded with them: {', '.join(there) or 'none'}; left for later: {', '.join(name for name in _HEAVY if name not in modules)}"
    )
    for package, seconds in by_package().most_common(chosen.heaviest):
        print(f"{package:<24} {seconds:>7.2f}")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
