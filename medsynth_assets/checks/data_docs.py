"""Great Expectations' Data Docs of the current records: suites, verdicts and failing values as pages to read."""

import logging
import os
import shutil
from pathlib import Path

from medsynth_assets.checks.examining import current_measures
from medsynth_assets.errors import UsageError
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.records.artifact import Stage
from medsynth_assets.warehouse.opening import AnyWarehouse

_SHOWN = 20  # failing values of a check


def index_of(folder: Path) -> Path:
    """Where the first page stands, once built."""
    return folder / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"


def build_data_docs(warehouse: AnyWarehouse, folder: Path, most: int) -> Path:
    """Judge the newest `most` records of each stage and write their pages into a folder, replacing those of before.

    Gives the first page. Raises UsageError where nothing has been made yet, or the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "gx" / "great_expectations.yml").is_file():
        raise UsageError(f"{folder} holds other things; name a new folder with --out")
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    frames = {stage: current_measures(warehouse, stage, most) for stage in Stage}
    if all(frame.is_empty() for frame in frames.values()):
        raise UsageError("there are no records to document; make some with: medsynth run --top 20")
    import great_expectations as gx
    from great_expectations.checkpoint import UpdateDataDocsAction
    from great_expectations.data_context.types.base import ProgressBarsConfig

    import medsynth_assets.quality.expectations  # noqa: F401 - registers them

    shutil.rmtree(folder / "gx", ignore_errors=True)
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("warehouse")
    for stage, frame in frames.items():
        if frame.is_empty():
            continue
        checks = suite(stage.value)
        definition = context.suites.add(
            gx.ExpectationSuite(
                name=checks.name,
                expectations=[
                    {"type": c.body["type"], "kwargs": c.body["kwargs"], "meta": {**c.body["meta"], "notes": c.reason}}
                    for c in checks.checks
                ],
            )
        )
        batches = source.add_dataframe_asset(stage.value).add_batch_definition_whole_dataframe("current")
        validation = context.validation_definitions.add(
            gx.ValidationDefinition(name=stage.value, data=batches, suite=definition)
        )
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(
                name=stage.value,
                validation_definitions=[validation],
                actions=[UpdateDataDocsAction(name="docs")],
                result_format={
                    "result_format": "SUMMARY",
                    "unexpected_index_column_names": [checks.key],
                    "partial_unexpected_count": _SHOWN,
                    "return_unexpected_index_query": False,
                },
            )
        )
        checkpoint.run(batch_parameters={"dataframe": frame.to_pandas()})
    context.build_data_docs()
    return index_of(folder)
