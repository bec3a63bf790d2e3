"""jury_verdicts: judge models over the current pairs. Not here: what they are asked and what it adds up to (evaluation/jury/)."""

from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from medsynth_assets.agents.asking import code_version_of
from medsynth_assets.assets.markdown import markdown
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.evaluation.jury.findings import Finding, findings
from medsynth_assets.evaluation.jury.sitting import Order, Report, sit
from medsynth_assets.records.artifact import JURY_AGENTS
from medsynth_assets.warehouse.jury_store import verdict_rows

_SHOWN = 100


class JuryConfig(dg.Config):
    """models, where empty: MEDSYNTH_JURY_MODELS. sample: most records, 0 for all. budget_usd: 0 for no limit."""

    models: list[str] = Field(default_factory=list)
    codes: list[str] = Field(default_factory=list)
    sample: int = 50
    against: str = ""
    budget_usd: float = 0.0


@dg.asset(
    group_name="evaluation",
    kinds={"openai", "duckdb"},
    deps=["dialogues"],
    code_version=code_version_of(sorted(JURY_AGENTS)),
)
def jury_verdicts(context: dg.AssetExecutionContext, config: JuryConfig, warehouse: Warehouse) -> dg.MaterializeResult:
    """Grades, per-fact support and preferences by any number of judge models, each verdict sealed and with its calls.

    The same judge asked the same again costs nothing: the ledger knows.
    """
    settings = warehouse.settings
    models = config.models or [model.strip() for model in settings.jury_models.split(",")]
    order = Order(tuple(models), tuple(config.codes), config.sample, config.against, config.budget_usd)
    try:
        report = sit(settings, warehouse.file, order)
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    with warehouse.reading() as con:
        rows = verdict_rows(con, report.verdict_ids)
    return dg.MaterializeResult(metadata=_metadata(report, findings(rows), len(rows)))


def _metadata(report: Report, found: list[Finding], verdicts: int) -> dict[str, Any]:
    counted = [
        {"question": f.question, "judge": judge, **{value: counts[value] for value in f.domain}}
        for f in found
        for judge, counts in sorted(f.counts.items())
    ]
    agreement = pl.DataFrame(
        [{"question": f.question, "krippendorff_alpha": f.alpha} for f in found],
        schema={"question": pl.String, "krippendorff_alpha": pl.Float64},
    )
    return {
        "records": report.records,
        "verdicts": verdicts,
        "failed": len(report.failed),
        "calls": report.calls,
        "cost_usd": round(report.usd, 4),
        "answers": dg.MetadataValue.md(markdown(pl.DataFrame(counted, infer_schema_length=None), _SHOWN)),
        "agreement": dg.MetadataValue.md(markdown(agreement, _SHOWN)),
        **({"ended": report.ended} if report.ended else {}),
    }
