"""warehouse_snapshot: the warehouse in a file of its own, for those who keep a connection open."""

import dagster as dg

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.snapshot import take_snapshot


@dg.asset(
    group_name="marts",
    kinds={"duckdb"},
    deps=["pairs", "rejected", "coverage", "usage", "spending"],
    code_version="1",  # raise it when a snapshot holds something else
)
def warehouse_snapshot(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """A copy of the whole warehouse between two transactions, beside it (`*.snapshot.duckdb`); replaces the one before."""
    try:
        taken = take_snapshot(warehouse.file, load_settings().snapshot_file)
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(taken.path),
            "batch_id": taken.batch_id,
            "size_bytes": taken.size_bytes,
            "held_s": taken.held_s,
        }
    )
