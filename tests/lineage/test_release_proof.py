"""A release against its root, its files, the warehouse's record of it and the warehouse; one record of it alone."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.release_proof import UNRECORDED, Inclusion, inclusion, verify_release
from medsynth_assets.lineage.retention import collect
from medsynth_assets.release.making import Order, make_release
from medsynth_assets.warehouse.opening import AnyWarehouse
from tests.conftest import on_both
from tests.lineage.conftest import generate


@pytest.fixture
def release(audited: AnyWarehouse, tmp_path: Path) -> Path:
    """All six pairs, released."""
    make_release(audited, Order(tmp_path / "release"), "run-release")
    return tmp_path / "release"


def faults(audited: AnyWarehouse, release: Path) -> list[tuple[str, str]]:
    return verify_release(audited, release).faults


def file_of(release: Path, record_id: str) -> Path:
    """The Parquet file of pairs that has the record."""
    (split,) = pl.read_parquet(release / "lineage.parquet").filter(record_id=record_id)["split"]
    return release / "pairs" / f"{split}.parquet"


@on_both("audited")
def test_a_release_holds_against_the_warehouse(audited: AnyWarehouse, release: Path) -> None:
    """Root, files and warehouse agree, and each record has its proof."""
    found = verify_release(audited, release)
    assert (found.faults, found.records) == ([], 6)
    proof = inclusion(release, "E11.9/002")
    assert proof.holds
    assert not proof._replace(leaf_hash="0" * 64).holds
    assert Inclusion(**{**proof._asdict(), "root": "0" * 64}).holds is False
    with pytest.raises(UsageError, match="I10/009 is not in the release"):
        inclusion(release, "I10/009")


def test_an_edited_release_is_found(audited: AnyWarehouse, release: Path) -> None:
    """A changed text, and a left out record."""
    path = file_of(release, "I10/001")
    pairs = pl.read_parquet(path)
    edited = pairs.with_columns(pl.when(record_id="I10/001").then(pl.lit("x")).otherwise("note").alias("note"))
    edited.write_parquet(path)
    assert faults(audited, release) == [
        ("", f"pairs/{path.name} is not the file that was released"),
        ("I10/001", f"its texts in {path.name} are not those that were released"),
    ]
    lineage = pl.read_parquet(release / "lineage.parquet")
    lineage.slice(1).write_parquet(release / "lineage.parquet")
    assert any(subject == "" and "do not add up" in says for subject, says in faults(audited, release))


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param(lambda at: _append(at / "README.md"), "README.md is not the file", id="card"),
        pytest.param(lambda at: _append(at / "dial2note" / "train.jsonl"), "train.jsonl is not the file", id="view"),
        pytest.param(lambda at: (at / "croissant.json").unlink(), "croissant.json is not there", id="gone"),
        pytest.param(lambda at: (at / "more.txt").write_text("x"), "more.txt is not named", id="added"),
        pytest.param(
            lambda at: _append(at / "manifest.json"), "not the one that the warehouse recorded", id="manifest"
        ),
    ],
)
def test_any_edited_file_is_found(
    audited: AnyWarehouse, release: Path, edit: Callable[[Path], None], says: str
) -> None:
    """Of whichever form, and the manifest itself by what the warehouse recorded."""
    edit(release)
    ((subject, told),) = faults(audited, release)
    assert (subject, says in told) == ("", True)


def test_an_edit_with_a_manifest_to_match_is_found(audited: AnyWarehouse, release: Path) -> None:
    """Who makes the hashes anew is told from the warehouse's record, and from another warehouse it is no release of its own."""
    _append(release / "README.md")
    manifest = json.loads((release / "manifest.json").read_text())
    (entry,) = (entry for entry in manifest["files"] if entry["path"] == "README.md")
    entry["sha256"] = sha256((release / "README.md").read_bytes()).hexdigest()
    (release / "manifest.json").write_text(json.dumps(manifest))
    assert faults(audited, release) == [("", "manifest.json is not the one that the warehouse recorded")]
    with audited.writing() as con:
        con.execute("delete from generation.releases")
    assert faults(audited, release) == [("", UNRECORDED)]


@on_both("audited")
def test_an_edited_warehouse_is_found_by_the_release(audited: AnyWarehouse, release: Path) -> None:
    """Even where every seal was made anew over the edit."""
    with audited.writing() as con:
        con.execute("update generation.artifacts set text = text || '.' where kind = 'note' and record_id = 'I10/002'")
    assert faults(audited, release) == [("I10/002", "its leaf is not that of the note and dialogue in the warehouse")]
    with audited.writing() as con:
        con.execute("delete from generation.artifacts where kind = 'dialogue' and record_id = 'I10/002'")
    ((subject, says),) = faults(audited, release)
    assert (subject, says.startswith("the warehouse has no dialogue")) == ("I10/002", True)


def test_a_release_of_superseded_records_still_holds(audited: AnyWarehouse, release: Path) -> None:
    """Making records again leaves a release as it is, and so does removing bodies on purpose."""
    generate(audited, "run-three", seed=3)
    assert faults(audited, release) == []
    collect(audited, keep=0, older_than_days=0)
    assert faults(audited, release) == []


def test_what_is_no_release_is_refused(audited: AnyWarehouse, tmp_path: Path) -> None:
    """With what was wanted."""
    with pytest.raises(UsageError, match=r"is no release: .*wanted manifest.json with lineage_root"):
        verify_release(audited, tmp_path)
