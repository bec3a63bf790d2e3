"""Suites, measures and verdicts."""

import polars as pl
import pytest

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.quality.measures import dialogue_measures, note_measures, scenario_measures
from medsynth_assets.quality.suites import FOLDER
from medsynth_assets.quality.suites import written as suite
from medsynth_assets.quality.validation import validate
from medsynth_assets.records.artifact import Artifact, Kind
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.identity import Slot
from medsynth_assets.records.note import Note

GOOD = Note(
    subjective="A cough for five days.",
    objective="Lungs are clear today.",
    assessment="Acute bronchitis, mild.",
    plan="Rest and fluids.",
)


def artifact(kind: Kind, content: dict[str, object], text: str = "", ordinal: int = 1) -> Artifact:
    return Artifact(kind, Slot("J20.9", ordinal), content, text, (), "r", "offline", "m")


def dialogue(*turns: tuple[str, str]) -> Artifact:
    made = Dialogue(turns=[Turn(speaker=who, text=text) for who, text in turns])
    return artifact(Kind.DIALOGUE, made.model_dump(), made.render())


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("*.json"))])
def test_every_expectation_has_a_name_a_reason_and_a_severity(name: str) -> None:
    """A threshold without its reason is not accepted; names are unique within a suite."""
    checks = suite(name).checks
    assert checks
    assert all(check.name and len(check.reason) > 15 and check.severity in ("critical", "warning") for check in checks)
    assert len({check.name for check in checks}) == len(checks)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        pytest.param(GOOD.render(), set(), id="good"),
        pytest.param(GOOD.render().replace("Assessment:", "Thoughts:"), {"soap_sections_complete"}, id="missing"),
        pytest.param(GOOD.render().replace("Plan:", "X:").replace("Assessment:", "Plan:").replace("X:", "Assessment:"), {"soap_sections_complete"}, id="order"),
        pytest.param(GOOD.render().replace("Rest and fluids.", "-"), {"no_section_empty"}, id="empty"),
        pytest.param(GOOD.render().replace("mild", "J20.9"), {"no_code_in_the_text"}, id="code"),
    ],
)  # fmt: skip
def test_a_note_fails_exactly_the_checks_it_breaks(text: str, failed: set[str]) -> None:
    """The failing record's id is in the outcome of each broken check."""
    frame = note_measures([artifact(Kind.NOTE, {}, text), artifact(Kind.NOTE, {}, GOOD.render(), 2)], {})
    outcomes = validate(suite("notes"), frame)
    assert {o.check.name for o in outcomes if not o.passed} == failed
    assert {o.failed_keys for o in outcomes if not o.passed} <= {("J20.9/001",)}


def test_dialogue_measures_see_monologues_speakers_and_codes() -> None:
    """Three turns in a row of one speaker, a missing doctor and a spoken code are all measured."""
    note = artifact(Kind.NOTE, GOOD.model_dump(), GOOD.render())
    odd = dialogue(("patient", "Hi."), ("patient", "Me again."), ("patient", "It is J20.9."), ("mother", "Yes."))
    (row,) = dialogue_measures([odd], {"J20.9/001": note}, knowledge_base()).to_dicts()
    assert row["longest_monologue_turns"] == 3
    assert row["speaker_count"] == 0
    assert row["form_fault_count"] >= 1
    assert "J20.9" in row["form_fault_count_why"]
    assert row["fact_coverage_frac"] < 0.5
    assert "bronchitis" in row["fact_coverage_frac_why"]


@pytest.mark.parametrize(
    ("age", "gender", "admitted"),
    [(30.0, "female", True), (30.0, "male", False), (70.0, "female", False), (64.9, "female", True)],
)
def test_age_and_sex_are_held_against_the_codes_limits(age: float, gender: str, admitted: bool) -> None:
    """Limits are inclusive years: 64 and nine months is still 64."""
    content = {"demographics": {"age_years": age, "gender": gender}, "medical_outcome": {"diagnosis": "x"}}
    limits = {"J20.9": [(9.0, 64.0, None), (None, None, "female")]}
    (row,) = scenario_measures([artifact(Kind.SCENARIO, content)], {"J20.9": "x"}, limits, {}).to_dicts()  # type: ignore[arg-type]
    assert row["is_age_sex_admitted"] is admitted
    assert row["is_partition_code"]


def test_shares_that_do_not_sum_to_one_fail_with_the_sum() -> None:
    """An aggregate check says what it observed."""
    frame = pl.DataFrame(
        {"code": ["A", "B"], "is_billable": [True, True], "weight": [1.0, 1.0], "share_frac": [0.5, 0.4]}
    )
    failed = [o for o in validate(suite("icd_prevalence"), frame) if not o.passed]
    assert [(o.check.name, round(float(o.observed), 3)) for o in failed] == [("shares_sum_to_one", 0.9)]
