"""A release holds the gated pairs of its moment, in every form, and says what it holds."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.release_proof import verify_release
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.release.choosing import NothingToRelease
from medsynth_assets.release.making import Order, make_release
from medsynth_assets.release.manifest import read_manifest
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.opening import AnyWarehouse
from tests.conftest import on_both
from tests.release.conftest import Releasing


def read(release: Path, view: str) -> pl.DataFrame:
    """A view of all splits."""
    return pl.concat([pl.read_parquet(path) for path in sorted((release / view).glob("*.parquet"))])


@on_both("pairs")
def test_a_release_holds_the_gated_pairs(pairs: AnyWarehouse, releasing: Releasing, tmp_path: Path) -> None:
    """Every column of every pair as marts.pairs has it; no split without records has a file."""
    made = releasing("v1")
    with pairs.reading() as con:
        gated = con.execute("from marts.pairs order by record_id").pl()
    assert read(tmp_path / "v1", "pairs").sort("record_id").equals(gated)
    assert {name: split.record_count for name, split in made.manifest.splits.items()} == {"train": 4, "validation": 2}
    assert not (tmp_path / "v1" / "pairs" / "test.parquet").exists()
    train = pl.read_parquet(tmp_path / "v1" / "pairs" / "train.parquet")
    assert train["record_id"].to_list() == ["E11.9/001", "E11.9/002", "I10/002", "I10/003"]


@pytest.mark.parametrize("view", ["pairs", "dial2note", "note2dial", "medsynth"])
def test_both_forms_of_a_view_say_the_same(releasing: Releasing, tmp_path: Path, view: str) -> None:
    """Parquet and JSON lines, row by row; times in UTC."""
    releasing("v1")
    rows = pq.read_table(tmp_path / "v1" / view / "train.parquet").to_pylist()
    lines = [json.loads(line) for line in (tmp_path / "v1" / view / "train.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == len(lines) == 4
    for row, line in zip(rows, lines, strict=True):
        if at := row.pop("completed_at", None):
            assert line.pop("completed_at").startswith(f"{at:%Y-%m-%d %H:%M}")
        assert row == line


def test_chat_views_ask_for_one_text_and_answer_with_the_other(releasing: Releasing, tmp_path: Path) -> None:
    """System, user, assistant; the prompt that ships, or the one given, which the manifest keeps."""
    (tmp_path / "mine.md").write_text("Schreib's auf: 'kurz'.\n", "utf-8")
    made = releasing("v1", prompts={"dial2note": tmp_path / "mine.md"})
    texts = {row["record_id"]: row for row in read(tmp_path / "v1", "pairs").iter_rows(named=True)}
    for view, asked, answered in (("dial2note", "dialogue", "note"), ("note2dial", "note", "dialogue")):
        for record, _, messages in read(tmp_path / "v1", view).iter_rows():
            system, user, assistant = messages
            assert system == {"role": "system", "content": made.manifest.system_prompts[view]}
            assert user == {"role": "user", "content": texts[record][asked]}
            assert assistant == {"role": "assistant", "content": texts[record][answered]}
    assert made.manifest.system_prompts["dial2note"] == "Schreib's auf: 'kurz'."


def test_the_published_columns_are_offered(releasing: Releasing, tmp_path: Path) -> None:
    """Those of the MedSynth dataset, and no others."""
    releasing("v1")
    view = read(tmp_path / "v1", "medsynth")
    assert view.columns == ["Note", "Dialogue", "ICD10", "ICD10_desc"]
    assert set(view["ICD10_desc"]) == {
        "Essential (primary) hypertension", "Type 2 diabetes mellitus without complications",
    }  # fmt: skip


def test_the_manifest_tells_every_file_recipe_and_package(releasing: Releasing, tmp_path: Path) -> None:
    """Hashes and rows of all files but itself; the six agents with their exact prompts; code and packages."""
    releasing("v1")
    manifest, _ = read_manifest(tmp_path / "v1")
    files = {p.relative_to(tmp_path / "v1").as_posix() for p in (tmp_path / "v1").rglob("*") if p.is_file()}
    assert files == {entry.path for entry in manifest.files} | {"manifest.json"}
    for entry in manifest.files:
        body = (tmp_path / "v1" / entry.path).read_bytes()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (entry.bytes, entry.sha256)
        if entry.path.endswith("jsonl"):
            assert len(body.splitlines()) == entry.row_count
    assert {how.agent for how in manifest.recipes} == {
        "scenario_provider", "scenario_judge", "note_writer", "note_polisher", "dialogue_generator", "dialogue_polisher",
    }  # fmt: skip
    assert {
        how.agent: sum(h.record_count for h in manifest.recipes if h.agent == how.agent) for how in manifest.recipes
    }["note_writer"] == 6
    assert all(how.prompt and "{%" in how.prompt for how in manifest.recipes)
    assert {reference["kind"] for reference in manifest.reference} == {"icd10cm", "prevalence", "groups"}
    assert manifest.packages["duckdb"]
    assert manifest.python_version.startswith("3.")


def test_the_same_pairs_give_the_same_files(releasing: Releasing) -> None:
    """Data and root byte for byte; what names the release differs."""
    one, other = releasing("v1").manifest, releasing("v2").manifest
    assert one.lineage_root == other.lineage_root
    assert one.release_id != other.release_id
    hashes = [{f.path: f.sha256 for f in made.files if f.row_count is not None} for made in (one, other)]
    assert hashes[0] == hashes[1]


@on_both("pairs")
def test_what_was_withdrawn_or_retired_is_left_out(pairs: AnyWarehouse, releasing: Releasing, tmp_path: Path) -> None:
    """By the artifact that was withdrawn: made again, the record is released again."""
    with pairs.writing() as con:
        con.execute(
            "insert into generation.withdrawals by name select note_id as artifact_id, record_id, 'wrong' as reason, 'dr' as reviewer"
            " from marts.pairs where record_id = 'E11.9/002'"
        )
        con.execute(
            "insert into generation.withdrawals (artifact_id, record_id, reason, reviewer) values ('gone', 'I10/001', 'x', 'y')"
        )
    made = releasing("v1")
    assert "E11.9/002" not in set(read(tmp_path / "v1", "pairs")["record_id"])
    assert (made.manifest.record_count, made.manifest.withheld.withdrawn) == (5, 1)
    with pairs.writing() as con:
        con.execute("delete from reference.icd10cm_codes where code = 'I10'")
    made = releasing("v2")
    assert set(read(tmp_path / "v2", "pairs")["icd_code"]) == {"E11.9"}
    assert (made.manifest.record_count, made.manifest.withheld.retired) == (2, 3)


def test_codes_are_chosen_and_held_out(releasing: Releasing, tmp_path: Path) -> None:
    """Only those asked for; one held out is in the test split whole."""
    made = releasing("v1", codes=("I10",))
    assert (made.manifest.codes, made.manifest.record_count) == (["I10"], 3)
    made = releasing("v2", held_out=("I10",))
    held = pl.read_parquet(tmp_path / "v2" / "pairs" / "test.parquet")
    assert held["record_id"].to_list() == ["I10/001", "I10/002", "I10/003"]
    assert made.manifest.splits["train"].code_count == 1


def test_the_warehouse_records_what_was_released(pairs: AnyWarehouse, releasing: Releasing, tmp_path: Path) -> None:
    """Release and records, sealed; directory, warehouse and record agree."""
    made = releasing("v1")
    with pairs.reading() as con:
        rows = con.execute("select record_id, split from generation.released_records order by all").fetchall()
        assert verify(con).faults == []
    assert rows == sorted(read(tmp_path / "v1", "pairs").select("record_id").join(
        pl.read_parquet(tmp_path / "v1" / "lineage.parquet"), on="record_id"
    ).select("record_id", "split").rows())  # fmt: skip
    assert verify_release(pairs, tmp_path / "v1").faults == []
    assert made.release.lineage_root == made.manifest.lineage_root


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"name": "../v1"}, "'../v1' cannot name a release", id="path"),
        pytest.param({"codes": ("Z99",)}, "--codes: no gated pair of Z99", id="unknown-code"),
        pytest.param({"held_out": ("Z99",)}, "--hold-out: no gated pair of Z99", id="unknown-held-out"),
        pytest.param({"prompts": {"summary": Path("x")}}, "no task 'summary'", id="unknown-task"),
        pytest.param({"prompts": {"dial2note": Path("nowhere")}}, "nowhere cannot be read", id="no-prompt"),
    ],
)
def test_what_cannot_be_released_is_refused(
    releasing: Releasing, tmp_path: Path, options: dict[str, object], says: str
) -> None:
    """With nothing written."""
    with pytest.raises(UsageError, match=says):
        releasing("v1", **options)
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"} <= {"w.duckdb"}


def test_a_release_is_never_changed(releasing: Releasing, tmp_path: Path) -> None:
    """The same directory again is refused."""
    releasing("v1")
    before = (tmp_path / "v1" / "manifest.json").read_bytes()
    with pytest.raises(UsageError, match="v1 holds a release, and releases are never changed"):
        releasing("v1")
    assert (tmp_path / "v1" / "manifest.json").read_bytes() == before


def test_a_release_that_was_not_recorded_is_recorded(pairs: AnyWarehouse, releasing: Releasing, tmp_path: Path) -> None:
    """Killed after the directory was there and before the warehouse knew: the same command completes it, unless it was edited."""
    made = releasing("v1")
    with pairs.writing() as con:
        con.execute("delete from generation.releases")
        con.execute("delete from generation.released_records")
    again = releasing("v1")
    assert (again.was_there, again.release) == (True, made.release)
    with pairs.writing() as con:
        con.execute("delete from generation.releases")
    (tmp_path / "v1" / "README.md").write_text("edited")
    with pytest.raises(UsageError, match="holds a release"):
        releasing("v1")


def test_nothing_to_release_says_so(tmp_path: Path) -> None:
    """No warehouse, no models, no pairs; nothing is left behind."""
    nowhere, empty = WarehouseFile(tmp_path / "none.duckdb"), WarehouseFile(tmp_path / "w.duckdb")
    with pytest.raises(NothingToRelease, match="no warehouse at"):
        make_release(nowhere, Order(tmp_path / "v1"), "run")
    empty.ensure()
    with pytest.raises(NothingToRelease, match=r"marts.pairs was never built"):
        make_release(empty, Order(tmp_path / "v1"), "run", rebuild=False)
    with pytest.raises(NothingToRelease, match=r"marts.pairs is empty; make some with: medsynth run"):
        make_release(empty, Order(tmp_path / "v1"), "run")
    assert not any(path.name in ("v1", ".v1.partial") for path in tmp_path.iterdir())
