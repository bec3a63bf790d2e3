"""The trace of a record: every kind of thing it came from, joined by what is stored of it."""

import datetime as dt

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.trace import Relation, Trace, trace
from medsynth_assets.records.artifact import Kind, Stage
from medsynth_assets.warehouse.file import WarehouseFile
from tests.conftest import Place


def traced(place: Place, record_id: str = "I10/001", at: dt.datetime | None = None) -> Trace:
    with WarehouseFile(place.warehouse).reading() as con:
        return trace(con, record_id, at)


def test_a_record_is_traced_to_its_roots(loaded_place: Place) -> None:
    """From dialogue over note, scenario and plan to the rows and releases they were drawn from."""
    found = traced(loaded_place)
    path, here = [], found.current(Stage.DIALOGUES)
    while here:
        path.append(here.kind)
        parents = found.targets(here.id, Relation.MADE_FROM) + found.targets(here.id, Relation.DRAWN_FROM)
        parents = parents or found.targets(here.id, Relation.ROW_OF)
        here = found.node(parents[0]) if parents else None
    assert path == [
        "dialogue", "dialogue_draft", "note", "note_draft", "scenario", "scenario_draft", "plan", "prevalence_row",
        "prevalence_release",
    ]  # fmt: skip
    assert found.of_kind("icd10cm_row")[0].detail["code"] == "I10"
    assert "simple-icd-10-cm" in found.of_kind("icd10cm_release")[0].label


def test_what_made_and_judged_each_artifact_is_there(loaded_place: Place) -> None:
    """Six recipes and calls, the run, and the check results of the three stages."""
    found = traced(loaded_place)
    assert len(found.of_kind("recipe")) == len(found.of_kind("call")) == 6
    judged = {edge.target for edge in found.edges if edge.relation == Relation.JUDGES}
    heads = {node.id for stage in Stage if (node := found.current(stage))}
    assert judged == heads
    (run,) = found.of_kind("run")
    assert found.targets(found.of_kind(Kind.NOTE)[0].id, Relation.MADE_IN) == [run.id]


def test_a_record_that_is_not_there_is_refused_with_what_to_run(loaded_place: Place) -> None:
    """Unknown, or not yet made at the moment asked for."""
    with pytest.raises(UsageError, match=r"nothing is known of I10/009; make it with: medsynth run"):
        traced(loaded_place, "I10/009")
    with pytest.raises(UsageError, match="at 2001"):
        traced(loaded_place, at=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
