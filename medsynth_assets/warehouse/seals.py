"""Seals: a hash over what every transaction wrote, chained from one transaction to the next.

Artifact ids speak for content, parents and recipes. Seals speak for the rest: every cell of every table that lineage
rests on, times and latencies included, and rows that are gone. A transaction is a batch; its rows carry its number
(`batch_id`, filled by the column's default). As it commits, the rows of each table and subject are hashed into
`generation.seals`, and those seals with the hash of the batch before into `generation.batches`.

A row is hashed as its columns by name, each with the length of its value; what is null is left out, so that a column
added later changes no hash. Whoever replaces or removes rows on purpose seals them again (`reseal`).
"""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb

_BATCH = "medsynth_batch"  # the variable that fills batch_id
_WINDOW_ROWS = 250_000  # hashed in one query: bounds memory, and is enough for all cores


class Sealed(NamedTuple):
    """A sealed table, and the column that says what a row is about."""

    table: str
    subject: str


SEALED = (
    *(Sealed(f"generation.{t}", "record_id") for t in ("artifacts", "heads", "quarantine", "calls", "removals")),
    Sealed("quality.check_results", "record_id"),
    Sealed("quality.jury_verdicts", "record_id"),
    Sealed("generation.targets", "icd_code"),
    Sealed("generation.code_marks", "icd_code"),
    Sealed("generation.recipes", "recipe_id"),
    Sealed("generation.recipe_parts", "part_hash"),
    Sealed("generation.environments", "environment_id"),
    Sealed("generation.runs", "run_id"),
    Sealed("generation.releases", "release_id"),
    Sealed("generation.released_records", "record_id"),
    Sealed("generation.reviews", "record_id"),
    Sealed("generation.withdrawals", "record_id"),
    *(
        Sealed(f"reference.{t}", "release_id")
        for t in (
            "releases", "icd10cm_codes", "icd_prevalence", "icd_prevalence_rejects", "icd_prevalence_by_group",
            "demographics", "age_sex_edits",
        )
    ),
)  # fmt: skip
_SEALS = Sealed("generation.seals", "batch_id")
_BATCHES = "generation.batches"


class Break(NamedTuple):
    """A seal that does not hold. A count of None: there is no such seal, or there are no such rows."""

    table: str
    subject: str
    batch_id: int | None
    sealed_count: int | None
    found_count: int | None

    def __str__(self) -> str:
        if self.sealed_count is None:
            return f"{self.table}: {self.found_count} rows of {self.subject or 'nothing'} were never sealed"
        where = f"{self.table}, {self.subject} in batch {self.batch_id}"
        if self.found_count != self.sealed_count:
            return f"{where}: {self.found_count or 0} of {self.sealed_count} sealed rows are there"
        return f"{where}: a cell is not what was sealed"


# Writing


def open_batch(con: duckdb.DuckDBPyConnection) -> None:
    """Number the rows that this transaction is going to write."""
    there = con.execute("select count(*) from duckdb_tables() where schema_name || '.' || table_name = ?", [_BATCHES])
    newest = f"(select coalesce(max(batch_id), 0) + 1 from {_BATCHES})" if _one(there) else "1"
    con.execute(f"set variable {_BATCH} = {newest}")


def close_batch(con: duckdb.DuckDBPyConnection) -> None:
    """Seal what this transaction wrote; where it wrote nothing, the batch leaves nothing."""
    batch = _one(con.execute(f"select getvariable('{_BATCH}')"))
    tables = [*SEALED, _SEALS]
    counts = [f"(select count(*) from {sealed.table} where batch_id = {batch})" for sealed in tables]
    counted = con.execute(f"select {', '.join(counts)}").fetchone() or ()
    if not any(counted):
        return
    for sealed, count in zip(SEALED, counted, strict=False):
        if count:
            con.execute(
                f"insert into generation.seals by name select {batch} as batch_id, '{sealed.table}' as table_name, "
                f"batch_id as rows_batch_id, * exclude (batch_id) from ({_sealing(con, sealed, f'batch_id = {batch}')})"
            )
    newest = con.execute(f"select batch_hash from {_BATCHES} order by batch_id desc limit 1").fetchone()
    con.execute(
        f"insert into {_BATCHES} by name select {batch} as batch_id, now() as sealed_at, row_count as seal_count, "
        f"seal as seals_hash, $before as previous_hash, {_batch_hash(str(batch), 'now()', 'row_count', 'seal', '$before')}"
        f" as batch_hash from ({_sealing(con, _SEALS, f'batch_id = {batch}')})",
        {"before": newest[0] if newest else ""},
    )


def reseal(con: duckdb.DuckDBPyConnection, table: str, subjects: list[str]) -> None:
    """Rows of the subjects written by earlier transactions were changed or removed on purpose: what is left, holds."""
    (sealed,) = (s for s in SEALED if s.table == table)
    con.execute(
        f"insert into generation.seals by name "
        f"select getvariable('{_BATCH}') as batch_id, $table as table_name, old.batch_id as rows_batch_id, old.subject,"
        f" coalesce(kept.row_count, 0) as row_count, coalesce(kept.seal, '') as seal "
        f"from ({_standing_seals('subject in (select unnest($subjects::varchar[]))')}) as old "
        f"left join ({_sealing(con, sealed, _among(sealed.subject))}) as kept using (batch_id, subject) "
        f"where old.batch_id <> getvariable('{_BATCH}') and coalesce(kept.seal, '') <> old.seal",
        {"table": table, "subjects": subjects},
    )


# Verifying


def broken_seals(con: duckdb.DuckDBPyConnection, sealed: Sealed, subjects: list[str] | None = None) -> Iterator[Break]:
    """Seals of a table that do not hold, of these subjects or of all, the oldest first."""
    if subjects is not None:
        yield from _compare(con, sealed, _among(sealed.subject), _among("subject"), subjects=subjects)
        return
    for first, last in _windows(con, sealed):
        within = f"between {first} and {last}"
        yield from _compare(con, sealed, f"batch_id {within}", f"rows_batch_id {within}")
    unsealed = con.execute(
        f"select {sealed.subject}, count(*) from {sealed.table} where batch_id is null group by all order by all"
    )
    for subject, count in unsealed.fetchall():
        yield Break(sealed.table, subject, None, None, count)


def broken_batches(con: duckdb.DuckDBPyConnection, batch_ids: list[int] | None = None) -> list[str]:
    """What is wrong with the chain of batches, and with the seals of these batches or of all."""
    among = "true" if batch_ids is None else "batch_id in (select unnest($batches::bigint[]))"
    rows = con.execute(
        f"with chain as (select *, {_batch_hash('batch_id', 'sealed_at', 'seal_count', 'seals_hash', 'previous_hash')} as own,"
        f" coalesce(lag(batch_hash) over (order by batch_id), '') as before,"
        f" coalesce(lag(batch_id) over (order by batch_id), 0) as batch_before from {_BATCHES}"
        f"), found as ({_sealing(con, _SEALS, among)}) "
        f"select coalesce(chain.batch_id, found.batch_id), case"
        f" when chain.batch_id is null then 'its row in generation.batches is missing'"
        f" when batch_before <> chain.batch_id - 1 then 'the batch before it is missing'"
        f" when own <> batch_hash then 'a cell of its row in generation.batches is not what was sealed'"
        f" when before <> previous_hash then 'it does not follow from the batch before'"
        f" when found.batch_id is null and seal_count > 0 and ({among.replace('batch_id', 'chain.batch_id')})"
        f" then 'its seals are missing'"
        f" when found.row_count <> seal_count then found.row_count || ' of ' || seal_count || ' seals are there'"
        f" when found.seal <> seals_hash then 'a cell of its seals is not what was sealed'"
        f" end as fault from chain full join found using (batch_id) where fault is not null order by 1",
        {"batches": batch_ids} if batch_ids is not None else {},
    ).fetchall()
    return [f"batch {batch}: {fault}" for batch, fault in rows]


def batches_of(con: duckdb.DuckDBPyConnection, subject: str) -> list[int]:
    """Batches that sealed anything of a subject."""
    rows = con.execute("select distinct batch_id from generation.seals where subject = ?", [subject]).fetchall()
    return [row[0] for row in rows]


def _compare(
    con: duckdb.DuckDBPyConnection, sealed: Sealed, rows_among: str, seals_among: str, **values: list[str]
) -> list[Break]:
    rows = con.execute(
        f"select coalesce(found.subject, standing.subject), coalesce(found.batch_id, standing.batch_id),"
        f" standing.row_count, found.row_count "
        f"from ({_sealing(con, sealed, rows_among)}) as found "
        f"full join ({_standing_seals(seals_among)}) as standing "
        f"on found.subject = standing.subject and found.batch_id = standing.batch_id "
        f"where coalesce(found.seal, '') <> coalesce(standing.seal, '') order by 2, 1",
        {"table": sealed.table, **values},
    ).fetchall()
    return [Break(sealed.table, *row) for row in rows]


def _windows(con: duckdb.DuckDBPyConnection, sealed: Sealed) -> Iterator[tuple[int, int]]:
    """Ranges of batches of about _WINDOW_ROWS rows; the first and last reach to where no batch ought to be."""
    least, most = -(2**62), 2**62
    first, count = least, 0
    for batch, rows in con.execute(
        "select rows_batch_id, sum(row_count) from generation.seals where table_name = ? group by all order by all",
        [sealed.table],
    ).fetchall():
        count += rows
        if count >= _WINDOW_ROWS:
            yield first, batch
            first, count = batch + 1, 0
    yield first, most


# SQL


def _among(column: str) -> str:
    return f"{column} in (select unnest($subjects::varchar[]))"


def _sealing(con: duckdb.DuckDBPyConnection, sealed: Sealed, among: str) -> str:
    """A select of batch_id, subject, row_count and seal over the rows that `among` admits."""
    combined = _short("string_agg(row_hash, '' order by row_hash)")
    return (
        f"select batch_id, subject, count(*) as row_count, {combined} as seal "
        f"from (select batch_id, {sealed.subject} as subject, {_row_hash(con, sealed.table)} as row_hash"
        f" from {sealed.table} where {among}) group by batch_id, subject"
    )


def _standing_seals(among: str) -> str:
    """Of seals made anew for the same rows, the newest: batch_id (of the rows), subject, row_count, seal."""
    return (
        f"select rows_batch_id as batch_id, subject, arg_max(row_count, batch_id) as row_count,"
        f" arg_max(seal, batch_id) as seal "
        f"from (select * from generation.seals where table_name = $table and {among}) group by rows_batch_id, subject"
    )


def _row_hash(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SHA-256 over `name:length:value` of every column that is not null, by name."""
    schema, _, name = table.partition(".")
    columns = con.execute(
        "select column_name, data_type, is_nullable from duckdb_columns()"
        " where database_name = current_database() and schema_name = ? and table_name = ? order by 1",
        [schema, name],
    ).fetchall()
    parts = []
    for column, kind, is_nullable in columns:
        value = _as_text(f'{name}."{column}"', kind)
        one = (f"'{column}:'", f"strlen({value})", "':'", value)
        parts.append((" || " if is_nullable else ", ").join(one))  # || is null with its value; concat alone is quicker
    return f"sha256(concat({', '.join(parts)}))"


def _as_text(column: str, kind: str) -> str:
    """The same text in every time zone and locale."""
    if kind == "VARCHAR":
        return column
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"cast(epoch_us({column}) as varchar)"
    return f"cast(to_json({column}) as varchar)" if kind.endswith("[]") else f"cast({column} as varchar)"


def _batch_hash(batch: str, at: str, count: str, seals: str, before: str) -> str:
    return _short(f"concat_ws(':', 'batch', {batch}, epoch_us({at}), {count}, {seals}, {before})")


def _short(text: str) -> str:
    """128 bits in hex."""
    return f"left(sha256({text}), 32)"


def _one(result: duckdb.DuckDBPyConnection) -> int:
    row = result.fetchone()
    assert row is not None
    return int(row[0])
