"""icd10cm_codes: the official ICD-10-CM code set, as one release."""

import hashlib

import dagster as dg
import polars as pl

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.reference.icd10cm import PACKAGE, code_set, release_name
from medsynth_assets.warehouse.reference_store import Release, record_release, replace_all


@dg.asset(group_name="reference", code_version=release_name(), kinds={"duckdb", "polars"})
def icd10cm_codes(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """All ICD-10-CM codes of the release that the package simple-icd-10-cm carries, in reference.icd10cm_codes."""
    frame = code_set()
    release_id = hashlib.blake2b("".join(frame["row_hash"]).encode(), digest_size=12).hexdigest()
    billable = int(frame["is_billable"].sum())
    release = Release(release_id, "icd10cm", release_name(), PACKAGE, release_id, frame.height)
    note_run(warehouse.file, context.run_id)
    with warehouse.writing() as con:
        replace_all(con, "icd10cm_codes", frame.with_columns(pl.lit(release_id).alias("release_id")))
        record_release(con, release, context.run_id)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": frame.height,
            "billable_codes": billable,
            "release": release_name(),
            "release_id": release_id,
            "dagster/relation_identifier": "reference.icd10cm_codes",
        }
    )
