"""icd_prevalence: one release of a prevalence table, and the partitions that follow from it."""

from pathlib import Path

import dagster as dg
import polars as pl

from medsynth_assets.assets.markdown import markdown
from medsynth_assets.assets.partitions import ICD_CODE
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.checks.reporting import check_results, check_specs
from medsynth_assets.errors import MedsynthError, ReferenceInputError
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.quality.validation import validate
from medsynth_assets.reference.prevalence import Prevalence, read_prevalence, release_id_of
from medsynth_assets.reference.source import prevalence_file
from medsynth_assets.settings import Settings, load_settings
from medsynth_assets.warehouse.generation_store import codes_with_data
from medsynth_assets.warehouse.reference_store import (
    Release,
    billable_codes,
    current_release,
    record_release,
    release_changes,
    replace_release,
    top_codes,
)

_SHOWN_REJECTS = 50
_SHOWN_CHANGES = 50


@dg.asset(
    group_name="reference",
    code_version="1",  # raise it when reading or ranking changes
    kinds={"duckdb", "polars"},
    deps=["icd10cm_codes"],
    check_specs=check_specs("icd_prevalence"),
)
def icd_prevalence(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """How often each code is seen, from the shipped survey table or MEDSYNTH_PREVALENCE; registers the top codes
    as partitions. Rows that cannot be used go to reference.icd_prevalence_rejects with their reason."""
    settings = load_settings()
    try:
        source = prevalence_file(settings)
        with warehouse.writing() as con:
            before = current_release(con, "prevalence")
        table, codes = _load(warehouse, source, settings, context.run_id)
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    added, removed = _register(context.instance, codes, warehouse)
    outcomes = validate(suite("icd_prevalence"), _as_stored(warehouse, table.release_id))
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": table.rows.height,
            "rejected_rows": table.rejects.height,
            "rejects": dg.MetadataValue.md(markdown(table.rejects.drop("release_id"), _SHOWN_REJECTS)),
            "source": str(source.name),
            "basis": settings.prevalence_basis,
            "release_id": table.release_id,
            "partitions": len(codes),
            "partitions_added": added,
            "partitions_removed": removed,
            "share_of_top_codes": float(table.rows.filter(pl.col("rank") <= settings.top_codes)["share_frac"].sum()),
            "dagster/relation_identifier": "reference.icd_prevalence",
            **_difference(warehouse, before, table.release_id, settings.top_codes),
        },
        check_results=check_results("icd_prevalence", outcomes),
    )


def _load(warehouse: Warehouse, source: Path, settings: Settings, run_id: str) -> tuple[Prevalence, list[str]]:
    with warehouse.writing() as con:
        if current_release(con, "icd10cm") is None:
            raise ReferenceInputError("icd10cm_codes has not been materialized; materialize it first")
        official = billable_codes(con)
    table = read_prevalence(source, settings.prevalence_basis, official)
    release = Release(
        table.release_id, "prevalence", f"{table.source}, {settings.prevalence_basis}", table.source, table.sha256,
        table.rows.height, table.rejects.height,
    )  # fmt: skip
    note_run(warehouse.file, run_id)
    with warehouse.writing() as con:
        replace_release(con, "icd_prevalence", table.release_id, table.rows)
        replace_release(con, "icd_prevalence_rejects", table.release_id, table.rejects)
        record_release(con, release, run_id)
        return table, top_codes(con, settings.top_codes)


def _register(instance: dg.DagsterInstance, codes: list[str], warehouse: Warehouse) -> tuple[int, int]:
    """Partitions are the top codes, by rank, and every code that has data."""
    known = set(instance.get_dynamic_partitions(str(ICD_CODE.name)))
    new = [code for code in codes if code not in known]
    instance.add_dynamic_partitions(str(ICD_CODE.name), new)
    with warehouse.reading() as con:
        kept = codes_with_data(con) | set(codes)
    fallen = sorted(known - kept)
    for code in fallen:
        instance.delete_dynamic_partition(str(ICD_CODE.name), code)
    return len(new), len(fallen)


def is_current(warehouse: Warehouse, instance: dg.DagsterInstance, settings: Settings) -> bool:
    """Whether the release in force is what the settings ask for, and its top codes are partitions."""
    source = prevalence_file(settings)
    if not source.is_file():
        return False  # materializing it says so
    with warehouse.reading() as con:
        in_force = current_release(con, "prevalence") == release_id_of(source, settings.prevalence_basis)
        wanted = top_codes(con, settings.top_codes)
    return in_force and set(wanted) <= set(instance.get_dynamic_partitions(str(ICD_CODE.name)))


def _difference(warehouse: Warehouse, old: str | None, new: str, top: int) -> dict[str, dg.MetadataValue]:
    """What the release changes among the top codes, against the one before; {} where it is the same or the first."""
    if old in (None, new):
        return {}
    with warehouse.reading() as con:
        changes = release_changes(con, str(old), new, top)
    counts = {change: changes.filter(pl.col("change") == change).height for change in ("entered", "left", "moved")}
    shares = changes.select(pl.col("old_share_frac", "new_share_frac").fill_null(0))
    moved_share = (shares["new_share_frac"] - shares["old_share_frac"]).abs().sum() / 2
    return {
        **{f"codes_{change}": dg.MetadataValue.int(count) for change, count in counts.items()},
        "share_moved": dg.MetadataValue.float(float(moved_share)),
        "previous_release_id": dg.MetadataValue.text(str(old)),
        "changes": dg.MetadataValue.md(markdown(changes.filter(pl.col("change") != "stayed"), _SHOWN_CHANGES)),
    }


def _as_stored(warehouse: Warehouse, release_id: str) -> pl.DataFrame:
    """The release as it stands in the warehouse, beside what the code set says of its codes."""
    with warehouse.reading() as con:
        return con.execute(
            "select p.code, p.weight, p.share_frac, coalesce(c.is_billable, false) as is_billable "
            "from reference.icd_prevalence as p left join reference.icd10cm_codes as c using (code) where p.release_id = ?",
            [release_id],
        ).pl()
