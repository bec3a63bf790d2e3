"""scenarios, notes, dialogues: the three generation assets, made together so that records flow through.

One multi-asset: where a run selects several of them, a slot goes on to its note as soon as its scenario
is approved, with no barrier between the assets. Each can still be materialized by itself.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import dagster as dg

from medsynth_assets.agents.asking import Asking
from medsynth_assets.assets.generating import CodeCount, Generation, Order, Report
from medsynth_assets.assets.partitions import ICD_CODE
from medsynth_assets.assets.progress import LogProgress, Progress
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.checks.examining import examine
from medsynth_assets.checks.reporting import check_results, check_specs
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.errors import MedsynthError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.settings import Settings, load_settings

QUOTA = "quota_reached"
_SHOWN_CODES = 50


class GenerationConfig(dg.Config):
    """What a run may set for itself; what is left out comes from the settings."""

    engine: Literal["", "offline", "openai"] = ""
    per_code: int = 0  # 0: from the settings
    seed: int | None = None
    force: bool = False  # make again what is current


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
)
def generation(
    context: dg.AssetExecutionContext,
    config: GenerationConfig,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Any],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Scenarios, notes and dialogues of the run's codes: makes what is missing or stale, keeps what is current."""
    stages = tuple(stage for stage in Stage if dg.AssetKey(stage.value) in context.selected_asset_keys)
    codes = tuple(sorted(context.partition_keys))
    watcher: Progress = progress or LogProgress(context.log.info)
    try:
        report = asyncio.run(_generate(config, warehouse, watcher, context.run_id, codes, stages))
        watcher.note("checking")
        for stage in stages:
            for code in codes:
                count = report.counts[code, stage]
                context.add_asset_metadata(_counts(count), asset_key=stage.value, partition_key=code)
            yield dg.MaterializeResult(asset_key=stage.value, metadata=_metadata(report, stage, codes))
        for stage in stages:
            yield _quota_result(report, stage, codes)
            outcomes = examine(warehouse.file, codes, stage, context.run_id)
            yield from check_results(stage.value, outcomes)
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


async def _generate(
    config: GenerationConfig,
    warehouse: Warehouse,
    progress: Progress,
    run_id: str,
    codes: tuple[str, ...],
    stages: tuple[Stage, ...],
) -> Report:
    settings: Settings = load_settings()
    engine = engine_for(config.engine or settings.engine, settings)
    try:
        await engine.preflight()
        asking = Asking(engine, settings.seed if config.seed is None else config.seed)
        order = Order(
            codes=codes,
            stages=stages,
            per_code=config.per_code or settings.per_code,
            judge_rounds=settings.judge_rounds,
            concurrency=settings.concurrency,
            force=config.force,
        )
        return await Generation(warehouse.file, asking, knowledge_base(), progress, run_id).run(order)
    finally:
        await engine.close()


def _counts(count: CodeCount) -> dict[str, int]:
    return {
        "accepted": count.accepted,
        "target": count.target,
        "made": count.made,
        "quarantined": count.quarantined,
    }


def _metadata(report: Report, stage: Stage, codes: Sequence[str]) -> dict[str, Any]:
    counts = [report.counts[code, stage] for code in codes]
    reasons = {reason: n for reason, n in report.reasons.items() if reason.startswith(stage.value)}
    return {
        "made_in_run": sum(count.made for count in counts),
        "quarantined_in_run": sum(count.quarantined for count in counts),
        "quarantine_reasons": reasons or "none",
        "calls": report.calls,
        "tokens": report.tokens,
        "cost_usd": round(report.cost_usd, 4),
        "generation_seconds": round(report.seconds, 3),
    }


def _quota_result(report: Report, stage: Stage, codes: Sequence[str]) -> dg.AssetCheckResult:
    short = {
        code: f"{count.accepted} of {count.target}"
        for code in codes
        if (count := report.counts[code, stage]).accepted < count.target
    }
    accepted = sum(report.counts[code, stage].accepted for code in codes)
    return dg.AssetCheckResult(
        asset_key=stage.value,
        check_name=QUOTA,
        passed=not short,
        metadata={
            "accepted": accepted,
            "target": sum(report.counts[code, stage].target for code in codes),
            "short_codes": dict(list(short.items())[:_SHOWN_CODES]),
        },
    )
