"""From suites to Dagster's check specs and results, without importing Great Expectations."""

from typing import Any

import dagster as dg

from medsynth_assets.quality.check_settings import suite
from medsynth_assets.quality.validation import Outcome

_SHOWN_KEYS = 100
_SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def check_specs(asset: str) -> list[dg.AssetCheckSpec]:
    """One spec for each expectation of the asset's suite."""
    return [
        dg.AssetCheckSpec(
            name=check.name, asset=asset, description=f"{check.reason} ({check.expectation}, {check.threshold})"
        )
        for check in suite(asset).checks
    ]


def check_results(asset: str, outcomes: list[Outcome]) -> list[dg.AssetCheckResult]:
    """One result a check, with the keys of the rows that fail it."""
    return [_result(asset, outcome) for outcome in outcomes]


def _result(asset: str, outcome: Outcome) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"threshold": outcome.check.threshold, "failed": len(outcome.failed_keys)}
    if outcome.observed is not None:
        metadata["observed"] = str(outcome.observed)
    if outcome.failed_keys:
        metadata["failing_records"] = list(outcome.failed_keys[:_SHOWN_KEYS])
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=outcome.check.name,
        passed=outcome.passed,
        severity=_SEVERITY[outcome.check.severity],
        metadata=metadata,
    )
