"""Speed, size and writing cost of lineage over generated warehouses.

    python -m benchmarks.lineage [--pairs 10000 100000] [--bodies-every 1] [--folder FOLDER]
    python -m benchmarks.lineage --writing [--top 20]

For each size: the time of `medsynth lineage` for one record (opening, reading, drawing; process start excluded; median and
worst of 25), what `verify --all` does a second, and bytes: those of notes, dialogues and calls by themselves, those of
lineage (ids, parents, recipes, heads, runs, seals, indexes) and its share of them; for comparison those of drafts, verdicts and
scenarios, and of check results. Warehouses are kept in FOLDER for the next time: see benchmarks/generated.py for what is in
them; a million pairs take about 44 GB with all bodies and 5 GB with --bodies-every 100, where sizes mean nothing and are left out; making
them takes a quarter of an hour of the processor.

Beside each time stands the processor's: what the same takes on a machine that has nothing else to do is near the second.

--writing makes the records of so many codes, five each, in this process (generation and checks, no Dagster, whose time
would only flatter the share) and says what part of the time, and of the processor's, went into seals and into what
else is written for lineage alone: recipe texts, runs, environments.
"""

import argparse
import asyncio
import io
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from rich.console import Console

from benchmarks.generated import generated, template
from benchmarks.offline_records import known_codes
from medsynth_assets.agents.asking import Asking
from medsynth_assets.assets import generating
from medsynth_assets.assets.generating import Generation
from medsynth_assets.assets.progress import LogProgress
from medsynth_assets.assets.work import Order
from medsynth_assets.checks.examining import examine
from medsynth_assets.cli.lineage_tree import print_tree
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.lineage.trace import trace
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.records import artifact
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.planning import named
from medsynth_assets.refresh.policy import Policy
from medsynth_assets.warehouse import file as warehouse_file
from medsynth_assets.warehouse import generation_store, seals
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.indexes import INDEXES
from medsynth_assets.warehouse.lineage_store import Depth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--bodies-every", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "medsynth-lineage-benchmark")
    parser.add_argument("--writing", action="store_true")
    parser.add_argument("--top", type=int, default=20)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    made = template(arguments.folder / "template.duckdb")
    if arguments.writing:
        _writing(made, arguments.top)
        return
    print(
        f"{'pairs':>9} {'lineage ms':>10} {'worst':>6} {'cpu':>5} {'verified/s':>10} {'per cpu s':>9} {'texts MB':>9}"
        f" {'lineage MB':>10} {'share':>6} {'drafts MB':>9} {'checks MB':>9} {'file MB':>8}"
    )
    every = arguments.bodies_every
    for pairs in sorted(arguments.pairs):
        path = arguments.folder / f"{pairs}{f'-{every}' if every > 1 else ''}.duckdb"
        _measure(generated(path, made, pairs, every), pairs, with_sizes=every == 1)


class _Clock:
    """Seconds, and those of the processor in all threads, since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]


def _measure(file: WarehouseFile, pairs: int, *, with_sizes: bool) -> None:
    with file.reading() as con:
        records = [row[0] for row in con.execute("select distinct record_id from generation.heads").fetchall()]
    times = [_time_lineage(file, record) for record in random.Random(1).sample(sorted(records), 25)]
    walls, cpus = sorted(wall * 1000 for wall, _ in times), [cpu * 1000 for _, cpu in times]
    clock = _Clock()
    with file.reading() as con:
        found = verify(con, beside=con.cursor())
    assert found.holds, found.faults[:3]
    wall, cpu = clock.read()
    print(
        f"{pairs:>9} {statistics.median(walls):10.1f} {walls[-1]:6.1f} {statistics.median(cpus):5.1f}"
        f" {found.artifacts / wall:10,.0f} {found.artifacts / cpu:9,.0f}",
        end="",
        flush=True,
    )
    if with_sizes:
        texts, lineage, drafts, checks = (_megabytes(file, part) for part in _PARTS)
        lineage += _index_megabytes(file)
        print(f" {texts:9.1f} {lineage:10.1f} {lineage / texts:6.1%} {drafts:9.1f} {checks:9.1f}", end="")
    print(f" {file.path.stat().st_size / 1e6:8.1f}" if with_sizes else "", flush=True)


def _time_lineage(file: WarehouseFile, record_id: str) -> tuple[float, float]:
    console = Console(file=io.StringIO(), width=160)
    clock = _Clock()
    with file.reading() as con:
        found = trace(con, record_id, depth=Depth.OUTLINE)
    print_tree(console, found, verbose=False)
    return clock.read()


# Sizes

_PRODUCTS = "kind in ('note', 'dialogue')"
_PARTS = (
    {
        "texts": f"select record_id, content, text, created_at from generation.artifacts where {_PRODUCTS}",
        "calls": "select * exclude (artifact_id, batch_id) from generation.calls",
    },
    {
        "ids": f"select artifact_id, parents, recipe_id, run_id, batch_id from generation.artifacts where {_PRODUCTS}",
        "ties": "select artifact_id, batch_id from generation.calls",
        **{name: f"from generation.{name}" for name in (
            "heads", "recipes", "recipe_parts", "runs", "environments", "removals", "seals", "batches")},
    },
    {"drafts": f"select * from generation.artifacts where not ({_PRODUCTS})"},
    {"checks": "from quality.check_results"},
)  # fmt: skip


def _megabytes(file: WarehouseFile, part: dict[str, str]) -> float:
    """What these tables take in a file of their own, that of an empty file taken off."""
    sizes = []
    with tempfile.TemporaryDirectory(dir=file.path.parent) as folder:
        for number, tables in enumerate(({}, part)):
            path = Path(folder) / f"{number}.duckdb"
            with duckdb.connect(str(path)) as con:
                con.execute(f"attach '{file.path}' as whole (read_only)")
                for name, query in tables.items():
                    whole = query.replace("generation.", "whole.generation.").replace("quality.", "whole.quality.")
                    con.execute(f"create table {name} as {whole}")
            sizes.append(path.stat().st_size)
    return (sizes[1] - sizes[0]) / 1e6


def _index_megabytes(file: WarehouseFile) -> float:
    """What the indexes take: indexed columns in a file of their own, with and without."""
    sizes = []
    with tempfile.TemporaryDirectory(dir=file.path.parent) as folder:
        for is_indexed in (False, True):
            path = Path(folder) / f"{is_indexed}.duckdb"
            with duckdb.connect(str(path)) as con:
                con.execute(f"attach '{file.path}' as whole (read_only)")
                for name, (table, column) in INDEXES.items():
                    con.execute(f"create table {name} as select {column} from whole.{table}")
                    if is_indexed:
                        con.execute(f"create index i_{name} on {name} ({column})")
            sizes.append(path.stat().st_size)
    return (sizes[1] - sizes[0]) / 1e6


# Writing


def _writing(made: Path, top: int) -> None:
    codes = tuple(code for code, _ in known_codes(top))
    spent: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = _reference_only(made, Path(folder) / "w.duckdb")
        policy = Policy(retry_h=1, retry_most_h=720, ttl_days=None, at_once=True)
        wanting = partial(named, per_code=5)
        order = Order(codes, tuple(Stage), wanting=wanting, policy=policy, judge_rounds=4, concurrency=8)
        with _timed(spent):
            clock = _Clock()
            note_run(file, "run")
            asking = Asking(OfflineEngine(), 1)
            run = Generation(file, asking, knowledge_base(), LogProgress(lambda _: None), "run")
            asyncio.run(run.run(order))
            for stage in Stage:
                examine(file, codes, stage, "run")
            whole = clock.read()
    print(f"{'part':<38} {'wall s':>8} {'share':>7} {'cpu s':>8} {'share':>7}")
    for name, (wall, cpu) in [("the whole run", whole), *spent.items(), ("lineage together", _together(spent))]:
        print(f"{name:<38} {wall:8.2f} {wall / whole[0]:7.1%} {cpu:8.2f} {cpu / whole[1]:7.1%}")


def _together(spent: dict[str, tuple[float, float]]) -> tuple[float, float]:
    return sum(wall for wall, _ in spent.values()), sum(cpu for _, cpu in spent.values())


def _reference_only(made: Path, path: Path) -> WarehouseFile:
    file = WarehouseFile(path)
    with file.writing() as con:
        con.commit()
        con.execute(f"attach '{made}' as made (read_only)")
        con.begin()
        for (table,) in con.execute(
            "select table_name from duckdb_tables() where database_name = 'made' and schema_name = 'reference'"
        ).fetchall():
            con.execute(
                f"insert into reference.{table} by name select * exclude (batch_id) from made.reference.{table}"
            )
    return file


@contextmanager
def _timed(spent: dict[str, tuple[float, float]]) -> Iterator[None]:
    """Adds up what the functions that write lineage take while this lasts. Nothing of it is in the product."""

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        spent[name] = 0.0, 0.0

        def timed(*args: Any, **named: Any) -> Any:
            clock = _Clock()
            try:
                return function(*args, **named)
            finally:
                wall, cpu = clock.read()
                spent[name] = spent[name][0] + wall, spent[name][1] + cpu

        return timed

    recipe_parts = watched("texts of recipes", generating.recipe_parts)
    with (
        mock.patch.object(seals, "open_batch", watched("numbering batches", seals.open_batch)),
        mock.patch.object(seals, "close_batch", watched("seals", seals.close_batch)),
        mock.patch.object(warehouse_file, "add_indexes", watched("looking after indexes", warehouse_file.add_indexes)),
        mock.patch.object(generation_store, "_insert_new", _only("recipe", watched, generation_store._insert_new)),
        mock.patch.object(generating, "recipe_parts", recipe_parts),
        mock.patch.object(artifact, "artifact_id", watched("ids of artifacts", artifact.artifact_id)),
        mock.patch(f"{__name__}.note_run", watched("runs and environments", note_run)),
    ):
        yield


def _only(prefix: str, watched: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Watches what is inserted into tables so named; the others are no lineage, or are counted by their bytes."""
    counted = watched("inserting recipes", function)
    return lambda con, table, key, rows: (counted if table.startswith(prefix) else function)(con, table, key, rows)


if __name__ == "__main__":
    main()
