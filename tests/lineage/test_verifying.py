"""Verification finds every edit and every missing row, says where, and takes nothing sound for broken."""

import random
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest

from medsynth_assets.lineage.retention import collect
from medsynth_assets.lineage.verifying import Link, Verification, verify
from medsynth_assets.warehouse import reference_store
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.seals import SEALED
from tests.conftest import on_both

TABLES = [*(sealed.table for sealed in SEALED), "generation.seals", "generation.batches"]


def verified(file: AnyWarehouse, record_id: str | None = None) -> Verification:
    with file.reading() as con:
        return verify(con, record_id)


def tampered(file: AnyWarehouse, sql: str, record_id: str | None = None) -> Verification:
    """What is found after someone wrote to the warehouse past the stores."""
    with file._open(read_only=False) as con:
        con.execute(sql)
    return verified(file, record_id)


@on_both("audited")
def test_what_was_made_holds(audited: AnyWarehouse) -> None:
    """Records made once and made again, in quarantine, with reference data: all of it and each alone."""
    found = verified(audited)
    assert (found.faults, found.removed) == ([], 0)
    assert found.artifacts >= 9 * 8
    for record in ("I10/001", "E11.9/002", "I10/004"):
        assert verified(audited, record).faults == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("edits", [6, pytest.param(40, marks=pytest.mark.slow)])
def test_any_edit_of_a_single_cell_is_found(audited: AnyWarehouse, table: str, edits: int) -> None:
    """Random cells of every table of lineage, each changed a little: every one is found."""
    chance = random.Random(table)
    with duckdb.connect(str(audited.path)) as con:
        count = con.execute(f"select count(*) from {table}").fetchone()
        rows = [row[0] for row in con.execute(f"select rowid from {table}").fetchall()]
        columns = con.execute(f"select column_name, column_type from (describe {table})").fetchall()
        if table == "generation.removals":
            assert count == (0,)  # nothing was removed: test_any_edit_of_a_removal_is_found
            return
        assert rows, f"{table} is empty: nothing would be proved"
        missed = []
        for _ in range(edits):
            row, (column, kind) = chance.choice(rows), chance.choice(columns)
            before, after = edit(con, table, row, column, kind, chance)
            if verify(con).holds:
                missed.append(f"{column}: {before!r} to {after!r}")
            con.rollback()
    assert missed == []


def edit(
    con: duckdb.DuckDBPyConnection, table: str, row: int, column: str, kind: str, chance: random.Random
) -> tuple[Any, Any]:
    """Change one cell inside a transaction that the caller rolls back."""
    (before,) = con.execute(f"select {column} from {table} where rowid = {row}").fetchone() or (None,)
    con.begin()
    con.execute(f"update {table} set {column} = {_OTHER[kind](before, chance)} where rowid = {row}")
    (after,) = con.execute(f"select {column} from {table} where rowid = {row}").fetchone() or (None,)
    assert after != before
    return before, after


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _other_text(before: str | None, chance: random.Random) -> str:
    if before is None:
        return "'x'"
    at = chance.randrange(len(before) + 1)
    return _quoted(before[:at] + chance.choice("xé 0") + before[at:])


def _other_json(before: str | None, chance: random.Random) -> str:
    """A space more, or another value: both are edits."""
    if before is None:
        return "'[]'"
    return _quoted(chance.choice([before + " ", before.replace("a", "b", 1) + " ", '{"other": 1}']))


def _other_list(before: list[str] | None, chance: random.Random) -> str:
    changed = chance.choice([[*(before or []), "x"], [*reversed(before or ["y"]), "z"]])
    return "[" + ", ".join(map(_quoted, changed)) + "]::varchar[]"


_OTHER: dict[str, Callable[[Any, random.Random], str]] = {
    "VARCHAR": _other_text,
    "JSON": _other_json,
    "VARCHAR[]": _other_list,
    "BIGINT": lambda before, chance: str((before or 0) + chance.choice([1, -1, 1000])),
    "INTEGER": lambda before, chance: str((before or 0) + chance.choice([1, -1])),
    "DOUBLE": lambda before, _: f"{(before or 0.0) + 1e-6!r}",
    "BOOLEAN": lambda before, _: str(not before).lower(),
    "TIMESTAMP WITH TIME ZONE": lambda before, _: f"'{before.isoformat()}'::timestamptz + interval 1 microsecond",
}


@pytest.mark.parametrize("table", TABLES)
def test_a_removed_and_a_repeated_row_is_found(audited: AnyWarehouse, table: str) -> None:
    """Of every table: any row deleted, and any row there twice."""
    chance = random.Random(table)
    with duckdb.connect(str(audited.path)) as con:
        rows = [row[0] for row in con.execute(f"select rowid from {table}").fetchall()]
        for row in chance.sample(rows, min(4, len(rows))):
            for sql in (
                f"delete from {table} where rowid = {row}",
                f"insert into {table} from {table} where rowid = {row}",
            ):
                con.begin()
                con.execute(sql)
                assert not verify(con).holds, sql
                con.rollback()


@pytest.mark.parametrize(
    ("sql", "record", "link", "says"),
    [
        pytest.param(
            "update generation.artifacts set content = replace(content, 'a', 'e') where kind = 'note' and record_id = 'I10/001'",
            "I10/001", Link.NOTE, "its content is not what it is named by", id="a-changed-character-of-a-note",
        ),
        pytest.param(
            "update generation.artifacts set parents = [parents[2], parents[1]] where kind = 'dialogue' and record_id = 'I10/001'",
            "I10/001", Link.DIALOGUE, "its content is not what it is named by", id="swapped-parents",
        ),
        pytest.param(
            "delete from generation.calls where record_id = 'I10/001' and agent = 'note_writer'",
            "I10/001", Link.SEAL, "generation.calls, I10/001 in batch", id="a-deleted-call",
        ),
        pytest.param(
            "update generation.recipe_parts set body = body || ' Lie.' where kind = 'prompt' and body like '%SOAP%'",
            None, Link.RECIPE, "the prompt is not the text it is named by", id="an-edited-prompt",
        ),
        pytest.param(
            "delete from generation.artifacts where kind = 'scenario' and record_id = 'I10/001'",
            "I10/001", Link.NOTE, "its parent", id="a-removed-scenario",
        ),
        pytest.param(
            "update reference.icd_prevalence set weight = 71 where code = 'I10'",
            None, Link.REFERENCE, "prevalence row of I10", id="an-edited-prevalence",
        ),
        pytest.param(
            "update generation.calls set messages = '[]' where record_id = 'I10/004'",
            "I10/004", Link.CALL, "what was sent is not what its request is named by", id="edited-messages",
        ),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named(
    audited: AnyWarehouse, sql: str, record: str | None, link: Link, says: str
) -> None:
    """Of several links that one edit breaks, the one nearest to the roots; other records hold."""
    found = tampered(audited, sql).first_broken()
    faults = [fault for subject, fault in found.items() if record in (None, subject)]
    assert min(fault.link for fault in faults) == link
    assert any(says in fault.says for fault in faults if fault.link == link)
    assert "E11.9/001" not in found


@on_both("audited")
def test_a_record_alone_is_found_broken_through_what_it_rests_on(audited: AnyWarehouse) -> None:
    """An edited prompt breaks each record it was used for; an edit of another record does not."""
    elsewhere = "update generation.artifacts set text = text || '.' where record_id = 'E11.9/001' and kind = 'note'"
    assert tampered(audited, elsewhere, "I10/001").holds
    assert not verified(audited, "E11.9/001").holds
    assert not tampered(audited, "update generation.recipe_parts set body = body || '.'", "I10/001").holds


@on_both("audited")
def test_rows_written_past_the_store_are_found(audited: AnyWarehouse) -> None:
    """A row that another program added has no seal."""
    sql = "insert into generation.targets (icd_code, record_count, run_id, set_at) values ('I10', 9, 'x', now())"
    (fault,) = tampered(audited, sql).faults
    assert "1 rows of I10 were never sealed" in fault.says


@on_both("audited")
def test_what_was_removed_on_purpose_is_not_broken(audited: AnyWarehouse) -> None:
    """Retention takes superseded bodies; verification counts them and finds nothing wrong."""
    removed = collect(audited, keep=0, older_than_days=0)
    assert removed.artifacts == 3 * 8
    found = verified(audited)
    assert (found.faults, found.removed) == ([], 3 * 8)


def test_any_edit_of_a_removal_is_found(audited: AnyWarehouse) -> None:
    """What is said of removed bodies is sealed like everything else."""
    collect(audited, keep=0, older_than_days=0)
    chance = random.Random(1)
    with duckdb.connect(str(audited.path)) as con:
        columns = con.execute("select column_name, column_type from (describe generation.removals)").fetchall()
        rows = [row[0] for row in con.execute("select rowid from generation.removals").fetchall()]
        for column, kind in columns:
            edit(con, "generation.removals", chance.choice(rows), column, kind, chance)
            assert not verify(con).holds, column
            con.rollback()


@on_both("audited")
def test_a_replaced_release_is_not_broken(audited: AnyWarehouse) -> None:
    """Loading a release again, or another one in its place, replaces rows on purpose."""
    with audited.reading() as con:
        rows = con.execute("select * exclude (batch_id) from reference.icd10cm_codes").pl()
    with audited.writing() as con:
        reference_store.replace_all(con, "icd10cm_codes", rows)
    assert verified(audited).faults == []
    with audited.writing() as con:
        reference_store.replace_all(con, "icd10cm_codes", rows.filter(pl.lit(value=False)))
    assert verified(audited).faults == []
