"""Telling people of failed runs and of spent budgets, with Dagster's own run status sensors (refresh/notices.py tells)."""

import dagster as dg

from medsynth_assets.assets.run_tags import BUDGET, BUDGET_ENDED
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.refresh.notices import Notice, hook_of
from medsynth_assets.settings import load_settings


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def notice_of_failed_run(context: dg.RunFailureSensorContext) -> None:
    """Every run that fails, with its reason."""
    run = context.dagster_run
    _tell(
        Notice("run_failed", f"run {run.run_id} of {run.job_name} failed: {context.failure_event.message}", run.run_id)
    )


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING)
def notice_of_spent_budget(context: dg.RunStatusSensorContext) -> None:
    """Once for each budget: the first run that left something planned."""
    tags = context.dagster_run.tags
    if BUDGET_ENDED in tags and budget_of(load_settings(), tags[BUDGET]).tell_once():
        why = f"a refresh stopped: {tags[BUDGET_ENDED]}; what is left stays planned"
        _tell(Notice("budget_ended", why, context.dagster_run.run_id))


def _tell(notice: Notice) -> None:
    hook_of(load_settings())(notice)
