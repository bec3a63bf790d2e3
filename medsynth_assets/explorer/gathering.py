"""What the dataset page is computed from, copied out of the warehouse in short looks.

A query over a million records takes seconds, and while the explorer reads, no run can write. So narrow columns are copied
some rows at a time into a database of our own, in a temporary folder, and every query of dataset.py runs there: its tables
have the names of the warehouse's. Rows that come or go meanwhile are counted the next time.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from medsynth_assets.explorer.reading import Reading

SAMPLE = 10_000  # records whose texts are looked at, chosen by the hash of their ids
_LOOK_S = 0.08  # how long one look ought to take: a run that wants to write does not notice it
_FIRST_ROWS, _LEAST_ROWS, _MOST_ROWS = 4_096, 2_048, 2_000_000  # DuckDB reads 2,048 at a time

Watch = Callable[[float], None]  # is told which part of the rows was looked at, 0 to 1

_SAMPLED = "hash(record_id) % $every = 0"
_COPIES = (  # table, what is copied of it, of which rows; in the order they need each other
    ("reference.icd10cm_codes", "code, chapter_title", "true"),
    ("generation.targets", "icd_code, record_count, set_at", "true"),
    ("generation.quarantine", "record_id, icd_code, stage, reason, quarantined_at", "true"),
    ("generation.heads", "seq, record_id, icd_code, stage, artifact_id, parent_artifact_id, engine, set_at", "true"),
    (
        "generation.calls",
        "record_id, run_id, agent, engine, model, round, status, from_ledger, input_tokens, output_tokens, cost_usd,"
        " latency_ms, started_at",
        "true",
    ),
    (
        "generation.artifacts",
        "artifact_id, content ->> '$.demographics.age_years' as age_years, content ->> '$.demographics.gender' as gender,"
        " len(text) - len(replace(text, chr(10), '')) + 1 as line_count,"
        " len(text) - len(replace(text, ' ', '')) + 1 as word_count",
        f"(kind = 'scenario' or kind in ('note', 'dialogue') and text <> '') and {_SAMPLED}",
    ),
    ("quality.check_results", "record_id, artifact_id, asset, check_name, is_passed, checked_at",
     f"not is_passed or {_SAMPLED}"),
    # a check that failed once may have passed since
    ("quality.check_results", "record_id, artifact_id, asset, check_name, is_passed, checked_at",
     f"is_passed and not {_SAMPLED} and artifact_id in (select unnest($failed::varchar[]))"),
)  # fmt: skip


@contextmanager
def gathered(reading: Reading, watch: Watch = lambda _: None) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
    """Our own database with what was copied, and how many records stand for one of the sample. Gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="medsynth-explorer-") as folder,
        duckdb.connect(str(Path(folder) / "dataset.duckdb")) as own,
    ):
        own.execute("set TimeZone = 'UTC'").execute(
            "select 1"
        ).to_arrow_table()  # Arrow loads now, not in the first look
        for schema in ("reference", "generation", "quality"):
            own.execute(f"create schema {schema}")
        ends = _ends(reading)
        whole, seen = sum(ends[table] for table, *_ in _COPIES) or 1, 0
        every = 1
        for table, columns, wanted in _COPIES:
            values: dict[str, object] = {"every": every} if "$every" in wanted else {}
            if "$failed" in wanted:
                failed = own.execute(f"select distinct artifact_id from {table} where not is_passed").fetchall()  # noqa: S608
                values["failed"] = [row[0] for row in failed]
                if not failed:
                    continue
            query = f"select {columns} from {table} where ({wanted})"  # noqa: S608  of the constants above
            for upto, part in _parts(reading, query, values, ends[table]):
                _keep(own, table, part)
                watch((seen + upto) / whole)
            seen += ends[table]
            if table == "generation.heads":
                records = own.execute("select count(distinct record_id) from generation.heads").fetchone() or (0,)
                every = max(1, records[0] // SAMPLE)
        yield own, every


def _ends(reading: Reading) -> dict[str, int]:
    """One more than the last row of each table."""
    with reading.open() as con:
        return {
            table: (con.execute(f"select coalesce(max(rowid) + 1, 0) from {table}").fetchone() or (0,))[0]  # noqa: S608
            for table, *_ in _COPIES
        }


def _parts(reading: Reading, query: str, values: dict[str, object], end: int) -> Iterator[tuple[int, pa.Table]]:
    """What the query gives, some rows of the table a look: up to which row, and what. At least once, for the columns."""
    first, rows = 0, _FIRST_ROWS
    while True:
        with reading.open() as con:
            began = time.monotonic()
            part = con.execute(
                f"{query} and rowid >= $first and rowid < $last", {**values, "first": first, "last": first + rows}
            ).to_arrow_table()
            took = time.monotonic() - began
        first += rows
        yield min(first, end), part
        if first >= end:
            return
        rows = int(min(max(rows * _LOOK_S / max(took, 0.001), _LEAST_ROWS), rows * 4, _MOST_ROWS))


def _keep(own: duckdb.DuckDBPyConnection, table: str, part: pa.Table) -> None:
    own.register("part", part)
    own.execute(f"create table if not exists {table} as from part limit 0")
    own.execute(f"insert into {table} from part")
    own.unregister("part")
