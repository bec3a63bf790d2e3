"""Marts: rows in, rows out."""

import datetime as dt
from typing import Any

import pytest

from tests.sql.conftest import Row, RunModel

Rows = dict[str, list[Row]]


def record(code: str = "I10", ordinal: int = 1, note_from: str = "", dialogue_from: str = "") -> Rows:
    """One slot with scenario, note and dialogue; the parents of note and dialogue may be others than the current."""
    slot = {"record_id": f"{code}/{ordinal:03d}", "icd_code": code, "ordinal": ordinal}
    s, n, d = (f"{kind}-{slot['record_id']}" for kind in "snd")
    return {
        "artifacts": [{**slot, "artifact_id": made, "text": f"text of {made}"} for made in (s, n, d)],
        "heads": [
            {**slot, "stage": "scenarios", "artifact_id": s},
            {**slot, "stage": "notes", "artifact_id": n, "parent_artifact_id": note_from or s},
            {**slot, "stage": "dialogues", "artifact_id": d, "parent_artifact_id": dialogue_from or n},
        ],
        "check_results": [{"record_id": slot["record_id"], "icd_code": code, "artifact_id": d}],
    }


def verdict(artifact_id: str, **values: Any) -> Rows:
    return {"check_results": [{"artifact_id": artifact_id, **values}]}


LATER = "2025-11-21 12:00:00+00"
FAILED = {"is_passed": False, "explanation": "too little is said"}


def together(*parts: Rows) -> Rows:
    merged: Rows = {}
    for part in parts:
        for table, rows in part.items():
            merged.setdefault(table, []).extend(rows)
    return merged


def without(stage: str) -> Rows:
    rows = record()
    return {**rows, "heads": [head for head in rows["heads"] if head["stage"] != stage]}


@pytest.mark.parametrize(
    ("rows", "published"),
    [
        pytest.param(record(), ["I10/001"], id="complete-chain"),
        pytest.param(record(note_from="s0"), [], id="stale-note"),
        pytest.param(record(dialogue_from="n0"), [], id="stale-dialogue"),
        pytest.param(without("scenarios"), [], id="no-scenario"),
        pytest.param(without("notes"), [], id="no-note"),
        pytest.param(without("dialogues"), [], id="no-dialogue"),
        pytest.param(
            together(record(ordinal=2), record("E11.9"), record()), ["E11.9/001", "I10/001", "I10/002"], id="sorted"
        ),
        pytest.param(
            together(record(), record(ordinal=2, note_from="s-I10/001")), ["I10/001"], id="no-crossing-of-slots"
        ),
    ],
)
def test_a_pair_is_a_note_of_the_current_scenario_and_a_dialogue_of_the_current_note(
    run_model: RunModel, rows: Rows, published: list[str]
) -> None:
    """What is stale or incomplete stays out of the dataset."""
    assert [row["record_id"] for row in run_model("pairs", **rows)] == published


def test_a_pair_carries_texts_ids_and_the_meaning_of_its_code(run_model: RunModel) -> None:
    """Note and dialogue come from their own artifacts; the description from the code set."""
    (row,) = run_model("pairs", **record(), icd10cm_codes=[{"code": "I10"}, {"code": "E11.9", "description": "other"}])
    wanted = {
        "note": "text of n-I10/001", "dialogue": "text of d-I10/001", "scenario_id": "s-I10/001",
        "note_id": "n-I10/001", "dialogue_id": "d-I10/001", "icd_description": "Essential (primary) hypertension",
        "chapter": "9", "chapter_title": "Circulatory",
        "completed_at": dt.datetime(2025, 11, 21, 10, tzinfo=dt.UTC),
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_a_pair_of_a_code_outside_the_release_has_no_description_but_stays(run_model: RunModel) -> None:
    """A code that left the official set does not take its records with it."""
    (row,) = run_model("pairs", **record())
    assert row["icd_description"] is None


@pytest.mark.parametrize(
    ("verdicts", "published", "reasons"),
    [
        pytest.param({}, ["I10/001"], [], id="passed"),
        pytest.param(verdict("d-I10/001", **FAILED, check_name="said"), [], ["said"], id="critical-fails"),
        pytest.param(verdict("n-I10/001", **FAILED, asset="notes", check_name="dose"), [], ["dose"], id="its-note-fails"),
        pytest.param(verdict("s-I10/001", **FAILED, asset="scenarios", check_name="sex"), [], ["sex"], id="its-scenario-fails"),
        pytest.param(verdict("d-I10/001", **FAILED, check_name="said", severity="warning"), ["I10/001"], [], id="a-warning-lets-pass"),
        pytest.param(
            together(verdict("d-I10/001", **FAILED, check_name="said"), verdict("d-I10/001", check_name="said", checked_at=LATER)),
            ["I10/001"], [], id="the-newest-verdict-counts",
        ),
        pytest.param(verdict("d-other", **FAILED), ["I10/001"], [], id="another-artifacts-verdict"),
    ],
)  # fmt: skip
def test_only_what_passes_the_gate_is_a_pair_and_the_rest_is_rejected_with_reasons(
    run_model: RunModel, verdicts: Rows, published: list[str], reasons: list[str]
) -> None:
    """A critical check that fails keeps a record out, wherever in its chain."""
    rows = together(record(), verdicts)
    assert [row["record_id"] for row in run_model("pairs", **rows)] == published
    assert [row["check_name"] for row in run_model("rejected")] == reasons


def test_a_dialogue_that_no_check_has_seen_is_no_pair(run_model: RunModel) -> None:
    """And says so."""
    rows = {name: of for name, of in record().items() if name != "check_results"}
    assert run_model("pairs", **rows) == []
    assert [row["check_name"] for row in run_model("rejected")] == ["not_judged_yet"]


IN_FORCE: Rows = {"releases": [{"release_id": "p1"}], "icd_prevalence": [{"code": "I10", "share_frac": 0.1, "rank": 7}]}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        pytest.param(
            together(IN_FORCE, record(), record(ordinal=2), {"targets": [{"record_count": 4}]}),
            {"target_count": 4, "accepted_count": 2, "quarantined_count": 0, "covered_share_frac": 0.05},
            id="half-done",
        ),
        pytest.param(
            together(
                IN_FORCE, record(), {"targets": [{"record_count": 4}]},
                {"quarantine": [{"record_id": "I10/002"}, {"record_id": "I10/002"}, {"record_id": "I10/003"}]},
            ),
            {"accepted_count": 1, "quarantined_count": 2, "covered_share_frac": 0.025},
            id="quarantine-counts-slots-and-covers-nothing",
        ),
        pytest.param(
            together(IN_FORCE, record(), {"targets": [{"record_count": 1}]},
                     {"quarantine": [{"record_id": "I10/001", "quarantined_at": "2025-11-21 09:00:00+00"}]}),
            {"accepted_count": 1, "quarantined_count": 0, "covered_share_frac": 0.1},
            id="made-good-since",
        ),
        pytest.param(
            together(record(), {"targets": [{"record_count": 2}]}),
            {"accepted_count": 1, "rank": None, "prevalence_share_frac": 0.0, "covered_share_frac": 0.0},
            id="not-in-the-prevalence-release",
        ),
        pytest.param(
            together(
                IN_FORCE, record(),
                {"targets": [{"record_count": 1}, {"record_count": 5, "set_at": "2025-11-22 10:00:00+00"}]},
            ),
            {"target_count": 5, "accepted_count": 1, "covered_share_frac": 0.02},
            id="target-raised",
        ),
        pytest.param(
            together(
                IN_FORCE, record(), record(ordinal=2),
                {"targets": [{"record_count": 2}, {"record_count": 1, "set_at": "2025-11-22 10:00:00+00"}]},
            ),
            {"target_count": 1, "accepted_count": 2, "covered_share_frac": 0.1},
            id="target-lowered-covers-no-more-than-all",
        ),
        pytest.param(
            together(IN_FORCE, record(note_from="s0"), {"targets": [{"record_count": 1}]}),
            {"accepted_count": 0, "covered_share_frac": 0.0},
            id="stale-is-not-accepted",
        ),
    ],
)  # fmt: skip
def test_coverage_sets_what_stands_against_what_is_wanted(
    run_model: RunModel, rows: Rows, wanted: dict[str, Any]
) -> None:
    """One row a code: records wanted, complete, in quarantine, and the share of prevalence they stand for."""
    (row,) = run_model("coverage", **rows)
    assert {name: row[name] for name in wanted} == pytest.approx(wanted)


def test_coverage_has_every_code_ever_asked_for_and_no_other(run_model: RunModel) -> None:
    """A code without a record is a row of zeros, most prevalent first; a code never asked for is no row."""
    rows = run_model(
        "coverage",
        targets=[{"icd_code": "Z99.9"}, {"icd_code": "E11.9"}, {"icd_code": "I10"}],
        releases=[{"release_id": "p1"}],
        icd_prevalence=[{"code": "I10", "rank": 1}, {"code": "J06.9", "rank": 2}, {"code": "E11.9", "rank": 3}],
    )
    assert [(row["icd_code"], row["accepted_count"]) for row in rows] == [("I10", 0), ("E11.9", 0), ("Z99.9", 0)]


def test_a_call_that_entered_from_the_ledger_was_paid_for_like_any_other(run_model: RunModel) -> None:
    """A run that was killed paid for it: its tokens and dollars count, once, and from_ledger_count tells of it."""
    (row,) = run_model(
        "usage",
        calls=[
            {"call_id": "c1", "record_id": "I10/001"},
            {"call_id": "c2", "record_id": "I10/002", "status": "refusal", "latency_ms": 30.0},
            {"call_id": "c3", "record_id": "I10/002", "from_ledger": True, "latency_ms": 20.0},
        ],
    )
    wanted = {
        "stage": "notes", "call_count": 3, "from_ledger_count": 1, "failed_count": 1, "record_count": 2, "input_tokens": 300,
        "cached_tokens": 12, "output_tokens": 30, "cost_usd": 1.5, "latency_median_ms": 20.0, "latency_p95_ms": 29.0,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("agent", "stage"),
    [
        ("scenario_provider", "scenarios"), ("scenario_judge", "scenarios"), ("note_writer", "notes"),
        ("note_polisher", "notes"), ("dialogue_generator", "dialogues"), ("dialogue_polisher", "dialogues"),
    ],
)  # fmt: skip
def test_usage_is_told_by_stage(run_model: RunModel, agent: str, stage: str) -> None:
    """Each of the six agents belongs to the stage it works for."""
    (row,) = run_model("usage", calls=[{"call_id": "c1", "agent": agent}])
    assert row["stage"] == stage


def test_usage_is_told_by_day_in_utc_engine_and_model(run_model: RunModel) -> None:
    """A call half an hour before midnight UTC belongs to that day, wherever it was sent from."""
    rows = run_model(
        "usage",
        calls=[
            {"call_id": "c1", "started_at": "2025-11-20 23:30:00+00"},
            {"call_id": "c2", "started_at": "2025-11-21 01:30:00+02"},
            {"call_id": "c3", "started_at": "2025-11-21 00:30:00+00"},
            {"call_id": "c4", "started_at": "2025-11-21 00:30:00+00", "model": "other"},
        ],
    )
    first, second = dt.date(2025, 11, 20), dt.date(2025, 11, 21)
    assert [(r["day"], r["model"], r["call_count"]) for r in rows] == [
        (first, "m", 2),
        (second, "m", 1),
        (second, "other", 1),
    ]


@pytest.mark.parametrize(
    "model",
    [
        "stg_scenarios",
        "stg_notes",
        "stg_dialogues",
        "stg_icd10cm_codes",
        "stg_icd_prevalence",
        "pairs",
        "coverage",
        "usage",
    ],
)
def test_a_model_over_nothing_is_empty_and_every_column_is_described(run_model: RunModel, model: str) -> None:
    """An empty warehouse builds, too; the build compares selected columns with schema.yml, name by name."""
    assert run_model(model) == []


def test_spending_adds_up_by_day_and_release_and_over_the_month(run_model: RunModel) -> None:
    """Calls count for the release in force when they were sent, those that a killed run had paid for, too."""
    releases = [
        {"release_id": "p1", "loaded_at": "2025-11-01 00:00:00+00"},
        {"release_id": "p2", "loaded_at": "2025-11-21 12:00:00+00"},
    ]
    calls = [
        {"call_id": "1", "started_at": "2025-11-20 10:00:00+00", "cost_usd": 1.0},
        {"call_id": "2", "started_at": "2025-11-21 10:00:00+00", "cost_usd": 2.0},
        {"call_id": "3", "started_at": "2025-11-21 13:00:00+00", "cost_usd": 4.0},
        {"call_id": "4", "started_at": "2025-11-21 14:00:00+00", "cost_usd": 9.0, "from_ledger": True},
        {"call_id": "5", "started_at": "2025-12-01 00:00:00+00", "cost_usd": 8.0},
        {"call_id": "6", "started_at": "2025-10-01 00:00:00+00", "cost_usd": 16.0},
    ]
    rows = run_model("spending", releases=releases, calls=calls)
    told = [(f"{r['day']:%m-%d}", r["release_id"], r["cost_usd"], r["month_cost_usd"], r["token_count"]) for r in rows]
    assert told == [
        ("10-01", "", 16.0, 16.0, 110),
        ("11-20", "p1", 1.0, 1.0, 110),
        ("11-21", "p1", 2.0, 16.0, 110),
        ("11-21", "p2", 13.0, 16.0, 220),
        ("12-01", "p2", 8.0, 8.0, 110),
    ]


def test_encounters_hold_the_structured_side_of_accepted_and_rejected_scenarios(run_model: RunModel) -> None:
    """Vital signs that were not taken stay null; results and drugs are lists of rows; a failed record is not accepted."""
    scenario = {
        "demographics": {"age_years": 61.0, "gender": "female", "health_literacy": "low"},
        "physical_examination": {"vitals": {"systolic_mmhg": 142, "bmi": 31.5, "spo2_percent": None}},
        "investigations": [
            {"name": "A1c", "result": "8.1", "unit": "%", "reference": "", "flag": "high", "status": "reviewed"}
        ],
        "medical_outcome": {
            "prescriptions": [{"action": "start", "drug": "metformin", "dose": "500 mg", "form": "tablet"}]
        },
        "medical_history": {"current_medications": ["lisinopril 10 mg daily"], "chronic_conditions": []},
    }
    rows = together(record(), record(ordinal=2), verdict("d-I10/002", record_id="I10/002", **FAILED, checked_at=LATER))
    for artifact in rows["artifacts"]:
        if artifact["artifact_id"].startswith("s-"):
            artifact["content"] = scenario
    one, other = run_model("encounters", **rows)
    assert (one["is_accepted"], other["is_accepted"]) == (True, False)
    assert (one["age_years"], one["sex"], one["health_literacy"]) == (61.0, "female", "low")
    assert (one["systolic_mmhg"], one["bmi"], one["spo2_percent"]) == (142.0, 31.5, None)
    assert [(lab["name"], lab["result"], lab["flag"]) for lab in one["laboratory"]] == [("A1c", "8.1", "high")]
    assert [(drug["drug"], drug["dose"]) for drug in one["prescriptions"]] == [("metformin", "500 mg")]
    assert (one["current_medications"], one["chronic_conditions"]) == (["lisinopril 10 mg daily"], [])
