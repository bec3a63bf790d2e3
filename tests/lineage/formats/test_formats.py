"""Each form of a trace is read back by its own parser and says what the trace says."""

import json
import re

import pytest
from openlineage.client.event_v2 import Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.generated.column_lineage_dataset import ColumnLineageDatasetFacet
from prov.model import ProvActivity, ProvDerivation, ProvDocument, ProvEntity

from medsynth_assets.lineage.formats.html_page import html_page
from medsynth_assets.lineage.formats.mermaid import mermaid
from medsynth_assets.lineage.formats.openlineage import openlineage, openlineage_events
from medsynth_assets.lineage.formats.plain_json import plain_json
from medsynth_assets.lineage.formats.prov_json import prov_document, prov_json
from medsynth_assets.lineage.retention import collect
from medsynth_assets.lineage.trace import Relation, Trace, trace
from medsynth_assets.records.artifact import Kind
from medsynth_assets.sql_models.build import build, columns_of
from medsynth_assets.sql_models.project import SqlProject
from medsynth_assets.warehouse.file import WarehouseFile


@pytest.fixture
def traced(audited: WarehouseFile) -> Trace:
    """A record that was made twice."""
    with audited.reading() as con:
        return trace(con, "E11.9/001")


def test_json_says_everything(traced: Trace) -> None:
    """Nodes and edges of the trace, times in UTC."""
    told = json.loads(plain_json(traced))
    assert len(told["nodes"]) == len(traced.nodes)
    assert {(e["source"], e["target"], e["relation"]) for e in told["edges"]} == set(traced.edges)
    note = next(node for node in told["nodes"] if node["kind"] == "note")
    assert note["at"].endswith("+00:00")


def test_prov_is_read_back_as_the_same_document(traced: Trace) -> None:
    """The prov package deserializes it; entities, activities and derivations are those of the trace."""
    read = ProvDocument.deserialize(content=prov_json(traced), format="json")
    assert read == prov_document(traced)
    activities = traced.of_kind("call", "run")
    assert len(list(read.get_records(ProvActivity))) == len(activities)
    assert len(list(read.get_records(ProvEntity))) == len(traced.nodes) - len(activities)
    derived = [
        e
        for e in traced.edges
        if e.relation in (Relation.MADE_FROM, Relation.DRAWN_FROM, Relation.JUDGES, Relation.SUPERSEDES)
    ]
    assert len(list(read.get_records(ProvDerivation))) == len(derived)


def test_openlineage_events_are_made_of_the_clients_classes_and_read_back(
    audited: WarehouseFile, traced: Trace
) -> None:
    """A run event for every product, and one for the mart with the columns that each of its columns comes from."""
    project = SqlProject()
    with audited.writing() as con:
        build(con, project, project.models)
        columns = {m.relation: columns_of(con, m.relation) for m in project.models.values()}
    for event in json.loads(openlineage(traced, columns)):
        RunEvent(  # its constructors check ids and times
            eventType=RunState[event["eventType"]], eventTime=event["eventTime"], run=Run(runId=event["run"]["runId"]),
            job=Job(event["job"]["namespace"], event["job"]["name"]),
            outputs=[OutputDataset(out["namespace"], out["name"]) for out in event["outputs"]],
        )  # fmt: skip
    *products, mart = openlineage_events(traced, columns)
    assert len(products) == len(traced.of_kind(Kind.SCENARIO, Kind.NOTE, Kind.DIALOGUE))
    assert mart.outputs
    assert mart.outputs[0].facets
    facet = mart.outputs[0].facets["columnLineage"]
    assert isinstance(facet, ColumnLineageDatasetFacet)
    assert [(up.name, up.field) for up in facet.fields["note"].inputFields] == [("staging.stg_notes", "note")]


def test_openlineage_without_built_models_leaves_the_mart_out(traced: Trace) -> None:
    """Before the models are built there are no columns to tell of."""
    assert {event.job.name.partition(".")[0] for event in openlineage_events(traced, {})} == {"generation"}


def test_mermaid_draws_every_artifact_once_and_escapes_labels(traced: Trace) -> None:
    """A node a line, quoted, arrows between known nodes, what is superseded faded."""
    lines = mermaid(traced).splitlines()
    assert lines[0] == "flowchart TD"
    nodes = [m for line in lines if (m := re.fullmatch(r'  (n\d+)\["([^"]*)"\](:::faded)?', line))]
    assert len(nodes) == len(traced.of_kind(*Kind)) + 4
    assert sum(bool(m.group(3)) for m in nodes) == 8
    named = {m.group(1) for m in nodes}
    arrows = [m for line in lines if (m := re.fullmatch(r"  (n\d+) (?:-->|-\. superseded by \.->) (n\d+)", line))]
    assert {end for m in arrows for end in m.groups()} <= named
    assert len(nodes) + len(arrows) + 2 == len(lines)


def test_the_page_escapes_what_records_say(traced: Trace) -> None:
    """A note holding markup shows it as text, and nothing is loaded from elsewhere."""
    hostile = [
        n._replace(detail={**n.detail, "content": {**n.detail["content"], "plan": "<script>alert(1)</script>"}})
        if n.kind == "note" else n
        for n in traced.nodes
    ]  # fmt: skip
    page = html_page(traced._replace(nodes=tuple(hostile)))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(src|href)\s*=", page)
    assert "SOAP" in page  # the prompt of the note writer


def test_removed_bodies_are_told_in_every_form(audited: WarehouseFile) -> None:
    """After retention the superseded artifacts are still there, by their hashes."""
    collect(audited, keep=0, older_than_days=0)
    with audited.reading() as con:
        found = trace(con, "E11.9/001")
    assert sum(n.detail["standing"] == "removed on purpose" for n in found.of_kind(*Kind)) == 8
    for text in (plain_json(found), prov_json(found), html_page(found), mermaid(found)):
        assert "removed on purpose" in text
