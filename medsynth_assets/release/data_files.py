"""The data files of a release: every view of every split, as Parquet and as JSON lines.

The pairs are copied out of the warehouse in one look; everything else is read from those copies, with the warehouse closed.
A split without records has no files.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
import pyarrow.parquet as pq

from medsynth_assets.release.splitting import Split
from medsynth_assets.release.views import PAIRS, VIEWS, View
from medsynth_assets.warehouse.release_store import copy_pairs, copy_view

FORMS = ("parquet", "jsonl")
_BATCH_ROWS = 2048  # pairs in memory at once, some 10 KB each
Watch = Callable[[str, int, int], None]  # what is being done, steps done, steps to do


class DataFile(NamedTuple):
    """One file of a release. path: from its directory."""

    view: View
    split: Split
    form: str

    @property
    def path(self) -> str:
        return f"{self.view.name}/{self.split}.{self.form}"


def data_files(splits: Mapping[Split, int]) -> list[DataFile]:
    """Every file of a release whose splits have so many records, in the order of writing."""
    return [DataFile(view, split, form) for view in VIEWS for split in splits for form in FORMS]


def write_pairs(con: duckdb.DuckDBPyConnection, folder: Path, chosen: pl.DataFrame, watch: Watch) -> dict[Split, int]:
    """Copy the chosen pairs out of the warehouse, a Parquet file a split. Returns the records of each split that has any."""
    (folder / PAIRS.name).mkdir()
    counts = {split: part.height for split in Split if (part := chosen.filter(split=split.value)).height}
    for done, split in enumerate(counts):
        watch(f"copying {counts[split]:,} pairs of {split}", done, len(counts))
        copy_pairs(con, chosen.filter(split=split.value), folder / PAIRS.name / f"{split}.parquet")
    return counts


def write_views(folder: Path, splits: Mapping[Split, int], prompts: Mapping[str, str], watch: Watch) -> None:
    """Write what write_pairs has not, from what it has. prompts: the system prompt of each task."""
    waiting = [file for file in data_files(splits) if not (folder / file.path).exists()]
    with in_memory(folder) as con:
        for done, file in enumerate(waiting):
            watch(f"writing {file.path}", done, len(waiting))
            out = folder / file.path
            out.parent.mkdir(exist_ok=True)
            values = {"system": prompts[file.view.name]} if file.view.is_task else {}
            copy_view(con, file.view.select, values, folder / PAIRS.name / f"{file.split}.parquet", out)


def read_pairs(folder: Path, columns: list[str]) -> Iterator[pl.DataFrame]:
    """The pairs of all splits, some thousand at a time, with a column `split`."""
    for split in Split:
        path = folder / PAIRS.name / f"{split}.parquet"
        if path.exists():
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
                    yield pl.DataFrame(batch).with_columns(pl.lit(split.value).alias("split"))


def in_memory(folder: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB without a warehouse, spilling into the folder that is being written."""
    con = duckdb.connect(config={"temp_directory": str(folder / ".spill")})
    con.execute("set TimeZone = 'UTC'")
    return con
