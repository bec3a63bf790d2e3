"""Removing bodies on purpose: what they were named by stays in generation.removals, and what is left is sealed again."""

from typing import NamedTuple

import duckdb

from medsynth_assets.warehouse.seals import reseal


class Removed(NamedTuple):
    """What went: bodies of artifacts, bodies of calls, and the characters of both."""

    artifacts: int
    calls: int
    characters: int

    def __add__(self, other: object) -> "Removed":
        if not isinstance(other, Removed):
            return NotImplemented
        return Removed(*(one + more for one, more in zip(tuple(self), tuple(other), strict=True)))


_NOTHING = Removed(0, 0, 0)
_CALL_BODY = "coalesce(cast(messages as varchar), '') || coalesce(answer, '')"
_STUB = (
    "to_json(struct_pack(artifact_id, kind, record_id, icd_code, ordinal, parents, recipe_id, engine, model, run_id,"
    " created_at := strftime(created_at, '%Y-%m-%dT%H:%M:%S.%f+00:00')))"
)


class HeadRow(NamedTuple):
    """One row of the history of a slot, oldest first."""

    record_id: str
    stage: str
    artifact_id: str


def slots_remade(con: duckdb.DuckDBPyConnection, more_than: int) -> list[str]:
    """Records of which some stage has had more than so many products."""
    rows = con.execute(
        "select distinct record_id from generation.heads group by record_id, stage "
        "having count(distinct artifact_id) > ? order by record_id",
        [more_than],
    ).fetchall()
    return [row[0] for row in rows]


def history(con: duckdb.DuckDBPyConnection, records: list[str]) -> list[HeadRow]:
    """What stood at each stage of the records, oldest first."""
    rows = con.execute(
        "select record_id, stage, artifact_id from generation.heads "
        "where record_id in (select unnest(?::varchar[])) order by seq",
        [records],
    ).fetchall()
    return [HeadRow(*row) for row in rows]


def parents(
    con: duckdb.DuckDBPyConnection, records: list[str], older_than_days: int
) -> dict[str, tuple[list[str], bool]]:
    """Parents of every artifact of the records, and whether it may go: made so many days ago and before the newest product."""
    rows = con.execute(
        "with newest as (select record_id, max(set_at) as set_at from generation.heads group by record_id) "
        "select artifact_id, parents, created_at < newest.set_at and created_at <= now() - to_days(?::integer) "
        "from generation.artifacts inner join newest using (record_id) where record_id in (select unnest(?::varchar[]))",
        [older_than_days, records],
    ).fetchall()
    return {made: (of, may_go) for made, of, may_go in rows}


def remove(con: duckdb.DuckDBPyConnection, artifact_ids: list[str], reason: str) -> Removed:
    """Take the bodies of these artifacts, and of the calls that brought them, out of the warehouse."""
    if not artifact_ids:
        return _NOTHING
    con.execute("create or replace temp table going as select unnest(?::varchar[]) as artifact_id", [artifact_ids])
    con.execute(
        "insert into generation.removals by name select artifact_id as subject_id, kind, record_id,"
        f" sha256(cast(content as varchar) || text) as body_hash, {_STUB} as row, $reason as reason, now() as removed_at "
        "from generation.artifacts inner join going using (artifact_id)",
        {"reason": reason},
    )
    con.execute(
        "insert into generation.removals by name select call_id as subject_id, 'call' as kind, record_id,"
        f" sha256({_CALL_BODY}) as body_hash, '{{}}'::json as row, $reason as reason, now() as removed_at "
        "from generation.calls inner join going using (artifact_id) where messages is not null or answer is not null",
        {"reason": reason},
    )
    counted = con.execute(
        "select (select count(*) from generation.artifacts inner join going using (artifact_id)),"
        " (select count(*) from generation.calls inner join going using (artifact_id)"
        "  where messages is not null or answer is not null),"
        " (select coalesce(sum(length(cast(content as varchar)) + length(text)), 0) from generation.artifacts"
        "  inner join going using (artifact_id))"
        f" + (select coalesce(sum(length({_CALL_BODY})), 0) from generation.calls inner join going using (artifact_id))"
    ).fetchone()
    records = con.execute(
        "select distinct record_id from generation.artifacts inner join going using (artifact_id)"
    ).fetchall()
    con.execute("update generation.calls set messages = null, answer = null where artifact_id in (from going)")
    con.execute("delete from generation.artifacts where artifact_id in (from going)")
    for table in ("generation.artifacts", "generation.calls"):
        reseal(con, table, [row[0] for row in records])
    con.execute("drop table going")
    return Removed(*counted) if counted else _NOTHING
