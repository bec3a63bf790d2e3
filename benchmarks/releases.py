"""Time, memory and size of a release over generated warehouses.

    python -m benchmarks.releases [--pairs 10000 100000] [--folder DIR]

The warehouses are those of benchmarks/lineage.py: a hundred real records, multiplied. Prints for each size: seconds to bring
marts.pairs up to date, seconds of `medsynth release` after that, how long of it the warehouse was held, the most memory that
the process used, the bytes written, and seconds of `medsynth verify --release` and `medsynth release diff` against itself.
Needs about 20 KB of disk a pair beside the warehouse.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from benchmarks.lineage import _multiplied, _template
from medsynth_assets.lineage.release_proof import verify_release
from medsynth_assets.release.comparing import compare
from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.file import WarehouseFile

RELEASE = """
import json, resource, sys, time
from contextlib import contextmanager
from pathlib import Path
from medsynth_assets.release.making import Order, make_release
from medsynth_assets.warehouse.file import WarehouseFile

held = 0.0

class Timed(WarehouseFile):
    @contextmanager
    def _open(self, *, read_only):
        global held
        began = time.perf_counter()
        with super()._open(read_only=read_only) as con:
            yield con
        held += time.perf_counter() - began

began = time.perf_counter()
made = make_release(Timed(sys.argv[1]), Order(Path(sys.argv[2])), "run", rebuild=False)
print(json.dumps({
    "seconds": time.perf_counter() - began, "held": held, "records": made.manifest.record_count,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    "bytes": sum(file.bytes for file in made.manifest.files) / 1e6,
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        template = _template(Path(folder))
        print(
            f"{'pairs':>9} {'marts s':>8} {'release s':>9} {'held s':>7} {'peak MB':>8} {'MB':>8} {'verify s':>8} {'diff s':>7}"
        )
        for pairs in sorted(arguments.pairs):
            _measure(template, Path(folder), pairs)


def _measure(template: Path, folder: Path, pairs: int) -> None:
    file = _multiplied(template, folder / f"{pairs}.duckdb", pairs)
    with _timed() as marts, file.writing() as con:
        build(con, SqlProject(), ["pairs"])
    out = folder / f"v{pairs}"
    command = [sys.executable, "-c", RELEASE, str(file.path), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    told = json.loads(done.stdout)
    with _timed() as verified:
        found = verify_release(WarehouseFile(file.path), out)
    assert found.faults == [], found.faults[:3]
    with _timed() as compared:
        counts = compare(file, str(out), out.name).counts
    assert not any(counts.values())
    print(
        f"{told['records']:>9} {marts[0]:8.1f} {told['seconds']:9.1f} {told['held']:7.1f} {told['peak']:8.0f} {told['bytes']:8.0f}"
        f" {verified[0]:8.1f} {compared[0]:7.1f}",
        flush=True,
    )
    file.path.unlink()


@contextmanager
def _timed():  # type: ignore[no-untyped-def]
    """Seconds of the block, in a list of one that is filled at its end."""
    seconds: list[float] = []
    began = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
