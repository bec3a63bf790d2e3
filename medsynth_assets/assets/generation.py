"""scenarios, notes, dialogues: the three generation assets, made together so that records flow through.

One multi-asset: where a run selects several of them, a slot goes on to its note as soon as its scenario
is approved, with no barrier between the assets. Each can still be materialized by itself.
"""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal

import dagster as dg

from medsynth_assets.agents.asking import asking_with, code_version_of
from medsynth_assets.assets.auditing import partition_metadata
from medsynth_assets.assets.generating import CodeCount, Generation, Report
from medsynth_assets.assets.partitions import ICD_CODE
from medsynth_assets.assets.progress import LogProgress, Progress
from medsynth_assets.assets.run_tags import BUDGET_ENDED
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.assets.work import Order
from medsynth_assets.checks.data_docs import index_of
from medsynth_assets.checks.examining import examine
from medsynth_assets.checks.reporting import check_results, check_specs
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.batch_engine import NAME
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.errors import MedsynthError
from medsynth_assets.records.artifact import Stage, Strategy
from medsynth_assets.records.identity import Slot
from medsynth_assets.refresh.planning import named, refreshing
from medsynth_assets.refresh.policy import policy_of
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.generation_store import codes_wanted, quota, standing_ids

QUOTA = "quota_reached"
ENGINE_POOL = "engine"  # its limit stands in dagster.yaml
_SHOWN_CODES = 50


class GenerationConfig(dg.Config):
    """What a run may set for itself; what is left out comes from the settings."""

    engine: Literal["", "offline", "openai", "openai-batch"] = ""
    dialogue_strategy: Literal["", "medsynth", "notechat"] = ""
    dialogue_language: str = ""  # BCP 47
    per_code: int = 0  # 0: from the settings
    seed: int | None = None
    force: bool = False  # make again what is current
    refresh: bool = False  # only what a refresh would make: codes in force, failures after their backoff
    budget: str = ""  # id of the budget that the run shares with others of its refresh
    since: str = ""  # goes on with an order begun then (ISO 8601): what failed since is left in quarantine


_DESCRIPTIONS = {
    Stage.SCENARIOS: "Approved scenarios of a code: 13 variables each, after the provider and the judge.",
    Stage.NOTES: "A SOAP note for each current scenario, written and polished.",
    Stage.DIALOGUES: "A doctor-patient dialogue for each current note, generated and polished.",
}


def _spec(stage: Stage) -> dg.AssetSpec:
    deps: list[str] = [stage.parent.value] if stage.parent else ["icd_prevalence", "icd_prevalence_by_group"]
    return dg.AssetSpec(
        stage.value,
        deps=deps,
        skippable=True,
        group_name="generation",
        code_version=code_version_of(stage.agents_by(Strategy(load_settings().dialogue_strategy))),
        kinds={"duckdb", "python"},
        description=_DESCRIPTIONS[stage],
        metadata={"dagster/relation_identifier": f"staging.stg_{stage.value}"},
    )


def _quota(stage: Stage) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(QUOTA, asset=stage.value, description="Every slot of the partitions has its record.")


@dg.multi_asset(
    name="generation",
    specs=[_spec(stage) for stage in Stage],
    check_specs=[spec for stage in Stage for spec in (_quota(stage), *check_specs(stage.value))],
    partitions_def=ICD_CODE,
    backfill_policy=dg.BackfillPolicy.multi_run(load_settings().max_partitions_per_run),
    can_subset=True,
    pool=ENGINE_POOL,
)
def generation(
    context: dg.AssetExecutionContext,
    config: GenerationConfig,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Any],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Scenarios, notes and dialogues of the run's codes: makes what is missing or stale, keeps what is current."""
    stages = tuple(stage for stage in Stage if dg.AssetKey(stage.value) in context.selected_asset_keys)
    wanted_checks = {(key.asset_key.to_user_string(), key.name) for key in context.selected_asset_check_keys}
    try:
        with warehouse.file.staying_open():
            codes = _codes(context, warehouse)
            if stages:
                watcher: Progress = progress or LogProgress(context.log.info)
                report = asyncio.run(_generate(config, warehouse, watcher, context.run_id, codes, stages))
                if report.ended:
                    context.instance.add_run_tags(context.run_id, {BUDGET_ENDED: report.ended[:255]})
                watcher.note("checking")
            by_code = _standings(warehouse, codes) if stages else {}
            for stage in stages:
                for code in codes:
                    told = {**_counts(report.counts[code, stage]), **partition_metadata(stage, by_code[code])}
                    context.add_asset_metadata(told, asset_key=stage.value, partition_key=code)
                yield dg.MaterializeResult(asset_key=stage.value, metadata=_metadata(report, stage, codes))
            for stage in Stage:
                names = {name for asset, name in wanted_checks if asset == stage.value}
                if QUOTA in names:
                    yield _quota_result(warehouse, stage, codes)
                if names - {QUOTA}:
                    outcomes = examine(warehouse.file, codes, stage, context.run_id)
                    yield from check_results(stage.value, [o for o in outcomes if o.check.name in names])
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def _codes(context: dg.AssetExecutionContext, warehouse: Warehouse) -> tuple[str, ...]:
    """The partitions of the run; of one that only checks, which Dagster gives none, every code asked for so far."""
    if context.has_partition_key or context.has_partition_key_range:
        return tuple(sorted(context.partition_keys))
    with warehouse.reading() as con:
        return tuple(sorted(codes_wanted(con)))


async def _generate(
    config: GenerationConfig,
    warehouse: Warehouse,
    progress: Progress,
    run_id: str,
    codes: tuple[str, ...],
    stages: tuple[Stage, ...],
) -> Report:
    settings = load_settings().with_dialogues(config.dialogue_strategy, config.dialogue_language)
    budget = budget_of(settings, config.budget) if config.budget else None
    engine = engine_for(config.engine or settings.engine, settings, budget)
    try:
        await engine.preflight()
        asking = asking_with(engine, settings.seed if config.seed is None else config.seed, settings)
        order = Order(
            codes=codes,
            stages=stages,
            wanting=partial(refreshing, settings)
            if config.refresh
            else partial(named, per_code=config.per_code or settings.per_code),
            policy=policy_of(
                settings,
                at_once=not config.refresh,
                force=config.force,
                since=dt.datetime.fromisoformat(config.since) if config.since else None,
            ),
            judge_rounds=settings.judge_rounds,
            concurrency=settings.concurrency,
        )
        making = Generation(warehouse.file, asking, knowledge_base(), progress, run_id, settings.lease_s, budget)
        report = await making.run(order)
        if told := await engine.hand_in(codes, sorted(report.parked), _run_config(config, order, report, asking.seed)):
            progress.note(told)
        return report
    finally:
        await engine.close()


def _standings(warehouse: Warehouse, codes: Sequence[str]) -> dict[str, dict[str, dict[Stage, str]]]:
    """What stands for the slots of each code, by record id and stage."""
    found: dict[str, dict[str, dict[Stage, str]]] = {code: {} for code in codes}
    with warehouse.reading() as con:
        for record_id, stages in standing_ids(con, list(codes)).items():
            found[Slot.parse(record_id).code][record_id] = stages
    return found


def _run_config(config: GenerationConfig, order: Order, report: Report, seed: int) -> str:
    """How a later run goes on with what this one had to leave parked."""
    since = report.since.isoformat() if report.since else ""
    going_on = {**config.model_dump(), "engine": NAME, "seed": seed, "since": since}
    return json.dumps({"stages": [stage.value for stage in order.stages], "config": going_on})


def _counts(count: CodeCount) -> dict[str, int]:
    return {
        "accepted": count.accepted,
        "target": count.target,
        "made": count.made,
        "quarantined": count.quarantined,
    }


def _metadata(report: Report, stage: Stage, codes: Sequence[str]) -> dict[str, Any]:
    counts = [report.counts[code, stage] for code in codes]
    docs = index_of(load_settings().data_docs_folder)
    reasons = {reason: n for reason, n in report.reasons.items() if reason.startswith(stage.value)}
    return {
        "made_in_run": sum(count.made for count in counts),
        "quarantined_in_run": sum(count.quarantined for count in counts),
        "parked_slots": report.parked.total(),
        "quarantine_reasons": reasons or "none",
        "calls": report.calls,
        "tokens": report.tokens,
        **_of_calls(report),
        "cost_usd": round(report.cost_usd, 4),
        "generation_seconds": round(report.seconds, 3),
        "left_planned": report.left,
        **({"budget": report.ended} if report.ended else {}),
        "data_docs": dg.MetadataValue.url(docs.resolve().as_uri())
        if docs.exists()
        else "build them: medsynth data-docs",
    }


def _of_calls(report: Report) -> dict[str, Any]:
    """Of what was sent to an endpoint; nothing where nothing was."""
    if not (plot := report.latencies.plot()):
        return {}
    return {
        "cached_tokens": report.cached_tokens,
        "latency_p50_ms": report.latencies.quantile_ms(0.5),
        "latency_p95_ms": report.latencies.quantile_ms(0.95),
        "latencies": dg.MetadataValue.md(plot),
    }


def _quota_result(warehouse: Warehouse, stage: Stage, codes: Sequence[str]) -> dg.AssetCheckResult:
    with warehouse.reading() as con:
        counts = quota(con, list(codes), stage)
    short = {code: f"{accepted} of {target}" for code, (accepted, target) in counts.items() if accepted < target}
    return dg.AssetCheckResult(
        asset_key=stage.value,
        check_name=QUOTA,
        passed=not short,
        metadata={
            "accepted": sum(accepted for accepted, _ in counts.values()),
            "target": sum(target for _, target in counts.values()),
            "short_codes": dict(list(short.items())[:_SHOWN_CODES]),
        },
    )
