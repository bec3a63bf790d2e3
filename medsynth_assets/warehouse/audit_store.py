"""What verification reads: stored parts with the ids they must add up to, and references that lead nowhere.

Set-based: each query reads one table once, of one record or of all. A reference within a record must stay in that record.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb
import polars as pl

from medsynth_assets.warehouse.lineage_store import Row, rows_of

_BATCH_ROWS = 2_048  # with contents some 7 MB: memory that is used again is quicker than 66 MB of new pages
_TEXT_ROWS = 2_000  # with note and dialogue, some 10 KB each


class Dangling(NamedTuple):
    """A reference to what is not there. `subject`: the record, or what the row is about."""

    subject: str
    label: str
    says: str


def artifact_parts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[tuple[list[Any], ...]]:
    """Columns, some thousand rows at a time: artifact_id, record_id, kind, content, and the JSON before and after the
    content in what the id is the hash of; these three in UTF-8."""
    yield from _columns(
        con,
        "select artifact_id, record_id, kind, encode(cast(content as varchar)),"
        " encode('[\"artifact:1\",' || to_json(kind) || ',' || to_json(record_id) || ','),"
        f" encode(',' || to_json(parents) || ',' || to_json(recipe_id) || ']') from generation.artifacts where {_OF_RECORD}",
        record_id,
    )


def call_parts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[tuple[list[Any], ...]]:
    """Columns: call_id, request_hash, record_id, agent, round, attempt, recipe_id, messages (None where removed on
    purpose or none were sent), the form of output asked for, start in microseconds, seed of the recipe, whether removed."""
    yield from _columns(
        con,
        "select call_id, request_hash, record_id, calls.agent, round, attempt, recipe_id, cast(messages as varchar),"
        " calls.parameters ->> '$.structured_output', epoch_us(started_at),"
        " cast(recipes.parameters ->> '$.seed' as bigint), call_id in (select subject_id from generation.removals) "
        f"from generation.calls left join generation.recipes using (recipe_id) where {_OF_RECORD}",
        record_id,
    )


def verdict_parts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> list[Row]:
    """Verdicts of the jury, with what their ids are the hash of."""
    return rows_of(
        con,
        "select verdict_id, kind, record_id, cast(content as varchar) as content, parents, recipe_id, call_ids"
        f" from quality.jury_verdicts where {_OF_RECORD}",
        {"record": record_id},
    )


def recipes(con: duckdb.DuckDBPyConnection, record_id: str | None) -> list[Row]:
    """Recipes, those that a record names or all."""
    return rows_of(con, f"select * from generation.recipes where {_RECIPES}", {"record": record_id})


def recipe_texts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> list[Row]:
    """part_hash, kind and body of the texts that those recipes name."""
    return rows_of(
        con,
        "select part_hash, kind, body from generation.recipe_parts where $record is null or part_hash in"
        f" (select unnest([prompt_hash, schema_hash]) from generation.recipes where {_RECIPES})",
        {"record": record_id},
    )


def environments(con: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows_of(con, "select * exclude (batch_id) from generation.environments", {})


def prevalence_rows(con: duckdb.DuckDBPyConnection, record_id: str | None) -> list[Row]:
    """row_hash and what it is the hash of, of the record's code or of all."""
    query = "select release_id, code, weight, row_number, row_hash from reference.icd_prevalence"
    return rows_of(con, f"{query} where {_CODE}", {"record": record_id})


def code_parts(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[tuple[list[Any], ...]]:
    """Columns, in the order of their release: release_id, row_hash, code, and the JSON that row_hash is over."""
    named = ", ".join(f"{column} := {column}" for column in _CODE_COLUMNS)
    query = (
        f"select release_id, row_hash, code, '[\"icd10cm:2\",' || to_json(struct_pack({named})) || ']'"
        f" from reference.icd10cm_codes where {_CODE} order by rowid"
    )
    yield from _columns(con, query, record_id)


_CODE_COLUMNS = (  # by name, as canonical JSON has them
    "block", "category_code", "chapter", "chapter_title", "code", "description", "exclusion_terms", "inclusion_terms",
    "is_billable", "seventh_character",
)  # fmt: skip


def planned_rows(con: duckdb.DuckDBPyConnection, record_id: str | None) -> list[Row]:
    """Plans whose rows of the reference releases are not there, though the releases were not replaced: record_id,
    artifact_id, and which of the two (table_name) is missing."""
    return rows_of(
        con,
        "with plans as (select record_id, artifact_id, content ->> '$.prevalence_row_hash' as prevalence_hash,"
        " content ->> '$.prevalence_release_id' as prevalence_release, content ->> '$.icd.row_hash' as code_hash,"
        f" content ->> '$.icd.release_id' as code_release from generation.artifacts where kind = 'plan' and {_OF_RECORD}"
        "), missing as ("
        " select record_id, artifact_id, 'reference.icd_prevalence' as table_name, prevalence_release as release_id"
        " from plans anti join reference.icd_prevalence as rows"
        " on rows.row_hash = prevalence_hash and rows.release_id = prevalence_release"
        " where prevalence_hash <> ''"
        " union all"
        " select record_id, artifact_id, 'reference.icd10cm_codes', code_release"
        " from plans anti join reference.icd10cm_codes as rows"
        " on rows.row_hash = code_hash and rows.release_id = code_release"
        ") select record_id, artifact_id, table_name from missing anti join ("
        "   select table_name, subject from generation.seals where row_count = 0 and table_name like 'reference.%'"
        " ) as replaced on replaced.table_name = missing.table_name and replaced.subject = missing.release_id",
        {"record": record_id},
    )


_OF_RECORD = "($record is null or record_id = $record)"
_RECIPES = (
    "($record is null or recipe_id in (select recipe_id from generation.artifacts where record_id = $record"
    " union all select recipe_id from generation.calls where record_id = $record))"
)
_CODE = "($record is null or code = split_part($record, '/', 1))"
_ARTIFACTS = (
    f"(select record_id as subject, artifact_id as target from generation.artifacts where {_OF_RECORD} union all "
    f"select record_id, subject_id from generation.removals where {_OF_RECORD})"
)


class _Reference(NamedTuple):
    """Rows (subject, label, target) whose target must be among the known ones (target, or subject and target)."""

    says: str
    rows: str
    known: str
    within_record: bool = True


_REFERENCES = (
    _Reference(
        "its parent {} is not there",
        "select record_id as subject, kind || ' ' || artifact_id as label, unnest(parents) as target"
        f" from generation.artifacts where {_OF_RECORD}",
        _ARTIFACTS,
    ),
    _Reference(
        "its recipe {} is not there",
        "select record_id as subject, kind || ' ' || artifact_id as label, recipe_id as target"
        f" from generation.artifacts where recipe_id <> '' and {_OF_RECORD}",
        "(select recipe_id as target from generation.recipes)",
        within_record=False,
    ),
    _Reference(
        "its prompt or answer schema {} is not there",
        "select recipe_id as subject, agent || ' recipe ' || recipe_id as label, unnest([prompt_hash, schema_hash]) as target"
        f" from generation.recipes where {_RECIPES} and first_used_at >="
        " (select min(first_used_at) from generation.recipe_parts)",  # recipes of before version 3 have no texts
        "(select part_hash as target from generation.recipe_parts)",
        within_record=False,
    ),
    _Reference(
        "artifact {} is not there",
        "select record_id as subject, stage || ' head ' || seq as label, unnest([artifact_id, parent_artifact_id]) as target"
        f" from generation.heads where {_OF_RECORD}",
        _ARTIFACTS,
    ),
    _Reference(
        "what it brought, {}, is not there",
        "select record_id as subject, 'call ' || call_id as label, artifact_id as target"
        f" from generation.calls where artifact_id is not null and {_OF_RECORD}",
        _ARTIFACTS,
    ),
    _Reference(
        "what it judges, {}, is not there",
        "select record_id as subject, 'check ' || check_name as label, artifact_id as target"
        f" from quality.check_results where {_OF_RECORD}",
        _ARTIFACTS,
    ),
    _Reference(
        "what it holds of the record, {}, is not there",
        "select record_id as subject, 'release ' || release_id as label, unnest([scenario_id, note_id, dialogue_id]) as target"
        f" from generation.released_records where {_OF_RECORD}",
        _ARTIFACTS,
    ),
    _Reference(
        "its release {} is not there",
        "select record_id as subject, 'release ' || release_id as label, release_id as target"
        f" from generation.released_records where {_OF_RECORD}",
        "(select release_id as target from generation.releases)",
        within_record=False,
    ),
    _Reference(
        "what it judges, {}, is not there",
        "select record_id as subject, 'jury verdict ' || verdict_id as label, unnest(parents[1:2]) as target"
        f" from quality.jury_verdicts where {_OF_RECORD}",
        _ARTIFACTS,
    ),
    _Reference(
        "the call {} that it answers is not there",
        "select record_id as subject, 'jury verdict ' || verdict_id as label, unnest(call_ids) as target"
        f" from quality.jury_verdicts where {_OF_RECORD}",
        "(select record_id as subject, call_id as target from generation.calls)",
    ),
    _Reference(
        "its recipe {} is not there",
        "select record_id as subject, 'jury verdict ' || verdict_id as label, recipe_id as target"
        f" from quality.jury_verdicts where {_OF_RECORD}",
        "(select recipe_id as target from generation.recipes)",
        within_record=False,
    ),
    _Reference(
        "its environment {} is not there",
        "select run_id as subject, 'run ' || run_id as label, environment_id as target"
        " from generation.runs where $record is null or true",
        "(select environment_id as target from generation.environments)",
        within_record=False,
    ),
)


def dangling(con: duckdb.DuckDBPyConnection, record_id: str | None) -> Iterator[Dangling]:
    """References to what is not there, of one record or of all."""
    for reference in _REFERENCES:
        keys = "subject, target" if reference.within_record else "target"
        missing = con.execute(
            f"select subject, label, target from ({reference.rows}) anti join {reference.known} as known using ({keys})"
            " order by all",
            {"record": record_id},
        ).fetchall()
        yield from (Dangling(subject, label, reference.says.format(target)) for subject, label, target in missing)


_SUBJECTS = {  # what rows of tables without a record id are about, that a record rests on
    "generation.targets": "select split_part($record, '/', 1)",
    "generation.recipes": f"select recipe_id from generation.recipes where {_RECIPES}",
    "generation.recipe_parts": "select unnest([prompt_hash, schema_hash]) from generation.recipes where " + _RECIPES,
    "generation.runs": "select run_id from generation.artifacts where record_id = $record union "
    "select run_id from quality.check_results where record_id = $record",
    "generation.releases": "select release_id from generation.released_records where record_id = $record",
    "generation.environments": "select environment_id from generation.environments where $record <> ''",
}
_RELEASES = "select subject from generation.seals where table_name like 'reference.%' and $record <> ''"


def subjects(con: duckdb.DuckDBPyConnection, table: str, record_id: str) -> list[str]:
    """What the rows of a table that a record rests on are about, as in its seals."""
    query = _RELEASES if table.startswith("reference.") else _SUBJECTS.get(table, "select $record")
    return sorted({row[0] for row in con.execute(query, {"record": record_id}).fetchall()})


def released_texts(con: duckdb.DuckDBPyConnection, lineage: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """For each row of a release's lineage (ids and leaf_hash) what is stored, some thousand at a time: ids, leaf_hash, note,
    dialogue (None where it is not there), and whether one of them was removed on purpose."""
    con.register("released", lineage)
    try:
        result = con.execute(
            "select released.record_id, scenario_id, note_id, dialogue_id, leaf_hash, notes.text, dialogues.text,"
            " note_id in (select subject_id from generation.removals)"
            " or dialogue_id in (select subject_id from generation.removals) "
            "from released "
            "left join (select artifact_id, record_id, text from generation.artifacts where kind = 'note') as notes"
            " on notes.artifact_id = note_id and notes.record_id = released.record_id "
            "left join (select artifact_id, record_id, text from generation.artifacts where kind = 'dialogue') as dialogues"
            " on dialogues.artifact_id = dialogue_id and dialogues.record_id = released.record_id"
        )
        while rows := result.fetchmany(_TEXT_ROWS):
            yield from rows
    finally:
        con.unregister("released")


def recorded_release(con: duckdb.DuckDBPyConnection, release_id: str) -> str | None:
    """The SHA-256 of the manifest of a release, as recorded when it was published; None where it was not."""
    row = con.execute("select manifest_sha256 from generation.releases where release_id = ?", [release_id]).fetchone()
    return str(row[0]) if row else None


def removed_on_purpose(con: duckdb.DuckDBPyConnection, record_id: str | None) -> int:
    """How many bodies were removed on purpose."""
    row = con.execute(f"select count(*) from generation.removals where {_OF_RECORD}", {"record": record_id}).fetchone()
    return int(row[0]) if row else 0


def _columns(con: duckdb.DuckDBPyConnection, query: str, record_id: str | None) -> Iterator[tuple[list[Any], ...]]:
    result = con.execute(query, {"record": record_id})
    for batch in result.to_arrow_reader(_BATCH_ROWS):
        yield tuple(column.to_pylist() for column in batch.columns)
