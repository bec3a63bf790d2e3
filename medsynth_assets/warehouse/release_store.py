"""Reading and writing what was published: generation.releases, generation.released_records, generation.withdrawals."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from medsynth_assets.warehouse.lineage_store import Row, rows_of

_COPY = {
    "parquet": "format parquet, compression zstd, row_group_size 8192",  # rows of some 10 KB: groups of some 80 MB
    "jsonl": "format json",
}


class Release(NamedTuple):
    """One published release. codes: those it was asked to be of, none for all. directory: where it was written, as far as
    this warehouse knows; a release may be moved."""

    release_id: str
    name: str
    lineage_root: str
    manifest_sha256: str
    record_count: int
    codes: tuple[str, ...]
    held_out_codes: tuple[str, ...]
    directory: str
    run_id: str
    released_at: dt.datetime


# What may be released


def gated_pairs(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The ids of every pair of marts.pairs in the order of slots, and what keeps it back: record_id, icd_code, scenario_id,
    note_id, dialogue_id, is_withdrawn (one of the three was taken back), is_retired (its code is not in force)."""
    return con.execute(
        "with withdrawn as (select distinct artifact_id from generation.withdrawals) "
        "select record_id, icd_code, scenario_id, note_id, dialogue_id,"
        " scenario_id in (from withdrawn) or note_id in (from withdrawn) or dialogue_id in (from withdrawn) as is_withdrawn,"
        " icd_description is null as is_retired "
        "from marts.pairs order by icd_code, ordinal"
    ).pl()


def copy_pairs(con: duckdb.DuckDBPyConnection, chosen: pl.DataFrame, path: Path) -> None:
    """Write the pairs whose dialogue_id is among the chosen to a Parquet file, in the order of slots."""
    con.register("chosen", chosen.select("record_id", "dialogue_id"))
    try:
        con.execute(
            "copy (select pairs.* from marts.pairs as pairs semi join chosen using (record_id, dialogue_id)"
            f" order by icd_code, ordinal) to ? ({_COPY['parquet']})",
            [str(path)],
        )
    finally:
        con.unregister("chosen")


def copy_view(con: duckdb.DuckDBPyConnection, select: str, values: dict[str, str], pairs: Path, out: Path) -> None:
    """Write a view (a select from `pairs`) of a Parquet file of pairs, as .parquet or .jsonl. `con` need not be the warehouse."""
    form = _COPY[out.suffix.removeprefix(".")]
    con.execute(
        f"copy (with pairs as (from read_parquet($pairs)) {select}) to ($out) ({form})",
        {**values, "pairs": str(pairs), "out": str(out)},
    )


def recipes_of(con: duckdb.DuckDBPyConnection, chosen: pl.DataFrame) -> list[Row]:
    """Every recipe that the chosen records, their drafts and verdicts were made by, with the exact prompt and how many
    records it made something of."""
    con.register("chosen", chosen.select("record_id", "dialogue_id"))
    try:
        return rows_of(
            con,
            "with recursive line as ("
            " select record_id, dialogue_id as artifact_id from chosen union"
            " select line.record_id, unnest(artifacts.parents) from line"
            " inner join generation.artifacts as artifacts using (artifact_id, record_id)"
            "), used as ("
            " select recipe_id, count(distinct line.record_id) as record_count from line"
            " inner join generation.artifacts using (artifact_id, record_id) where recipe_id <> '' group by recipe_id"
            ") select recipes.* exclude (batch_id, first_used_at), parts.body as prompt, record_count from used"
            " inner join generation.recipes as recipes using (recipe_id)"
            " left join generation.recipe_parts as parts on parts.part_hash = prompt_hash and parts.kind = 'prompt'"
            " order by agent, engine, model, recipe_id",
            [],
        )
    finally:
        con.unregister("chosen")


def reference_in_force(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """The newest reference release of each kind: kind, name, release_id, sha256."""
    return rows_of(
        con,
        "select kind, name, release_id, sha256 from reference.releases"
        " qualify row_number() over (partition by kind order by loaded_at desc) = 1 order by kind",
        [],
    )


# What was released


def record_release(con: duckdb.DuckDBPyConnection, release: Release, lineage: Path) -> None:
    """Append a release and its records, read from its lineage file (record_id, split and ids a record)."""
    con.execute(
        "insert into generation.releases by name select $release_id as release_id, $name as name,"
        " $lineage_root as lineage_root, $manifest_sha256 as manifest_sha256, $record_count as record_count,"
        " $codes::varchar[] as codes, $held_out_codes::varchar[] as held_out_codes, $directory as directory,"
        " $run_id as run_id, $released_at::timestamptz as released_at",
        {**release._asdict(), "codes": list(release.codes), "held_out_codes": list(release.held_out_codes)},
    )
    con.execute(
        "insert into generation.released_records by name select $release_id as release_id, record_id,"
        " split_part(record_id, '/', 1) as icd_code, split, scenario_id, note_id, dialogue_id"
        " from read_parquet($lineage) order by record_id",
        {"release_id": release.release_id, "lineage": str(lineage)},
    )


def releases(con: duckdb.DuckDBPyConnection) -> list[Release]:
    """Every release, the oldest first."""
    rows = con.execute(
        f"select {', '.join(Release._fields)} from generation.releases order by released_at, release_id"
    ).fetchall()
    return [Release(*row)._replace(codes=tuple(row[5]), held_out_codes=tuple(row[6])) for row in rows]


def released_records(con: duckdb.DuckDBPyConnection, release_id: str) -> pl.DataFrame:
    """record_id, split, scenario_id, note_id, dialogue_id of a release, by record_id."""
    return con.execute(
        "select record_id, split, scenario_id, note_id, dialogue_id from generation.released_records"
        " where release_id = ? order by record_id",
        [release_id],
    ).pl()
