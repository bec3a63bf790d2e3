"""The asset quality_report."""

import dagster as dg
import polars as pl

from medsynth_assets.definitions import build_defs
from tests.conftest import Place


def test_the_asset_leaves_page_numbers_and_headlines(loaded_place: Place) -> None:
    """Through Dagster, from the warehouse of the settings; a reference that is not there fails the run with its name."""
    job = build_defs().resolve_implicit_global_asset_job_def()
    key = dg.AssetKey("quality_report")
    done = job.execute_in_process(asset_selection=[key])
    (made,) = done.asset_materializations_for_node("quality_report")
    folder = loaded_place.folder / "medsynth.report"
    assert made.metadata["path"].value == str(folder / "quality_report.html")
    assert "<svg" in (folder / "quality_report.html").read_text()
    assert made.metadata["Calls a record"].value == 6.0
    assert pl.read_parquet(folder / "quality_report.parquet").height > 50
    config = {"ops": {"quality_report": {"config": {"reference": "nowhere.jsonl"}}}}
    failed = job.execute_in_process(asset_selection=[key], run_config=config, raise_on_error=False)
    assert not failed.success
    assert any(
        "nowhere.jsonl" in str(event.event_specific_data) for event in failed.all_events if event.is_step_failure
    )
