"""The same content in a DuckLake and in a DuckDB file: whatever reads it, says the same."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from starlette.testclient import TestClient
from typer.testing import CliRunner

from medsynth_assets.cli.app import app
from medsynth_assets.evaluation.report import Inputs, make_report
from medsynth_assets.explorer.app import build_app
from medsynth_assets.release.making import Order, make_release
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.lake import LakeWarehouse
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.snapshot import take_snapshot
from tests.explorer.conftest import dataset_page
from tests.lineage.conftest import _generated_lake
from tests.postgres import Postgres
from tests.release.conftest import _pairs_lake

__all__ = ["_generated_lake", "_pairs_lake"]
pytestmark = pytest.mark.slow

_LINK = re.compile(r'href="(/[^"#]*)"')
_PAGES_OF_A_KIND = 2
_TOLD = {
    "lineage": ("lineage", "E11.9/001", "--format", "json"),
    "lineage as a page": ("lineage", "I10/001", "--format", "html"),
    "verify": ("verify", "--all", "--json"),
    "sql": ("sql", "--json", "select record_id, note from marts.pairs order by all"),
    "show": ("show", "I10/002", "--json"),
    "failures": ("sql", "select * exclude (batch_id) from generation.quarantine"),
}


@pytest.fixture
def lake(_pairs_lake: LakeWarehouse, postgres: Postgres, tmp_path: Path) -> LakeWarehouse:
    """Nine artifacts and more of six records, and the marts."""
    return postgres.copy_of(_pairs_lake, tmp_path)


@pytest.fixture
def both(lake: LakeWarehouse, tmp_path: Path) -> tuple[LakeWarehouse, WarehouseFile]:
    take_snapshot(lake, tmp_path / "s.duckdb")
    return lake, WarehouseFile(tmp_path / "s.duckdb")


def crawled(warehouse: AnyWarehouse) -> dict[str, str]:
    """Pages by address, as far as links lead, some of each kind; the name of the warehouse left out."""
    client = TestClient(build_app(warehouse, ""), base_url="http://127.0.0.1")
    waiting, seen, kinds = ["/", "/?q=pressure", "/record/I10/9"], {}, {}
    while waiting:
        address = waiting.pop(0)
        kind = re.sub(r"[0-9a-f]{16,}|\d+", "N", address.partition("?")[0])
        if address in seen or address.startswith("/static") or kinds.get(kind, 0) >= _PAGES_OF_A_KIND:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        text = dataset_page(client) if address == "/dataset" else client.get(address).text
        seen[address] = text.replace(warehouse.name, "W")
        waiting += [link.replace("&amp;", "&") for link in _LINK.findall(text)]
    return seen


def test_every_page_of_the_explorer_is_the_same(both: tuple[LakeWarehouse, WarehouseFile]) -> None:
    """Search, records, artifacts, sources, the dataset."""
    of_lake, of_file = map(crawled, both)
    assert list(of_lake) == list(of_file)
    assert {address.split("/")[1].split("?")[0] for address in of_lake} == {"", "record", "dataset"}
    assert any("/artifact/" in address for address in of_lake)
    for address, text in of_lake.items():
        assert text == of_file[address], address


def test_every_command_that_reads_says_the_same(
    both: tuple[LakeWarehouse, WarehouseFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As JSON or as text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    told: list[dict[str, tuple[int, str]]] = []
    for warehouse in both:
        monkeypatch.setenv("MEDSYNTH_WAREHOUSE", warehouse.name)
        monkeypatch.setenv("MEDSYNTH_DATA_PATH", getattr(warehouse, "data_path", ""))
        monkeypatch.setenv("MEDSYNTH_SIDE_FILES", str(tmp_path / "side"))
        load_settings.cache_clear()
        runs = {name: CliRunner().invoke(app, list(words)) for name, words in _TOLD.items()}
        told.append({name: (done.exit_code, done.output.replace(warehouse.name, "W")) for name, done in runs.items()})
    load_settings.cache_clear()
    for name, (code, said) in told[0].items():
        assert (code, said) == told[1][name], name
        assert code == 0, (name, said)


def test_a_release_and_a_report_are_the_same(both: tuple[LakeWarehouse, WarehouseFile], tmp_path: Path) -> None:
    """Every pair, split and leaf of the release; every figure of the report."""
    released: list[dict[str, pl.DataFrame]] = []
    roots = set()
    for number, warehouse in enumerate(both):
        folder, figures = tmp_path / f"release{number}", tmp_path / f"{number}.parquet"
        make_release(warehouse, Order(folder, name="v1"), "run-release")
        make_report(warehouse, Inputs(), tmp_path / f"{number}.html", figures)
        tables = {path.name: pl.read_parquet(path) for path in sorted((folder / "pairs").glob("*.parquet"))}
        released.append(
            {**tables, "lineage": pl.read_parquet(folder / "lineage.parquet"), "report": pl.read_parquet(figures)}
        )
        roots.add(json.loads((folder / "manifest.json").read_text())["lineage_root"])
    assert len(roots) == 1
    of_lake, of_file = released
    assert list(of_lake) == list(of_file)
    assert len(of_lake) > 2
    for name, table in of_lake.items():
        assert_frame_equal(table, of_file[name])
