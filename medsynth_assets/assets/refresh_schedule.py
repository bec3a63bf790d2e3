"""The scheduled refresh: plans, and requests runs over partition ranges that share one budget; then the marts."""

from collections.abc import Iterator

import dagster as dg

from medsynth_assets.assets.partitions import ICD_CODE, RANGE_END, RANGE_START
from medsynth_assets.assets.run_tags import KIND, REFRESH, refresh_tags
from medsynth_assets.assets.sql_models import sql_models
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.errors import MedsynthError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.limits import demand_prices, limits_of
from medsynth_assets.refresh.marking import mark_kept
from medsynth_assets.refresh.outlook import look_ahead
from medsynth_assets.refresh.ranges import partition_ranges
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING,
]  # fmt: skip

refresh_job = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.assets(*(stage.value for stage in Stage)),
    partitions_def=ICD_CODE,
    description="Scenarios, notes and dialogues that are stale, for the partitions of the run.",
)
marts_job = dg.define_asset_job(
    "marts", selection=dg.AssetSelection.assets(sql_models), description="Every SQL model, built anew."
)


@dg.schedule(
    name="nightly_refresh",
    job=refresh_job,
    cron_schedule=load_settings().refresh_cron,
    execution_timezone=load_settings().refresh_timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING
    if load_settings().refresh_scheduled
    else dg.DefaultScheduleStatus.STOPPED,
)
def nightly_refresh(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """What is due, most prevalent first, within the limits of the settings; skipped while the last refresh still runs."""
    under_way = running_refreshes(context.instance)
    if under_way:
        yield dg.SkipReason(f"the previous refresh still runs: {', '.join(run.run_id[:8] for run in under_way)}")
        return
    try:
        yield from _requests(context.instance)
    except MedsynthError as error:
        yield dg.SkipReason(str(error))


def running_refreshes(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs of any refresh, scheduled or started by hand, that have not ended."""
    return list(instance.get_runs(dg.RunsFilter(tags={KIND: REFRESH}, statuses=_UNDER_WAY)))


def _requests(instance: dg.DagsterInstance) -> Iterator[dg.RunRequest | dg.SkipReason]:
    settings = load_settings()
    limits = limits_of(settings)
    demand_prices(settings, settings.engine, limits)
    outlook = look_ahead(settings, settings.engine, limits)
    mark_kept(warehouse_of(settings), outlook.plan)
    wanted = outlook.within()
    if not wanted:
        yield dg.SkipReason("everything is current, or waits for its backoff")
        return
    budget = budget_of(settings).begin(limits)
    partitions = instance.get_dynamic_partitions(str(ICD_CODE.name))
    left = set(outlook.plan.codes) - set(wanted)
    allowed = [code for code in partitions if code not in left]
    config = {"engine": settings.engine, "refresh": True, "budget": budget.budget_id}
    for first, last in partition_ranges(partitions, allowed, wanted, settings.max_partitions_per_run):
        yield dg.RunRequest(
            run_key=f"{budget.budget_id}:{first}",
            run_config={"ops": {"generation": {"config": config}}},
            tags={RANGE_START: first, RANGE_END: last, **refresh_tags(budget.budget_id)},
        )


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[refresh_job],
    request_job=marts_job,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def marts_after_refresh(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
    """Builds the SQL models once the last run of a scheduled refresh has ended."""
    if running_refreshes(context.instance):
        return dg.SkipReason("other runs of the refresh are under way")
    return dg.RunRequest(run_key=context.dagster_run.run_id)
