"""A trace as OpenLineage run events: one for each stage and run that made something of the record, one for marts.pairs.

Datasets are the tables, with the record's artifact ids as their versions; the mart carries column lineage as sqlglot
reads it from the SQL.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.generated.column_lineage_dataset import ColumnLineageDatasetFacet, Fields, InputField
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.serde import Serde

from medsynth_assets.lineage.trace import Node, NodeKind, Relation, Trace
from medsynth_assets.records.artifact import Stage
from medsynth_assets.sql_models.column_lineage import Columns, column_lineage
from medsynth_assets.sql_models.project import SqlProject

NAMESPACE = "medsynth"
_PRODUCER = "urn:medsynth"
_MART = "pairs"


def openlineage(trace: Trace, columns: Columns) -> str:
    """A JSON array of the events. columns: those of the relations that the models read, for column lineage."""
    events = [json.loads(Serde.to_json(event)) for event in openlineage_events(trace, columns)]
    return json.dumps(events, indent=2, ensure_ascii=False)


def openlineage_events(trace: Trace, columns: Columns) -> list[RunEvent]:
    made = [_event(trace, node) for stage in Stage for node in trace.of_kind(stage.product.value) if node.at]
    last = trace.current(Stage.DIALOGUES)
    return [*made, *(_mart(last, columns) if last else ())]


def _event(trace: Trace, product: Node) -> RunEvent:
    """One product: the job of its stage, in the run that made it, from what its line was made from."""
    stage = next(stage for stage in Stage if stage.product == product.kind)
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime=_time(product.at),
        run=Run(runId=_uuid(str(product.detail["run_id"]))),
        job=Job(namespace=NAMESPACE, name=f"generation.{stage.value}"),
        inputs=[
            InputDataset(NAMESPACE, name, facets=_version(version)) for name, version in _inputs(trace, product, stage)
        ],
        outputs=[
            OutputDataset(NAMESPACE, f"staging.stg_{stage.value}", facets=_version(product.detail["artifact_id"]))
        ],
        producer=_PRODUCER,
    )


def _inputs(trace: Trace, product: Node, stage: Stage) -> Iterator[tuple[str, str]]:
    if stage.parent is None:
        for kind, name in (
            (NodeKind.PREVALENCE_RELEASE, "reference.icd_prevalence"),
            (NodeKind.ICD10CM_RELEASE, "reference.icd10cm_codes"),
        ):
            for release in trace.of_kind(kind):
                yield name, str(release.detail["release_id"])
        return
    for parent_id in trace.targets(product.id, Relation.MADE_FROM):
        parent = trace.node(parent_id)
        if parent and parent.kind == stage.parent.product:
            yield f"staging.stg_{stage.parent.value}", str(parent.detail["artifact_id"])


def _mart(last: Node, columns: Columns) -> Iterator[RunEvent]:
    project = SqlProject()
    model = project.models[_MART]
    read = [project.models[ref].relation for ref in model.refs]
    if not set(read) <= columns.keys():
        return  # the models have not been built yet
    lineage = column_lineage(project, model, {relation: columns[relation] for relation in read})
    fields = {
        column: Fields([InputField(NAMESPACE, up.relation, up.column) for up in upstream])
        for column, upstream in lineage.items()
    }
    yield RunEvent(
        eventType=RunState.COMPLETE,
        eventTime=_time(last.at),
        run=Run(runId=_uuid(f"{_MART}:{last.detail['run_id']}")),
        job=Job(namespace=NAMESPACE, name=f"sql_models.{model.name}"),
        inputs=[InputDataset(NAMESPACE, relation) for relation in read],
        outputs=[OutputDataset(NAMESPACE, model.relation, facets={"columnLineage": ColumnLineageDatasetFacet(fields)})],
        producer=_PRODUCER,
    )


def _version(version: str) -> dict[str, Any]:
    return {"version": DatasetVersionDatasetFacet(version)}


def _uuid(run_id: str) -> str:
    """Dagster's run ids are UUIDs; any other is named by one."""
    try:
        return str(uuid.UUID(run_id))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{_PRODUCER}:{run_id}"))


def _time(at: dt.datetime | None) -> str:
    assert at is not None
    return at.astimezone(dt.UTC).isoformat()
