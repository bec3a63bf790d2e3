"""The jury over real HTTP: what is asked, what is kept, what it adds up to."""

import json
from pathlib import Path
from typing import Any

import pytest

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.jury.findings import findings
from medsynth_assets.evaluation.jury.sitting import Order, Report, sit
from medsynth_assets.lineage.verifying import verify
from medsynth_assets.records.jury import GRADES
from medsynth_assets.settings import Settings
from medsynth_assets.warehouse.jury_store import verdict_rows
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.review_store import judgements
from tests.conftest import on_both, store_of
from tests.engines.conftest import settings_for
from tests.scripted_openai.fixture import ScriptedOpenAI
from tests.scripted_openai.script import Script, play

JUDGES = ("gpt-4o", "gpt-4o-mini")
RECORD = "I10/001"


def settings(endpoint: ScriptedOpenAI, warehouse: AnyWarehouse) -> Settings:
    return settings_for(endpoint.url, **store_of(warehouse))


def held(endpoint: ScriptedOpenAI, warehouse: AnyWarehouse, **order: Any) -> tuple[Report, list[dict[str, Any]]]:
    report = sit(
        settings(endpoint, warehouse), warehouse, Order(**{"models": JUDGES, "codes": ("I10",), "sample": 1, **order})
    )
    with warehouse.reading() as con:
        return report, verdict_rows(con, report.verdict_ids)


@pytest.fixture
def others(audited: AnyWarehouse, tmp_path: Path) -> Path:
    """Another dialogue of every record, in a file."""
    with audited.reading() as con:
        ids = [row[0] for row in con.execute("select distinct record_id from generation.heads").fetchall()]
    path = tmp_path / "release.jsonl"
    lines = [json.dumps({"id": i, "note": "n", "dialogue": "[doctor]: Hello.\n[patient]: Hi."}) for i in ids]
    path.write_text("\n".join(lines))
    return path


def test_each_judge_grades_and_checks_each_pair_and_it_is_kept_with_its_lineage(
    audited: AnyWarehouse, scripted_openai: ScriptedOpenAI
) -> None:
    """Two judges, one pair: four verdicts that name the artifacts, the prompt, the model, the call and the cost; all of it verifies."""
    report, rows = held(scripted_openai, audited)
    assert {(row["model"], row["kind"]) for row in rows} == {(m, k) for m in JUDGES for k in ("rubric", "support")}
    assert report.calls == len(scripted_openai.chats) == 4
    with audited.reading() as con:
        for row in rows:
            kinds = con.execute(
                "select list(kind order by kind desc) from generation.artifacts where artifact_id in (select unnest(?))",
                [row["parents"]],
            ).fetchone()
            assert kinds == (["note", "dialogue"],)
            prompt = con.execute(
                "select body from generation.recipe_parts where part_hash = ?", [row["prompt_hash"]]
            ).fetchone()
            assert prompt is not None
            assert "facts of a clinical note" in prompt[0] or "four dimensions" in prompt[0]
            (call_id,) = row["call_ids"]
            call = con.execute(
                "select model, cost_usd, record_id from generation.calls where call_id = ?", [call_id]
            ).fetchone()
            assert call == (row["model"], row["cost_usd"], row["record_id"])
            assert row["cost_usd"] > 0
        assert verify(con).faults == []


def test_what_the_jury_grades_can_be_held_against_people(
    audited: AnyWarehouse, scripted_openai: ScriptedOpenAI
) -> None:
    """Each judge's rubric as ranks in the dimensions of human reviews."""
    _, rows = held(scripted_openai, audited)
    dialogue_id = rows[0]["parents"][1]
    with audited.reading() as con:
        found = [one for one in judgements(con, [dialogue_id]) if one.judge.startswith("jury")]
    grades = json.loads(next(row["content"] for row in rows if row["kind"] == "rubric"))
    assert {one.judge for one in found} == {f"jury ({model})" for model in JUDGES}
    assert {(one.dimension, one.rank) for one in found} == {
        (dimension, GRADES.index(graded["grade"])) for dimension, graded in grades.items()
    }


@on_both("audited")
def test_the_same_question_is_paid_for_once(audited: AnyWarehouse, scripted_openai: ScriptedOpenAI) -> None:
    """A second sitting asks nothing, costs nothing, and adds no row."""
    _, first = held(scripted_openai, audited)
    asked = len(scripted_openai.chats)
    report, again = held(scripted_openai, audited)
    assert (report.calls, report.usd, len(scripted_openai.chats)) == (0, 0.0, asked)
    assert again == first


def test_a_judge_that_goes_by_place_prefers_nothing(
    audited: AnyWarehouse, scripted_openai: ScriptedOpenAI, others: Path
) -> None:
    """The scripted judge says `first` in both orders: asked twice with the texts swapped, it comes to a tie."""
    _, rows = held(scripted_openai, audited, models=("gpt-4o",), against=str(others))
    (row,) = [row for row in rows if row["kind"] == "preference"]
    content = json.loads(row["content"])
    assert (content["preferred"], content["is_consistent"], content["as_shown"]) == ("tie", False, ["first", "first"])
    assert len(row["parents"]) == 3
    assert len(row["call_ids"]) == 2
    assert row["other"] == str(others)
    shown = [
        json.loads(chat["body"]["messages"][1]["content"].split("<data>\n")[1].split("\n</data>")[0])
        for chat in scripted_openai.chats
        if chat["headers"]["x-medsynth-agent"] == "jury_preference"
    ]
    assert [shown[0]["first"], shown[0]["second"]] == [shown[1]["second"], shown[1]["first"]]


def test_what_judges_say_is_counted_by_question_with_its_agreement(
    audited: AnyWarehouse, scripted_openai: ScriptedOpenAI
) -> None:
    """Both scripted judges say the same of three facts: they agree wholly on support; on one pair no grade varies."""
    _, rows = held(scripted_openai, audited)
    found = {finding.question: finding for finding in findings(rows)}
    assert found["realism"].counts == {model: {"Poor": 1} for model in JUDGES}
    assert found["realism"].alpha is None
    assert found["support"].counts["gpt-4o"] == {"supported": 2, "contradicted": 1, "not_enough_information": 1}
    assert found["support"].alpha == 1.0


def test_a_refusal_is_told_and_costs_the_other_verdicts_nothing(
    audited: AnyWarehouse, scripted_openai: ScriptedOpenAI
) -> None:
    """The judge refuses to grade; its support verdict stands, and the paid call is on record."""
    scripted_openai.script = Script(plays={"jury_rubric": [play("refusal")]})
    report, rows = held(scripted_openai, audited, models=("gpt-4o",))
    assert [row["kind"] for row in rows] == ["support"]
    ((model, kind, reason),) = report.failed
    assert (model, kind.value) == ("gpt-4o", "rubric")
    assert reason.startswith("refusal")
    with audited.reading() as con:
        assert con.execute("select count(*) from generation.calls where agent = 'jury_rubric'").fetchone() == (1,)


@on_both("audited")
def test_a_budget_ends_the_sitting(audited: AnyWarehouse, scripted_openai: ScriptedOpenAI) -> None:
    """Nothing is sent that would not fit."""
    report, rows = held(scripted_openai, audited, budget_usd=0.0001)
    assert report.ended.startswith("the budget of $0.00 is spent")
    assert (rows, scripted_openai.chats) == ([], [])


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"models": ("",)}, "no judge models"),
        ({"codes": ("Z00.00",)}, "no dialogues of these codes"),
        ({"against": "notechat"}, "none of these 1 records has another dialogue in 'notechat'"),
        ({"models": ("a-model-of-mine",), "budget_usd": 1.0}, "needs a price for a-model-of-mine"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_before_anything_is_sent(
    audited: AnyWarehouse, scripted_openai: ScriptedOpenAI, order: dict[str, Any], says: str
) -> None:
    """With what to do about it."""
    with pytest.raises(UsageError, match=says):
        held(scripted_openai, audited, **order)
    assert scripted_openai.chats == []


def test_an_edited_verdict_is_found(audited: AnyWarehouse, scripted_openai: ScriptedOpenAI) -> None:
    """A better grade written into the row is no longer what the verdict is named by, nor what was sealed."""
    held(scripted_openai, audited, models=("gpt-4o",))
    with audited.writing() as con:
        con.execute("update quality.jury_verdicts set content = replace(cast(content as varchar), 'Poor', 'Excellent')")
    with audited.reading() as con:
        faults = [fault.says for fault in verify(con, RECORD).faults] or [fault.says for fault in verify(con).faults]
    assert any("jury verdict" in says for says in faults)
    assert any("quality.jury_verdicts" in says for says in faults)
