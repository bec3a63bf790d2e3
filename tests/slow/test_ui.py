"""Through the UI's own door: real webserver and daemon, GraphQL as its pages send it, a screenshot."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from deploy.dagster_client import STAGES
from tests.chromium import NoChromium, chromium
from tests.conftest import REPOSITORY, Place
from tests.dagster_ui import Ui

SHOTS = Path(os.environ.get("MEDSYNTH_SCREENSHOTS", REPOSITORY / ".pytest_cache" / "screenshots"))


@pytest.fixture
def ui(place: Place) -> Iterator[Ui]:
    running = Ui(place)
    yield running
    running.stop()


@pytest.mark.slow
def test_a_person_can_make_everything_from_an_empty_instance_in_the_ui(ui: Ui, place: Place) -> None:
    """Reference assets, a partition, a backfill, then the marts: rows, metadata and check results are there."""
    too_early = ui.launch(STAGES, "I10") if _has_partition(ui, "I10") else ""
    assert not too_early, "an empty instance has no partitions yet"

    for assets in (["icd10cm_codes"], ["icd_prevalence", "icd_prevalence_by_group"]):
        run_id = ui.launch(assets)
        assert ui.wait_for(run_id) == "SUCCESS", ui.failure(run_id)
    assert _has_partition(ui, "E11.9")

    run_id = ui.launch(STAGES, "I10")
    assert ui.wait_for(run_id) == "SUCCESS", ui.failure(run_id)
    assert ui.backfill(STAGES, ["E78.5", "E11.9", "K21.9"]) in ("COMPLETED_SUCCESS", "COMPLETED")
    run_id = ui.launch(
        [
            "stg_icd10cm_codes",
            "stg_icd_prevalence",
            "stg_scenarios",
            "stg_notes",
            "stg_dialogues",
            "pairs",
            "coverage",
            "usage",
            "stg_verdicts",
            "rejected",
        ]
    )
    assert ui.wait_for(run_id) == "SUCCESS", ui.failure(run_id)

    with duckdb.connect(str(place.warehouse), read_only=True) as con:
        counts = dict(con.execute("select icd_code, count(*) from staging.stg_dialogues group by icd_code").fetchall())
    assert counts == {"I10": 5, "E78.5": 5, "E11.9": 5, "K21.9": 5}
    assert _metadata(ui, "dialogues", "E11.9")["accepted"] == 5
    checks = _checks(ui, "dialogues")
    assert checks["quota_reached"]
    assert checks["well_formed"]
    lineage = _metadata_labels(ui, "pairs")
    assert {"dagster/column_lineage", "dagster/column_schema", "dagster/row_count"} <= lineage
    _screenshots(ui)


@pytest.mark.slow
def test_a_partition_without_reference_assets_says_what_to_materialize(ui: Ui) -> None:
    """Someone adds a partition by hand and launches it: the run fails with the name of what is missing."""
    added = ui.ask(
        """mutation { addDynamicPartition(partitionsDefName: "icd_code", partitionKey: "I10",
        repositorySelector: {repositoryLocationName: "medsynth", repositoryName: "__repository__"}) { __typename } }"""
    )
    assert added["addDynamicPartition"]["__typename"] == "AddDynamicPartitionSuccess"
    run_id = ui.launch(STAGES, "I10")
    assert ui.wait_for(run_id) == "FAILURE"
    assert "icd10cm_codes has not been materialized" in ui.failure(run_id)


def _has_partition(ui: Ui, code: str) -> bool:
    query = """{ assetNodeOrError(assetKey: {path: ["scenarios"]}) { ... on AssetNode { partitionKeys } } }"""
    return code in ui.ask(query)["assetNodeOrError"]["partitionKeys"]


def _metadata(ui: Ui, asset: str, partition: str) -> dict[str, int]:
    query = """query M($asset: String!, $partition: String!) { assetNodeOrError(assetKey: {path: [$asset]}) { ... on AssetNode {
        assetMaterializations(partitions: [$partition], limit: 1) { metadataEntries { label ... on IntMetadataEntry { intValue } } } } } }"""
    found = ui.ask(query, asset=asset, partition=partition)["assetNodeOrError"]["assetMaterializations"]
    return {e["label"]: e["intValue"] for e in found[0]["metadataEntries"] if "intValue" in e}


def _metadata_labels(ui: Ui, asset: str) -> set[str]:
    query = """query M($asset: String!) { assetNodeOrError(assetKey: {path: [$asset]}) { ... on AssetNode {
        assetMaterializations(limit: 1) { metadataEntries { label } } } } }"""
    found = ui.ask(query, asset=asset)["assetNodeOrError"]["assetMaterializations"]
    return {entry["label"] for entry in found[0]["metadataEntries"]}


def _checks(ui: Ui, asset: str) -> dict[str, bool]:
    query = """query C($asset: String!) { assetChecksOrError: assetNodeOrError(assetKey: {path: [$asset]}) { ... on AssetNode {
        assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { evaluation { success } } } } } } } }"""
    checks = ui.ask(query, asset=asset)["assetChecksOrError"]["assetChecksOrError"]["checks"]
    return {
        c["name"]: bool(((c["executionForLatestMaterialization"] or {}).get("evaluation") or {}).get("success"))
        for c in checks
    }


def _screenshots(ui: Ui) -> None:
    """The asset graph and a partition's page, as a person sees them. Skipped quietly only without a browser."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    SHOTS.mkdir(parents=True, exist_ok=True)
    try:
        with chromium(size=(1600, 1000)) as page:
            for name, path, awaited in (
                ("asset_graph", "/assets/pairs?view=lineage&lineageScope=upstream&lineageDepth=9", "stg_dialogues"),
                ("partition", "/assets/dialogues?view=partitions&partition=E11.9", "E11.9"),
                ("checks", "/assets/dialogues?view=checks", "note_facts_are_said"),
                ("pairs", "/assets/pairs?view=overview", "pairs"),
            ):
                page.get(ui.url + path)
                WebDriverWait(page, 40).until(lambda p, text=awaited: text in p.find_element(By.TAG_NAME, "body").text)
                time.sleep(4)
                body = page.find_element(By.TAG_NAME, "body").text
                assert not re.search(r"Traceback|PythonError", body)
                page.save_screenshot(str(SHOTS / f"{name}.png"))
    except NoChromium as missing:
        pytest.skip(f"{missing}; the rest of the test passed")
