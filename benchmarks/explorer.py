"""Page times of the record explorer over generated warehouses.

    python -m benchmarks.explorer [--pairs 10000 100000] [--bodies-every 1] [--folder FOLDER] [--repeat 5]

A page's time is what the application takes to answer, opening and closing the warehouse included: the first time, and the
median of the later ones, with the processor's beside it. Of the dataset page, which is computed behind the pages, the first
time is until it is shown, and what is told beside it is how long (processor's time) its looks held the warehouse, the longest and the 95th
percentile. Warehouses (benchmarks/generated.py) are kept in FOLDER for the next time; with --bodies-every 10 only every tenth
slot keeps its texts; with 100, 1,000,000 pairs fit where 6 GB are free.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from starlette.testclient import TestClient

from benchmarks.generated import generated, template
from medsynth_assets.explorer.app import build_app
from medsynth_assets.warehouse.file import WarehouseFile


class Timed(WarehouseFile):
    """The file, with how long each reading held it, in seconds of the processor."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.held: list[float] = []

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with super().reading() as con:
            began = time.process_time()
            yield con
        self.held.append(time.process_time() - began)


def addresses(con: duckdb.DuckDBPyConnection, pairs: int, every: int) -> dict[str, str]:
    """The pages that are asked for, by what they show."""
    (one, artifact), (other, _) = con.execute(
        "select record_id, artifact_id from generation.artifacts where kind = 'note' and text <> '' order by"
        " abs(rowid - 8 * ?) limit 2",
        [pairs // 3],
    ).fetchall()
    (run,) = con.execute("select run_id from generation.heads limit 1").fetchone() or ("",)
    return {
        "search": "/",
        "search: next page, far in": "/?after=M54.5/1",
        "search: a code": "/?code=E11",
        "search: frequent text": "/?text=blood+pressure",
        "search: text of one record": f"/?text=Slot+{pairs // 2 // every * every}.",
        "search: a failed check": "/?check=dose_exists",
        "search: a run": f"/?run={run}",
        "record": f"/record/{one}",
        "record: another": f"/record/{other}",
        "artifact, with its changes": f"/record/{one}/artifact/{artifact}",
        "dataset": "/dataset",
    }


def measure(path: Path, pairs: int, every: int, repeat: int) -> None:
    file = Timed(path)
    with file.reading() as con:
        asked = addresses(con, pairs, every)
    client = TestClient(build_app(file), base_url="http://127.0.0.1")
    print(
        f"\n{pairs:,} pairs, {path.stat().st_size / 1e9:.2f} GB\n{'page':<30} {'first ms':>9} {'median ms':>10} {'cpu ms':>7}  told"
    )
    for name, address in asked.items():
        times, cpus, text = [], [], ""
        file.held.clear()
        for _ in range(repeat + 1):
            started, cpu = time.perf_counter(), time.process_time()
            text = _answer(client, address)
            times.append(1000 * (time.perf_counter() - started))
            cpus.append(1000 * (time.process_time() - cpu))
        told = re.search(r'role="status">\s*(.*)', text)
        says = told[1][:70] if told else ""
        if name == "dataset":
            held = sorted(1000 * seconds for seconds in file.held)
            says = f"{len(held)} looks, the longest {held[-1]:.0f} ms, 95% under {held[int(0.95 * len(held))]:.0f} ms"
        print(
            f"{name:<30} {times[0]:>9.0f} {statistics.median(times[1:]):>10.0f} {statistics.median(cpus[1:]):>7.0f}  {says}",
            flush=True,
        )


def _answer(client: TestClient, address: str) -> str:
    while True:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        if "being counted" not in answer.text:
            return answer.text
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--bodies-every", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "medsynth-explorer-benchmark")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    made = template(arguments.folder / "template.duckdb")
    every = arguments.bodies_every
    for pairs in arguments.pairs:
        path = arguments.folder / f"{pairs}{f'-{every}' if every > 1 else ''}.duckdb"
        generated(path, made, pairs, every)
        measure(path, pairs, every, arguments.repeat)


if __name__ == "__main__":
    main()
