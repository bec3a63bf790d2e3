"""quality_report: the six dimensions of the dataset as one HTML file, with its numbers as Parquet.

Put here: Dagster's side. Not here: what is measured and how (evaluation/).
"""

from pathlib import Path

import dagster as dg

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.settings import load_settings


class ReportConfig(dg.Config):
    """Corpora beside the dataset, as paths of .jsonl, .csv or .parquet files; '' for none."""

    reference: str = ""
    sensitive: str = ""
    holdout: str = ""


@dg.asset(
    deps=["pairs", "encounters", "rejected", "usage"],
    group_name="evaluation",
    code_version="1",  # raise it when a measure changes
    kinds={"altair", "parquet"},
    description="How good the dataset is: realism, diversity, fidelity, privacy, utility and cost, with a page and its numbers.",
)
def quality_report(
    context: dg.AssetExecutionContext, config: ReportConfig, warehouse: Warehouse
) -> dg.MaterializeResult:
    """Written beside the warehouse; the next one replaces it."""
    from medsynth_assets.evaluation.page import named  # loading scientific libraries would slow down every definition
    from medsynth_assets.evaluation.report import Inputs, make_report

    folder = load_settings().report_folder
    inputs = Inputs(*(Path(given) if given else None for given in (config.reference, config.sensitive, config.holdout)))
    try:
        made = make_report(
            warehouse.file,
            inputs,
            folder / "quality_report.html",
            folder / "quality_report.parquet",
            tell=context.log.info,
        )
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.url(made.html.resolve().as_uri()),
            "path": dg.MetadataValue.path(str(made.html)),
            "numbers": dg.MetadataValue.path(str(made.numbers)),
            **{named(figure): dg.MetadataValue.float(float(figure.value or 0)) for figure in made.headlines},
        }
    )
