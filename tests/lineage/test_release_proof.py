"""A release against its root, its files and the warehouse; one record of it alone."""

import json
from pathlib import Path

import polars as pl
import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.release_proof import Inclusion, inclusion, verify_release, write_proof
from medsynth_assets.lineage.retention import collect
from medsynth_assets.sql_models.build import build
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.file import WarehouseFile
from tests.lineage.conftest import generate


@pytest.fixture
def release(audited: WarehouseFile, tmp_path: Path) -> Path:
    """All six pairs, released as one file."""
    project = SqlProject()
    with audited.writing() as con:
        build(con, project, project.models)
        pairs = con.execute("from marts.pairs").pl()
    folder = tmp_path / "release"
    folder.mkdir()
    pairs.select("record_id", "note", "dialogue").write_parquet(folder / "train.parquet")
    root = write_proof(folder, pairs)
    (folder / "manifest.json").write_text(json.dumps({"lineage_root": root}))
    return folder


def faults(audited: WarehouseFile, release: Path) -> list[tuple[str, str]]:
    with audited.reading() as con:
        return verify_release(con, release).faults


def test_a_release_holds_against_the_warehouse(audited: WarehouseFile, release: Path) -> None:
    """Root, files and warehouse agree, and each record has its proof."""
    assert faults(audited, release) == []
    proof = inclusion(release, "E11.9/002")
    assert proof.holds
    assert not proof._replace(leaf_hash="0" * 64).holds
    assert Inclusion(**{**proof._asdict(), "root": "0" * 64}).holds is False
    with pytest.raises(UsageError, match="I10/009 is not in the release"):
        inclusion(release, "I10/009")


def test_an_edited_release_is_found(audited: WarehouseFile, release: Path) -> None:
    """A changed text, a left out record, and another root."""
    pairs = pl.read_parquet(release / "train.parquet")
    edited = pairs.with_columns(pl.when(record_id="I10/001").then(pl.lit("x")).otherwise("note").alias("note"))
    edited.write_parquet(release / "train.parquet")
    assert faults(audited, release) == [("I10/001", "its texts in train.parquet are not those that were released")]
    pairs.write_parquet(release / "train.parquet")
    lineage = pl.read_parquet(release / "lineage.parquet")
    lineage.slice(1).write_parquet(release / "lineage.parquet")
    assert any(subject == "" and "do not add up" in says for subject, says in faults(audited, release))


def test_an_edited_warehouse_is_found_by_the_release(audited: WarehouseFile, release: Path) -> None:
    """Even where every seal was made anew over the edit."""
    with audited.writing() as con:
        con.execute("update generation.artifacts set text = text || '.' where kind = 'note' and record_id = 'I10/002'")
    assert faults(audited, release) == [("I10/002", "its leaf is not that of the note and dialogue in the warehouse")]
    with audited.writing() as con:
        con.execute("delete from generation.artifacts where kind = 'dialogue' and record_id = 'I10/002'")
    ((subject, says),) = faults(audited, release)
    assert (subject, says.startswith("the warehouse has no dialogue")) == ("I10/002", True)


def test_a_release_of_superseded_records_still_holds(audited: WarehouseFile, release: Path) -> None:
    """Making records again leaves a release as it is, and so does removing bodies on purpose."""
    generate(audited, "run-three", seed=3)
    assert faults(audited, release) == []
    collect(audited, keep=0, older_than_days=0)
    assert faults(audited, release) == []


def test_what_is_no_release_is_refused(audited: WarehouseFile, tmp_path: Path) -> None:
    """With what was wanted."""
    with (
        audited.reading() as con,
        pytest.raises(UsageError, match=r"is no release: .*wanted manifest.json with lineage_root"),
    ):
        verify_release(con, tmp_path)
