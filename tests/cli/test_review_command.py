"""`medsynth review`: export, fill in, import, withdraw, agree."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from medsynth_assets.cli.review_command import review
from medsynth_assets.errors import UsageError, WarehouseError
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.records.review import DIMENSIONS
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.review_store import candidates
from tests.conftest import Place


def run(*arguments: object) -> Result:
    """In this process; errors that the command line would tell are raised."""
    return CliRunner().invoke(review, [str(a) for a in arguments], catch_exceptions=False)


def export(place: Place, level: str, **changed: str) -> Path:
    """The one record there is, reviewed."""
    path = place.folder / f"{level}.csv"
    assert run("export", "--out", path).exit_code == 0
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row | dict.fromkeys(DIMENSIONS, level) | changed for row in csv.DictReader(lines)]
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def asked(place: Place, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(place.warehouse), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_an_unacceptable_record_is_withdrawn_with_its_reason(loaded_place: Place) -> None:
    """Its note and its dialogue, named by artifact, so that a record made anew may be released."""
    done = run("import", export(loaded_place, "Poor", soap="1", comment="plan in Objective"), "--reviewer", "Dr. Hall")
    assert done.exit_code == 0, done.output
    assert "1 reviews by Dr. Hall stored" in done.output
    assert "1 records withdrawn: I10/001" in done.output
    rows = asked(loaded_place, "select record_id, reason, reviewer from generation.withdrawals")
    assert rows == [("I10/001", "human review: unacceptable in soap (plan in Objective)", "Dr. Hall")] * 2
    made = asked(loaded_place, "select note_id, dialogue_id from marts.pairs")[0]
    assert {row[0] for row in asked(loaded_place, "select artifact_id from generation.withdrawals")} == set(made)


def test_reviews_are_appended_sealed_and_never_twice(loaded_place: Place) -> None:
    """The same file again adds nothing; a changed mind adds a row, and the newest counts."""
    first = export(loaded_place, "Poor")
    run("import", first, "--reviewer", "Hall")
    assert "0 reviews by Hall stored, 1 known" in run("import", first, "--reviewer", "Hall").output
    run("import", export(loaded_place, "Excellent"), "--reviewer", "Hall")
    run("import", first, "--reviewer", "Ode")
    reviews = asked(loaded_place, "select reviewer, realism from generation.reviews order by batch_id")
    assert reviews == [("Hall", "Poor"), ("Hall", "Excellent"), ("Ode", "Poor")]
    found = json.loads(run("agreement", "--json").output)
    assert {(row["first"], row["second"], row["agreed_frac"]) for row in found if row["second"] == "Ode"} == {
        ("Hall", "Ode", 0.0)
    }
    judged = [row for row in found if row["second"].startswith("scenario judge")]
    assert {(row["first"], row["dimension"], row["agreed_frac"]) for row in judged} == {
        ("Hall", "factuality", 1.0), ("Hall", "realism", 1.0), ("Ode", "factuality", 0.0), ("Ode", "realism", 0.0),
    }  # fmt: skip
    assert asked(loaded_place, "select count(*) from generation.withdrawals") == [(0,)]
    file = WarehouseFile(loaded_place.warehouse)
    with file.reading() as con:
        assert not list(verify(con).faults)
    with duckdb.connect(str(loaded_place.warehouse)) as con:
        con.execute("update generation.reviews set realism = 'Excellent' where reviewer = 'Ode'")
    with file.reading() as con:
        assert any("generation.reviews" in str(fault) for fault in verify(con).faults)


def test_lines_that_do_not_fit_are_left_out_with_exit_code_1(loaded_place: Place) -> None:
    """A pair that this warehouse never made, and the same pair twice."""
    path = export(loaded_place, "Excellent")
    lines = path.read_text().splitlines(keepends=True)
    row = "".join(lines[1:])
    note = asked(loaded_place, "select note_id from marts.pairs")[0][0]
    path.write_text("".join(lines) + row + row.replace(note, "0" * 24))
    done = run("import", path, "--reviewer", "Hall")
    assert done.exit_code == 1
    assert "reviewed twice in this file" in done.output
    assert "the warehouse has no dialogue" in done.output
    assert "1 reviews by Hall stored, 0 known, 0 not reviewed yet, 2 not taken" in done.output


def test_check_results_are_a_stratum(loaded_place: Place) -> None:
    """passed, warned, rejected: by the newest verdict on any of the record's three parts."""
    file = WarehouseFile(loaded_place.warehouse)
    with file.writing() as con:
        con.execute("delete from quality.check_results where not is_passed")
        (before,) = candidates(con)
        insert = (
            "insert into quality.check_results by name select record_id, icd_code, asset, artifact_id, ? as check_name,"
            " column_name, observed, threshold, false as is_passed, '' as explanation, check_recipe_id, run_id,"
            " now() as checked_at, ? as severity from quality.check_results where asset = 'notes' limit 1"
        )
        con.execute(insert, ["odd_words", "warning"])
        (warned,) = candidates(con)
        con.execute(insert, ["wrong_dose", "critical"])
        (rejected,) = candidates(con)
    assert (before.checks, warned.checks, rejected.checks) == ("passed", "warned", "rejected")
    assert (before.failed_checks, rejected.failed_checks) == ([], ["odd_words", "wrong_dose"])
    assert (before.chapter, before.icd_code) == ("9", "I10")


def test_what_cannot_be_done_is_refused(loaded_place: Place) -> None:
    """A file that may hold verdicts is not written over."""
    path = export(loaded_place, "Poor")
    for arguments, said in (
        (("export", "--out", path), "is there already"),
        (("export", "--out", "x.txt"), "is no .csv"),
        (("export", "--out", "x.csv", "--format", "xml"), "there are csv and label-studio"),
        (("import", path, "--reviewer", " "), "--reviewer is empty"),
        (("import", "none.csv", "--reviewer", "Hall"), "no reviews at"),
    ):
        with pytest.raises(UsageError, match=said):
            run(*arguments)
    loaded_place.warehouse.unlink()
    with pytest.raises(WarehouseError, match="no warehouse"):
        run("import", path, "--reviewer", "Hall")
