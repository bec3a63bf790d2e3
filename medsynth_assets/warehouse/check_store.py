"""Reading and writing quality.check_results."""

from collections import defaultdict

import duckdb
import polars as pl


def examined(con: duckdb.DuckDBPyConnection, asset: str, recipes: list[str], artifact_ids: list[str]) -> set[str]:
    """Artifacts that every one of these check recipes has judged already."""
    rows = con.execute(
        "select artifact_id from quality.check_results "
        "where asset = ? and check_recipe_id in (select unnest(?::varchar[]))"
        " and artifact_id in (select unnest(?::varchar[])) "
        "group by artifact_id having count(distinct check_recipe_id) = ?",
        [asset, recipes, artifact_ids, len(set(recipes))],
    ).fetchall()
    return {row[0] for row in rows}


def failures(
    con: duckdb.DuckDBPyConnection, asset: str, recipes: list[str], artifact_ids: list[str]
) -> dict[str, list[str]]:
    """Record ids that failed, by check recipe, among the artifacts; by the newest verdict of each."""
    rows = con.execute(
        "with newest as ("
        " select * from quality.check_results"
        " where asset = ? and check_recipe_id in (select unnest(?::varchar[]))"
        " and artifact_id in (select unnest(?::varchar[]))"
        " qualify row_number() over (partition by artifact_id, check_recipe_id order by checked_at desc) = 1"
        ") select check_recipe_id, record_id from newest where not is_passed order by record_id",
        [asset, recipes, artifact_ids],
    ).fetchall()
    found: dict[str, list[str]] = defaultdict(list)
    for recipe, record_id in rows:
        found[recipe].append(record_id)
    return found


def write_results(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Append verdicts: the columns of the table, but for its batch."""
    con.register("new_rows", rows)
    con.execute("insert into quality.check_results by name select * from new_rows")
    con.unregister("new_rows")
