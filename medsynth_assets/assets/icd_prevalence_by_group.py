"""icd_prevalence_by_group: sex and age of the patients of each category, shrunk where cells are small."""

import dagster as dg
import polars as pl

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.reference.groups import PSEUDO_MENTIONS, read_groups
from medsynth_assets.warehouse.reference_store import Release, current_release, record_release, replace_release


@dg.asset(
    group_name="reference",
    code_version=f"pseudo-mentions-{PSEUDO_MENTIONS:g}",
    kinds={"duckdb", "polars"},
    deps=["icd10cm_codes"],
)
def icd_prevalence_by_group(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """Category by sex and age band with the demographic margins and the age and sex edits of codes: what the
    patients of each slot are drawn from."""
    with warehouse.writing() as con:
        if current_release(con, "icd10cm") is None:
            missing = ReferenceInputError("icd10cm_codes has not been materialized; materialize it first")
            raise dg.Failure(str(missing), allow_retries=False)
        codes = con.execute("select category_code, block, chapter from reference.icd10cm_codes").pl()
    built = read_groups(codes)
    release = Release(
        built.release_id, "groups", "NAMCS 2019 by sex and age, MCE v41.1", "category_by_age_sex_namcs2019.csv",
        built.release_id, built.groups.height,
    )  # fmt: skip
    note_run(warehouse.file, context.run_id)
    with warehouse.writing() as con:
        replace_release(con, "icd_prevalence_by_group", built.release_id, built.groups)
        replace_release(con, "demographics", built.release_id, built.demographics)
        replace_release(con, "age_sex_edits", built.release_id, built.edits)
        record_release(con, release, context.run_id)
    observed = built.groups.filter(pl.col("sampled_count") > 0).height
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": built.groups.height,
            "cells_observed": observed,
            "pseudo_mentions": PSEUDO_MENTIONS,
            "codes_with_age_or_sex_limits": built.edits["code"].n_unique(),
            "release_id": built.release_id,
            "dagster/relation_identifier": "reference.icd_prevalence_by_group",
        }
    )
