"""audit_record: the job that reports the audit of one record, as metadata of its run; and what a partition says of its records.

Put here: Dagster's side. Not here: what a trace is and whether it holds (lineage/).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.errors import MedsynthError
from medsynth_assets.lineage.formats.markdown import markdown
from medsynth_assets.lineage.trace import trace
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.records.artifact import Stage, Standing
from medsynth_assets.records.identity import Slot, digest

_SHOWN_RECORDS = 50


class AuditConfig(dg.Config):
    """Which record to audit, as in E11.9/003."""

    record_id: str


@dg.op(description="Traces a record to its roots and recomputes every hash on the way.")
def audit(context: dg.OpExecutionContext, config: AuditConfig, warehouse: Warehouse) -> bool:
    """Whether the record holds; the audit itself is in the output's metadata. Fails where there is no such record."""
    try:
        record_id = Slot.parse(config.record_id).record_id
        warehouse.file.upgrade()
        with warehouse.reading() as con:
            found, verification = trace(con, record_id), verify(con, record_id)
    except MedsynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    context.add_output_metadata(
        {
            "record_id": record_id,
            "holds": verification.holds,
            "artifacts": verification.artifacts,
            "calls": verification.calls,
            "removed_on_purpose": verification.removed,
            "audit": dg.MetadataValue.md(markdown(found, verification)),
        }
    )
    return verification.holds


@dg.job(description="The audit of one record: give its record_id in the launchpad.")
def audit_record() -> None:
    audit()


def partition_metadata(stage: Stage, standings: Mapping[str, Mapping[Stage, Standing]]) -> dict[str, Any]:
    """Of a partition, whose slots `standings` has by record id: a version of its data, from the artifacts that stand, and its records with how to audit each.

    In metadata, because Dagster gives all partitions of a range run one data version (dagster issue 18649).
    """
    made = {record: stages[stage].artifact_id for record, stages in sorted(standings.items()) if stage in stages}
    return {"data_version": data_version(made), "records": dg.MetadataValue.md(_table(list(made.items())))}


def data_version(artifact_ids: Mapping[str, str]) -> str:
    """The same for the same artifacts in the same slots, whichever run made them."""
    return digest("data-version:1", dict(artifact_ids))


def _table(made: Sequence[tuple[str, str]]) -> str:
    rows = [f"| {record} | `{artifact}` | `medsynth lineage {record}` |" for record, artifact in made[:_SHOWN_RECORDS]]
    more = f"\n\n… and {len(made) - _SHOWN_RECORDS} more" if len(made) > _SHOWN_RECORDS else ""
    return "| record | artifact | audit (or job audit_record) |\n| --- | --- | --- |\n" + "\n".join(rows) + more
