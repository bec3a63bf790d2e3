"""Staging models: rows in, rows out."""

from tests.sql.conftest import RunModel

SCENARIO = {
    "demographics": {"age_years": 1.5, "gender": "female", "ethnicity": "Hispanic"},
    "english_proficiency": "interpreter",
    "clinical_setting": "clinic",
    "encounter_type": "follow-up",
}
NOTE = {"subjective": "S", "objective": "O", "assessment": "A", "plan": "P"}


def test_a_current_scenario_shows_the_variables_that_others_group_by(run_model: RunModel) -> None:
    """Age comes out as a number, fractions kept; the others as words; the whole stays beside them."""
    artifact = {"artifact_id": "s1", "kind": "scenario", "content": SCENARIO, "model": "rules 2"}
    (row,) = run_model("stg_scenarios", artifacts=[artifact], heads=[{"artifact_id": "s1", "stage": "scenarios"}])
    wanted = {
        "record_id": "I10/001", "scenario_id": "s1", "icd_code": "I10", "ordinal": 1, "age_years": 1.5, "sex": "female",
        "ethnicity": "Hispanic", "english_proficiency": "interpreter", "clinical_setting": "clinic",
        "encounter_type": "follow-up", "engine": "offline", "model": "rules 2", "run_id": "run",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_a_current_note_shows_its_sections_and_the_scenario_it_was_made_from(run_model: RunModel) -> None:
    """Four sections, the rendered text, and the parent under its own name."""
    artifact = {"artifact_id": "n1", "content": NOTE, "text": "the whole"}
    head = {"artifact_id": "n1", "stage": "notes", "parent_artifact_id": "s1"}
    (row,) = run_model("stg_notes", artifacts=[artifact], heads=[head])
    assert [row[name] for name in ("note_id", "scenario_id", "note")] == ["n1", "s1", "the whole"]
    assert {name: row[name] for name in NOTE} == NOTE


def test_a_current_dialogue_shows_its_text_and_number_of_turns(run_model: RunModel) -> None:
    """Turns are counted from the content, not from lines of the text."""
    turns = [
        {"speaker": "doctor", "text": "Hi."},
        {"speaker": "patient", "text": "Hi."},
        {"speaker": "doctor", "text": "So?"},
    ]
    artifact = {"artifact_id": "d1", "kind": "dialogue", "content": {"turns": turns}, "text": "one line"}
    head = {"artifact_id": "d1", "stage": "dialogues", "parent_artifact_id": "n1"}
    (row,) = run_model("stg_dialogues", artifacts=[artifact], heads=[head])
    assert [row[name] for name in ("dialogue_id", "note_id", "dialogue", "turn_count")] == ["d1", "n1", "one line", 3]


def test_only_the_newest_head_of_a_slot_is_current(run_model: RunModel) -> None:
    """A superseded note is not in the model, nor is one of another stage."""
    rows = run_model(
        "stg_notes",
        artifacts=[{"artifact_id": name, "content": NOTE} for name in ("n1", "n2", "s1")],
        heads=[
            {"artifact_id": "n1", "stage": "notes"},
            {"artifact_id": "n2", "stage": "notes"},
            {"artifact_id": "s1", "stage": "scenarios"},
        ],
    )
    assert [row["note_id"] for row in rows] == ["n2"]


def test_prevalence_in_force_is_the_newest_release(run_model: RunModel) -> None:
    """Rows of an older release stay in reference and out of the model; other kinds of release do not count."""
    rows = run_model(
        "stg_icd_prevalence",
        releases=[
            {"release_id": "p1", "loaded_at": "2025-01-01 00:00:00+00"},
            {"release_id": "p2", "loaded_at": "2025-02-01 00:00:00+00"},
            {"release_id": "icd", "kind": "icd10cm", "loaded_at": "2025-03-01 00:00:00+00"},
        ],
        icd_prevalence=[{"release_id": "p1", "code": "I10"}, {"release_id": "p2", "code": "E11.9"}],
    )
    assert [(row["code"], row["release_id"]) for row in rows] == [("E11.9", "p2")]


def test_a_release_loaded_again_is_in_force_again_without_doubling(run_model: RunModel) -> None:
    """Going back to an earlier file puts its rows in force, each once."""
    rows = run_model(
        "stg_icd_prevalence",
        releases=[
            {"release_id": name, "loaded_at": f"2025-0{n}-01 00:00:00+00"}
            for n, name in enumerate(("p1", "p2", "p1"), 1)
        ],
        icd_prevalence=[{"release_id": "p1", "code": "I10"}, {"release_id": "p2", "code": "E11.9"}],
    )
    assert [row["code"] for row in rows] == ["I10"]


def test_codes_come_with_categories_and_chapter(run_model: RunModel) -> None:
    """Billable or not, every code of the release is there."""
    rows = run_model("stg_icd10cm_codes", icd10cm_codes=[{"code": "I10"}, {"code": "E11", "is_billable": False}])
    assert [(row["code"], row["is_billable"], row["chapter"]) for row in rows] == [
        ("I10", True, "9"),
        ("E11", False, "9"),
    ]
