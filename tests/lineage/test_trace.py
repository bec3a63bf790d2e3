"""The trace of a record: every kind of thing it came from, joined by what is stored of it."""

import datetime as dt

import duckdb
import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.lineage.trace import NodeKind, Relation, Trace, trace
from medsynth_assets.records.artifact import Kind, Stage
from medsynth_assets.records.identity import prompt_hash
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.indexes import BY_RECORD, indexed
from medsynth_assets.warehouse.lineage_store import Depth
from medsynth_assets.warehouse.opening import AnyWarehouse
from tests.conftest import Place, on_both


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


@on_both("audited")
def test_a_superseded_artifact_is_told_with_when_and_why(audited: AnyWarehouse) -> None:
    """Made again with another seed: each product replaces the one before, which stays in the graph."""
    with audited.reading() as con:
        found = trace(con, "E11.9/001")
    note = found.current(Stage.NOTES)
    assert note is not None
    (before,) = found.targets(note.id, Relation.SUPERSEDES)
    assert note.detail["replaced"]["why"] == "parent superseded"
    older = found.node(before)
    assert older is not None
    assert (older.kind, older.detail["standing"]) == ("note", "superseded")
    scenario = found.current(Stage.SCENARIOS)
    assert scenario is not None
    assert scenario.detail["replaced"]["why"] == "recipe changed"


@on_both("audited")
def test_a_record_is_shown_as_it_was_then(audited: AnyWarehouse) -> None:
    """At a moment between the two runs the first products stand, and nothing later is known."""
    with audited.reading() as con:
        now = trace(con, "E11.9/001")
        note = now.current(Stage.NOTES)
        assert note is not None
        again = min(call.at for call in now.of_kind("call") if call.at and call.detail["run_id"] == "run-two")
        then = trace(con, "E11.9/001", again - dt.timedelta(microseconds=1))
    standing = then.current(Stage.NOTES)
    assert standing is not None
    assert standing.id == f"artifact:{note.detail['replaced']['artifact_id']}"
    assert {node.detail["standing"] for node in then.of_kind(*Kind)} == {"current"}
    assert len(then.of_kind("run")) < len(now.of_kind("run"))


def test_recipes_carry_their_texts_and_runs_their_environment(audited: AnyWarehouse) -> None:
    """The exact prompt and answer schema; commit, Python and packages."""
    with audited.reading() as con:
        found = trace(con, "I10/001")
    writer = next(n for n in found.of_kind("recipe") if n.detail["agent"] == "note_writer")
    assert prompt_hash(writer.detail["prompt"]) == writer.detail["prompt_hash"]
    assert "subjective" in writer.detail["answer_schema"]
    (run,) = found.of_kind("run")
    assert run.detail["packages"]["duckdb"]
    assert run.detail["python_version"].startswith("3.")


@on_both("audited")
def test_every_call_is_tied_to_what_it_brought(audited: AnyWarehouse) -> None:
    """Each of the six agents' artifacts names the call that answered; a refused call hangs on nothing."""
    with audited.reading() as con:
        found = trace(con, "I10/001")
        refused = trace(con, "I10/004")
    answered = {e.source: e.target for e in found.edges if e.relation == Relation.ANSWERED_BY}
    made = found.of_kind(*(kind for kind in Kind if kind not in (Kind.PLAN, Kind.SCENARIO)))
    assert set(answered) == {node.id for node in made}
    assert set(answered.values()) == {node.id for node in found.of_kind("call")}
    assert [node.detail["reason"] for node in refused.of_kind("quarantine")] == ["refusal"]
    assert refused.of_kind("call")[0].detail["messages"][0]["content"] == "Wie groß?"


@pytest.mark.parametrize("depth", [Depth.OUTLINE, Depth.CONTENTS])
def test_at_any_depth_it_is_the_same_graph(audited: AnyWarehouse, depth: Depth) -> None:
    """What the tree draws is all there; rendered texts, prompts and messages are not."""
    with audited.reading() as con:
        whole, narrow = trace(con, "E11.9/001"), trace(con, "E11.9/001", depth=depth)
    assert set(narrow.edges) == set(whole.edges)
    assert {node[:3] for node in narrow.nodes} == {node[:3] for node in whole.nodes}
    for node in whole.of_kind(*Kind):
        beside = narrow.node(node.id)
        assert beside
        assert (beside.detail["content"], beside.detail["text"]) == (node.detail["content"], "")
    assert {node.detail["prompt"] for node in narrow.of_kind(NodeKind.RECIPE)} == {""}


@pytest.mark.parametrize("record", ["I10/001", "I10/003", "I10/004", "E11.9/003"])
@pytest.mark.parametrize("missing", [
    pytest.param("drop index generation.{}", id="indexes"), pytest.param("delete from generation.seals", id="seals"),
])  # fmt: skip
def test_what_makes_it_quick_is_not_needed(audited: WarehouseFile, record: str, missing: str) -> None:
    """Released, withdrawn or in quarantine: the same is found without indexes, and where no seal says where to look."""
    with audited.reading() as con:
        quick = trace(con, record)
    with duckdb.connect(str(audited.path)) as con:
        for name in sorted(indexed(con)):
            con.execute(missing.format(name))
    with audited.reading() as con:
        assert trace(con, record) == quick


def test_a_record_is_found_by_index(audited: WarehouseFile) -> None:
    """No scan of contents or messages: of a million records that is what costs."""
    with audited.reading() as con:
        for table in BY_RECORD:
            ((_, plan),) = con.execute(f"explain analyze select * from {table} where record_id = 'I10/001'").fetchall()
            assert "Index Scan" in plan
