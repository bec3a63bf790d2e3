"""Reading and writing the `reference` schema."""

from typing import NamedTuple

import duckdb
import polars as pl

from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Sex
from medsynth_assets.warehouse.clock import moment
from medsynth_assets.warehouse.seals import reseal


class Release(NamedTuple):
    """One dated version of a reference input. `name` is for people, `release_id` a content hash."""

    release_id: str
    kind: str
    name: str
    source: str
    sha256: str
    row_count: int
    rejected_count: int = 0


def replace_all(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """The whole table becomes this frame. `table` is one of ours, never a user's text."""
    replaced = con.execute(f"select distinct release_id from reference.{table} order by all").fetchall()
    con.execute(f"delete from reference.{table}")
    reseal(con, f"reference.{table}", [row[0] for row in replaced])
    append(con, table, frame)


def replace_release(con: duckdb.DuckDBPyConnection, table: str, release_id: str, frame: pl.DataFrame) -> None:
    """The rows of one release become this frame; other releases stay."""
    con.execute(f"delete from reference.{table} where release_id = ?", [release_id])
    reseal(con, f"reference.{table}", [release_id])
    append(con, table, frame)


def append(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("new_rows", frame)
    con.execute(f"insert into reference.{table} by name select * from new_rows")
    con.unregister("new_rows")


def record_release(con: duckdb.DuckDBPyConnection, release: Release, run_id: str) -> None:
    """Note that this release is in force from now on."""
    row = {**release._asdict(), "run_id": run_id, "loaded_at": moment(con)}
    append(con, "releases", pl.DataFrame([row]))


def current_release(con: duckdb.DuckDBPyConnection, kind: str) -> str | None:
    """Id of the release in force, or None where none was loaded."""
    row = con.execute(
        "select release_id from reference.releases where kind = ? order by loaded_at desc limit 1", [kind]
    ).fetchone()
    return str(row[0]) if row else None


def billable_codes(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """code, is_billable of every code of the release in force."""
    return con.execute("select code, is_billable from reference.icd10cm_codes").pl()


def code_facts(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, CodeFacts]:
    """What the official set says of each of the codes that it has."""
    rows = con.execute(
        "select code, description, category_code, chapter, inclusion_terms, seventh_character, release_id, row_hash, "
        "coalesce(exclusion_terms, []) "
        "from reference.icd10cm_codes where code in (select unnest(?::varchar[]))",
        [codes],
    ).fetchall()
    return {
        row[0]: CodeFacts(
            code=row[0], description=row[1], category=row[2], chapter=row[3], inclusion_terms=row[4],
            exclusion_terms=row[8], episode=row[5], release_id=row[6], row_hash=row[7],
        )
        for row in rows
    }  # fmt: skip


def prevalence_rows(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, tuple[str, str]]:
    """release_id and row_hash of each code in the prevalence release in force."""
    rows = con.execute(
        "select code, release_id, row_hash from reference.icd_prevalence "
        "where release_id = ? and code in (select unnest(?::varchar[]))",
        [current_release(con, "prevalence") or "", codes],
    ).fetchall()
    return {code: (release_id, row_hash) for code, release_id, row_hash in rows}


def top_codes(con: duckdb.DuckDBPyConnection, count: int) -> list[str]:
    """The most prevalent codes of the release in force, by rank."""
    rows = con.execute(
        "select code from reference.icd_prevalence where release_id = ? and rank <= ? order by rank",
        [current_release(con, "prevalence") or "", count],
    ).fetchall()
    return [row[0] for row in rows]


def release_changes(con: duckdb.DuckDBPyConnection, old: str, new: str, count: int) -> pl.DataFrame:
    """The codes that are among the `count` most prevalent in either release, the greatest change of share first.

    Columns: code, old_rank, new_rank, old_share_frac, new_share_frac (null: not in the release), change
    (entered, left, moved or stayed, seen from the top).
    """
    return con.execute(
        "with old as (from reference.icd_prevalence where release_id = $old),"
        " new as (from reference.icd_prevalence where release_id = $new) "
        "select coalesce(old.code, new.code) as code, old.rank as old_rank, new.rank as new_rank,"
        " old.share_frac as old_share_frac, new.share_frac as new_share_frac,"
        " case when coalesce(old.rank > $count, true) then 'entered' when coalesce(new.rank > $count, true) then 'left'"
        " when old.rank <> new.rank then 'moved' else 'stayed' end as change "
        "from old full join new on old.code = new.code where old.rank <= $count or new.rank <= $count "
        "order by abs(coalesce(new.share_frac, 0) - coalesce(old.share_frac, 0)) desc, 1",
        {"old": old, "new": new, "count": count},
    ).pl()


Edit = tuple[float | None, float | None, Sex | None]  # least age, greatest age (inclusive years), sex


def age_sex_edits(con: duckdb.DuckDBPyConnection, codes: list[str]) -> dict[str, list[Edit]]:
    """Age and sex limits of the codes that have any."""
    found: dict[str, list[Edit]] = {}
    for code, low, high, sex in con.execute(
        "select code, min_age, max_age, sex from reference.age_sex_edits "
        "where release_id = ? and code in (select unnest(?::varchar[]))",
        [current_release(con, "groups") or "", codes],
    ).fetchall():
        found.setdefault(code, []).append((low, high, sex))
    return found


def known_billable(con: duckdb.DuckDBPyConnection, codes: list[str]) -> set[str]:
    """Those of the codes that are billable in the release in force."""
    rows = con.execute(
        "select code from reference.icd10cm_codes where is_billable and code in (select unnest(?::varchar[]))", [codes]
    ).fetchall()
    return {row[0] for row in rows}


def chapter_codes(con: duckdb.DuckDBPyConnection, chapter: int) -> list[str]:
    """Billable codes of a chapter (1 to 22) in the prevalence release in force, by rank."""
    rows = con.execute(
        "select p.code from reference.icd_prevalence as p inner join reference.icd10cm_codes as c using (code) "
        "where p.release_id = ? and c.chapter = ? order by p.rank",
        [current_release(con, "prevalence") or "", str(chapter)],
    ).fetchall()
    return [row[0] for row in rows]
