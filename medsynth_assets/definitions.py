"""Assembly only: everything that Dagster loads. Nothing is defined here."""

from typing import Any

import dagster as dg

from medsynth_assets.assets.auditing import audit_record
from medsynth_assets.assets.dataset_release import dataset_release
from medsynth_assets.assets.generation import generation
from medsynth_assets.assets.icd10cm_codes import icd10cm_codes
from medsynth_assets.assets.icd_prevalence import icd_prevalence
from medsynth_assets.assets.icd_prevalence_by_group import icd_prevalence_by_group
from medsynth_assets.assets.jury_verdicts import jury_verdicts
from medsynth_assets.assets.lake_upkeep import lake_upkeep, nightly_upkeep
from medsynth_assets.assets.notices import notice_of_failed_run, notice_of_spent_budget
from medsynth_assets.assets.openai_batches import openai_batches, openai_batches_sensor
from medsynth_assets.assets.prevalence_sensor import prevalence_release, release_job
from medsynth_assets.assets.quality_report import quality_report
from medsynth_assets.assets.refresh_plan import refresh_plan
from medsynth_assets.assets.refresh_schedule import marts_after_refresh, marts_job, nightly_refresh, refresh_job
from medsynth_assets.assets.sql_models import sql_models
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.assets.warehouse_snapshot import warehouse_snapshot
from medsynth_assets.settings import load_settings


def build_defs(**overrides: Any) -> dg.Definitions:
    """The definitions with the resources of the settings; tests and the command line pass their own.

    Overrides: `warehouse` (Warehouse), `progress` (assets.progress.Progress, or None for log lines).
    """
    settings = load_settings()
    resources: dict[str, Any] = {
        "warehouse": Warehouse.of(settings),
        "progress": dg.ResourceDefinition.hardcoded_resource(None),
    }
    return dg.Definitions(
        assets=[
            icd10cm_codes,
            icd_prevalence,
            icd_prevalence_by_group,
            generation,
            openai_batches,
            sql_models,
            refresh_plan,
            warehouse_snapshot,
            dataset_release,
            quality_report,
            jury_verdicts,
        ],
        jobs=[audit_record, refresh_job, marts_job, release_job, lake_upkeep],
        schedules=[nightly_refresh, nightly_upkeep],
        sensors=[
            prevalence_release,
            marts_after_refresh,
            notice_of_failed_run,
            notice_of_spent_budget,
            openai_batches_sensor,
        ],
        resources={**resources, **overrides},
        executor=dg.in_process_executor,
    )


defs = build_defs()
