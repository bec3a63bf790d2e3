"""Watches where the prevalence table comes from; a new release is loaded, compared with the last, and planned for."""

import dagster as dg

from medsynth_assets.errors import MedsynthError
from medsynth_assets.reference.prevalence import release_id_of
from medsynth_assets.reference.source import fingerprint, prevalence_file
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.reference_store import current_release

release_job = dg.define_asset_job(
    "new_release",
    selection=dg.AssetSelection.assets("icd_prevalence", "refresh_plan"),
    description="A prevalence release loaded and compared with the one before, then the plan that follows from it.",
)


@dg.sensor(job=release_job, minimum_interval_seconds=300, default_status=dg.DefaultSensorStatus.STOPPED)
def prevalence_release(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Looks at the file, folder or URL of MEDSYNTH_PREVALENCE; reads it only where size, time or ETag changed."""
    settings = load_settings()
    try:
        seen = fingerprint(settings)
        if seen == context.cursor:
            return dg.SkipReason("the prevalence table is the one seen before")
        release_id = release_id_of(prevalence_file(settings), settings.prevalence_basis)
        with warehouse_of(settings).reading() as con:
            is_in_force = current_release(con, "prevalence") == release_id
    except MedsynthError as error:
        return dg.SkipReason(str(error))
    if is_in_force:
        return dg.SensorResult(skip_reason="its release is in force already", cursor=seen)
    return dg.SensorResult([dg.RunRequest(tags={"medsynth/release": release_id})], cursor=seen)
