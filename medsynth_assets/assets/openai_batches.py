"""openai_batches: the batches that are out at the provider, looked after; and the sensor that does so by itself.

Put here: when something is done about a batch, and how it is told. Not here: what is done (engines/batches.py).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import dagster as dg

from medsynth_assets.agents.asking import ANSWERS
from medsynth_assets.assets.partitions import ICD_CODE, RANGE_END, RANGE_START
from medsynth_assets.engines.batches import Batches, Landed
from medsynth_assets.engines.parking import Batch, Ready
from medsynth_assets.errors import EngineDown, MedsynthError
from medsynth_assets.records.artifact import Stage
from medsynth_assets.refresh.ranges import partition_ranges
from medsynth_assets.settings import load_settings

T = TypeVar("T")

LANDING = "openai_batches"
_SHOWN_BATCHES = 50
_COLUMNS = ("batch", "state", "requests", "model", "told")


@dg.asset(
    name=LANDING,
    group_name="generation",
    code_version="1",  # raise it when landing changes
    kinds={"python"},
    description=(
        "What engine `openai-batch` has out at the provider. Materializing it asks for every open batch, brings the answers of "
        "those that ended into the ledger, and sends what waits. Doing so twice does no harm."
    ),
)
def openai_batches() -> dg.MaterializeResult:
    """Send what a killed process left half sent, and land what has ended. Nothing is asked where there was no batch."""
    if not Batches.are_known(load_settings()):
        return dg.MaterializeResult(metadata={"landed_batches": 0, "open_batches": 0})
    try:
        landed, batches = _with_batches(_look_after)
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(metadata=_metadata(landed, batches))


async def _look_after(batches: Batches) -> tuple[list[Landed], list[Batch]]:
    """What landed, and all batches there ever were."""
    known = batches.parking.batches("submitting", "interrupted", "open", "ended")
    if known or batches.parking.waiting_count():
        await batches.submit()
    landed = [await batches.land(batch, ANSWERS) for batch in await batches.poll()]
    return landed, batches.parking.batches()


def _metadata(landed: list[Landed], batches: list[Batch]) -> dict[str, Any]:
    newest = reversed(batches[-_SHOWN_BATCHES:])
    records = [dg.TableRecord(dict(zip(_COLUMNS, _shown(batch), strict=True))) for batch in newest]
    schema = dg.TableSchema([dg.TableColumn(name) for name in _COLUMNS])
    return {
        "landed_batches": len(landed),
        "open_batches": sum(batch.state == "open" for batch in batches),
        "answers": sum(sum(one.statuses.values()) for one in landed),
        "refused": sum(one.refused for one in landed),
        "next_batch": sum(one.requeued for one in landed),
        "tokens": sum(one.tokens for one in landed),
        "cost_usd": round(sum(one.cost_usd for one in landed), 4),
        "batches": dg.MetadataValue.table(records, schema),
    }


def _shown(batch: Batch) -> tuple[str, str, int, str, str]:
    state = f"{batch.state} ({batch.provider_status})" if batch.provider_status else batch.state
    return batch.batch_id or batch.submission_id, state, batch.request_count, batch.model, batch.told


@dg.sensor(
    name="openai_batches_sensor",
    asset_selection=[LANDING, *(stage.value for stage in Stage)],
    minimum_interval_seconds=load_settings().batch_poll_s,
    description=(
        "Asks the provider for open batches. One that ended is landed; then the codes that waited for it are generated "
        "further, up to their next batch. Does nothing where there is none."
    ),
)
def openai_batches_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Run keys are those of batches: however often a tick is repeated, each is landed and followed up once."""
    if not Batches.are_known(load_settings()):
        yield dg.SkipReason("no batch was ever sent; MEDSYNTH_ENGINE=openai-batch sends them")
        return
    try:
        ended, open_, ready = _with_batches(_look)
    except EngineDown as error:  # it may be back at the next tick
        yield dg.SkipReason(str(error))
        return
    order = context.instance.get_dynamic_partitions(str(ICD_CODE.name))
    requests = [*map(_landing, ended), *(run for some in ready for run in _going_on(some, order))]
    if not requests:
        yield dg.SkipReason(f"{len(open_)} batches are open" if open_ else "no batch is open")
    yield from requests


async def _look(batches: Batches) -> tuple[list[Batch], list[Batch], list[Ready]]:
    ended = await batches.poll() if batches.parking.batches("open", "ended") else []
    return ended, batches.parking.batches("open"), batches.parking.ready()


def _landing(batch: Batch) -> dg.RunRequest:
    return dg.RunRequest(run_key=f"land {batch.submission_id}", asset_selection=[dg.AssetKey(LANDING)])


def _going_on(ready: Ready, order: Sequence[str]) -> Iterator[dg.RunRequest]:
    """The codes' generation once more, as it was asked for: what landed is in the ledger now."""
    asked = json.loads(ready.run_config)
    name = blake2b(ready.run_config.encode(), digest_size=4).hexdigest()
    codes = sorted(ready.codes)
    for first, last in partition_ranges(order, codes, codes, load_settings().max_partitions_per_run):
        yield dg.RunRequest(
            run_key=f"go on {ready.seq} {name} {first} {last}",
            asset_selection=[dg.AssetKey(stage) for stage in asked["stages"]],
            tags={RANGE_START: first, RANGE_END: last},
            run_config={"ops": {"generation": {"config": asked["config"]}}},
        )


def _with_batches(work: Callable[[Batches], Awaitable[T]]) -> T:
    async def working() -> T:
        batches = Batches(load_settings())
        try:
            return await work(batches)
        finally:
            await batches.close()

    return asyncio.run(working())
