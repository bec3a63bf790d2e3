"""Speed and size of lineage over generated warehouses.

    python benchmarks/lineage.py [--pairs 10000 100000 1000000] [--folder DIR]

A hundred real records of the offline engine are multiplied: ids and hashes as they would be, every content its own, rows
written through the stores' transactions, so sealed. Prints for each size: the median and worst time of `medsynth lineage`
for one record (opening, reading, drawing; process start excluded), artifacts verified a second by `verify --all`, and bytes:
those of notes, dialogues and calls by themselves, those of lineage (ids, parents, recipes, heads, runs, seals), and, for
comparison, those of drafts, verdicts and scenarios, and of check results. Needs about 20 GB of disk for a million pairs.
"""

import argparse
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from hashlib import blake2b
from pathlib import Path

import duckdb
import orjson
import polars as pl
from rich.console import Console

from medsynth_assets.cli.lineage_tree import print_tree
from medsynth_assets.lineage.trace import trace
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.records.identity import call_id, request_hash, request_seed
from medsynth_assets.warehouse.file import WarehouseFile

_BATCH = 1000  # records in one transaction
_TABLES = ("generation.artifacts", "generation.calls", "generation.heads", "quality.check_results")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        template = _template(Path(folder))
        print(
            f"{'pairs':>9} {'built s':>8} {'lineage ms':>10} {'worst':>6} {'artifacts/s':>11} {'texts MB':>9} {'lineage MB':>10}"
            f" {'share':>6} {'drafts MB':>9} {'checks MB':>9} {'file MB':>8}"
        )
        for pairs in sorted(arguments.pairs):
            _measure(template, Path(folder), pairs)


def _template(folder: Path) -> Path:
    """A hundred real records, by the real command."""
    path = folder / "template.duckdb"
    environment = {**os.environ, "MEDSYNTH_WAREHOUSE": str(path), "DAGSTER_HOME": str(folder / "dagster")}
    command = [sys.executable, "-m", "medsynth_assets.cli", "run", "--top", "20", "--per-code", "5"]
    subprocess.run(command, env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return path


def _measure(template: Path, folder: Path, pairs: int) -> None:
    began = time.perf_counter()
    file = _multiplied(template, folder / f"{pairs}.duckdb", pairs)
    built = time.perf_counter() - began
    with file.reading() as con:
        records = [row[0] for row in con.execute("select distinct record_id from generation.heads").fetchall()]
    times = sorted(_time_lineage(file, record) for record in random.Random(1).sample(sorted(records), 25))
    began = time.perf_counter()
    with file.reading() as con:
        found = verify(con, beside=con.cursor())
    assert found.holds, found.faults[:3]
    rate = found.artifacts / (time.perf_counter() - began)
    texts, lineage, drafts, checks = (_megabytes(file, folder, part) for part in _PARTS)
    print(
        f"{pairs:>9} {built:8.0f} {statistics.median(times) * 1000:10.1f} {times[-1] * 1000:6.1f} {rate:11,.0f} {texts:9.1f}"
        f" {lineage:10.1f} {lineage / texts:6.1%} {drafts:9.1f} {checks:9.1f} {file.path.stat().st_size / 1e6:8.1f}",
        flush=True,
    )
    file.path.unlink()


def _time_lineage(file: WarehouseFile, record_id: str) -> float:
    console = Console(file=io.StringIO(), width=160)
    began = time.perf_counter()
    with file.reading() as con:
        found = trace(con, record_id)
    print_tree(console, found, verbose=False)
    return time.perf_counter() - began


# Making records of records


def _multiplied(template: Path, path: Path, pairs: int) -> WarehouseFile:
    with duckdb.connect(str(template), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        rows = {
            table: con.execute(f"select * exclude (batch_id) from {table} order by rowid").pl() for table in _TABLES
        }
        shared = {
            f"{schema}.{table}": con.execute(f"select * exclude (batch_id) from {schema}.{table}").pl()
            for schema, table in con.execute(
                "select schema_name, table_name from duckdb_columns() semi join duckdb_tables() using (schema_name, table_name)"
                " where column_name = 'batch_id'"
            ).fetchall()
            if f"{schema}.{table}" not in (*_TABLES, "generation.seals", "generation.batches", "generation.targets")
        }
        seeds = dict(
            con.execute("select recipe_id, cast(parameters ->> '$.seed' as bigint) from generation.recipes").fetchall()
        )
    file = WarehouseFile(path)
    with file.writing() as con:
        for table, frame in shared.items():
            con.register("new_rows", frame)
            con.execute(f"insert into {table} by name select * from new_rows")
            con.unregister("new_rows")
    records = sorted(set(rows["generation.artifacts"]["record_id"]))
    parsed = {
        made: orjson.loads(content)
        for made, content in rows["generation.artifacts"].select("artifact_id", "content").iter_rows()
    }
    per_record = {table: frame.partition_by("record_id", as_dict=True) for table, frame in rows.items()}
    for start in range(0, pairs, _BATCH):
        made: dict[str, list[pl.DataFrame]] = {table: [] for table in _TABLES}
        for number in range(start, min(start + _BATCH, pairs)):
            source = records[number % len(records)]
            record_id = f"{source.partition('/')[0]}/{number // len(records) * 5 + int(source[-3:]):03d}"
            frames = {table: per_record[table][(source,)] for table in _TABLES}
            for table, frame in _clone(frames, parsed, seeds, record_id, number).items():
                made[table].append(frame)
        with file.writing() as con:
            for table, frames in made.items():
                con.register("new_rows", pl.concat(frames))
                skipped = " exclude (seq)" if table == "generation.heads" else ""
                con.execute(f"insert into {table} by name select *{skipped} from new_rows")
                con.unregister("new_rows")
    return file


def _clone(
    frames: dict[str, pl.DataFrame], parsed: dict[str, dict], seeds: dict[str, int], record_id: str, number: int
) -> dict[str, pl.DataFrame]:
    """The rows of one record under another id, with the ids that follow from it."""
    named: dict[str, str] = {}
    made: dict[str, tuple[str, list[str]]] = {}
    artifacts = frames["generation.artifacts"]
    waiting = list(artifacts.select("artifact_id", "kind", "parents", "recipe_id").iter_rows())
    while waiting:
        old, kind, of, recipe_id = waiting.pop(0)
        if not named.keys() >= set(of):
            waiting.append((old, kind, of, recipe_id))  # after its parents
            continue
        content = parsed[old] if kind == "plan" else {**parsed[old], "n": number}
        parents = [named[parent] for parent in of]
        body = orjson.dumps(["artifact:1", kind, record_id, content, parents, recipe_id], option=orjson.OPT_SORT_KEYS)
        named[old] = blake2b(body, digest_size=12).hexdigest()
        made[old] = orjson.dumps(content).decode(), parents
    contents, parents_of = zip(*(made[old] for old in artifacts["artifact_id"]), strict=True)
    calls, keys = [], []
    for agent, round_, recipe_id, attempt in (
        frames["generation.calls"].select("agent", "round", "recipe_id", "attempt").iter_rows()
    ):
        seed = request_seed(seeds[recipe_id], record_id, agent, round_)
        keys.append(request_hash(record_id, agent, round_, recipe_id, seed, []))
        calls.append(call_id(keys[-1], attempt, None))
    ordinal = int(record_id.rpartition("/")[2])

    def renamed(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        ids = [pl.col(column).replace(named) for column in columns]
        places = [pl.lit(ordinal, pl.Int32).alias("ordinal")] if "ordinal" in frame.columns else []
        return frame.with_columns(pl.lit(record_id).alias("record_id"), *places, *ids)

    return {
        "generation.artifacts": renamed(artifacts, "artifact_id").with_columns(
            pl.Series("content", contents), pl.Series("parents", parents_of, dtype=pl.List(pl.String)),
            (pl.when(pl.col("text") == "").then(pl.lit("")).otherwise(pl.col("text") + f" {number}")).alias("text"),
        ),
        "generation.calls": renamed(frames["generation.calls"], "artifact_id").with_columns(
            pl.Series("call_id", calls), pl.Series("request_hash", keys)
        ),
        "generation.heads": renamed(frames["generation.heads"], "artifact_id", "parent_artifact_id"),
        "quality.check_results": renamed(frames["quality.check_results"], "artifact_id"),
    }  # fmt: skip


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


def _megabytes(file: WarehouseFile, folder: Path, part: dict[str, str]) -> float:
    """What these tables take in a file of their own, that of an empty file taken off."""
    path = folder / "part.duckdb"
    sizes = []
    for tables in ({}, part):
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as con:
            con.execute(f"attach '{file.path}' as whole (read_only)")
            for name, query in tables.items():
                con.execute(
                    f"create table {name} as {query.replace('generation.', 'whole.generation.').replace('quality.', 'whole.quality.')}"
                )
        sizes.append(path.stat().st_size)
    path.unlink()
    return (sizes[1] - sizes[0]) / 1e6


if __name__ == "__main__":
    main()
