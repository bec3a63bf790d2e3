"""dataset_release: the gated pairs of now, published as a directory below the folder of releases.

Put here: Dagster's side. Not here: what a release is (release/). It is materialized on purpose, never by automation: a release
is for ever.
"""

import time

import dagster as dg
from pydantic import Field

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.release.comparing import compare
from medsynth_assets.release.making import Order, Released, make_release
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.release_store import releases

_SECONDS_BETWEEN_LINES = 5.0


class ReleaseConfig(dg.Config):
    """What to release. The defaults release everything under the run's date and id."""

    name: str = Field("", description="name of the release and of its folder; the day and the run without it")
    codes: list[str] = Field([], description="only these codes; all where none are named")
    hold_out: list[str] = Field([], description="codes that go into the test split whole")


@dg.asset(
    deps=["pairs"],
    group_name="release",
    code_version="1",  # raise it when what a release holds changes
    kinds={"huggingface", "parquet"},
    description="A release of the pairs that pass the gate: splits, Parquet and JSON lines, chat views, card, Croissant, manifest.",
)
def dataset_release(
    context: dg.AssetExecutionContext, config: ReleaseConfig, warehouse: Warehouse
) -> dg.MaterializeResult:
    """A new release each time; nothing that was released is touched."""
    name = config.name or f"{time.strftime('%Y-%m-%d', time.gmtime())}-{context.run_id[:8]}"
    order = Order(load_settings().releases_folder / name, name, tuple(config.codes), tuple(config.hold_out))
    try:
        with warehouse.reading() as con:
            before = releases(con)
        made = make_release(warehouse.file, order, context.run_id, _Log(context), rebuild=False)
        changes = _changes(warehouse, before[-1].release_id, made) if before else {}
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    manifest = made.manifest
    splits = "\n".join(f"| {n} | {s.record_count} | {s.code_count} |" for n, s in manifest.splits.items())
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.lineage_root[:24]),
        metadata={
            "dagster/row_count": manifest.record_count,
            "path": dg.MetadataValue.path(made.release.directory),
            "release_id": manifest.release_id,
            "lineage_root": manifest.lineage_root,
            "splits": dg.MetadataValue.md(f"| split | pairs | codes |\n| --- | ---: | ---: |\n{splits}"),
            "withdrawn_left_out": manifest.withheld.withdrawn,
            **changes,
        },
    )


def _changes(warehouse: Warehouse, before: str, made: Released) -> dict[str, int]:
    """Counts against the release before."""
    found = compare(warehouse.file, before, made.release.release_id)
    return {f"{sort.value}_since_last": count for sort, count in found.counts.items()}


class _Log:
    """Steps as log lines, at most one each few seconds."""

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context
        self._last = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._context.log.info(f"{what} ({done} of {of})")
