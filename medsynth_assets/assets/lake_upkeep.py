"""lake_upkeep: the nightly job that keeps a DuckLake small. Where the warehouse is a file there is nothing to keep up."""

import dagster as dg

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.settings import load_settings


@dg.op(description="Merges small Parquet files, forgets old snapshots, removes files that none names.")
def keep_up(context: dg.OpExecutionContext, warehouse: Warehouse) -> None:
    """Files or snapshots by step, in the output's metadata. Writers wait meanwhile, readers do not."""
    settings = load_settings()
    if not settings.lake:
        context.log.info("the warehouse is a DuckDB file: nothing to keep up")
        return
    from medsynth_assets.warehouse.lake import LakeWarehouse  # stands on an extra

    lake = warehouse.file
    assert isinstance(lake, LakeWarehouse)
    try:
        context.add_output_metadata(dict(lake.maintain(settings.lake_keep_days)))
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


@dg.job(description="Compaction and snapshot expiry of a DuckLake (MEDSYNTH_LAKE_KEEP_DAYS).")
def lake_upkeep() -> None:
    keep_up()


nightly_upkeep = dg.ScheduleDefinition(
    name="nightly_upkeep",
    job=lake_upkeep,
    cron_schedule="30 4 * * *",  # after the refresh has mostly ended
    default_status=dg.DefaultScheduleStatus.RUNNING if load_settings().lake else dg.DefaultScheduleStatus.STOPPED,
)
