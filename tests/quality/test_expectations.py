"""Great Expectations' own expectations of notes and dialogues, without Dagster."""

import subprocess
import sys

import polars as pl
import pytest

from medsynth_assets.quality.suites import Check, Suite
from medsynth_assets.quality.validation import validate
from tests.quality.test_pairs import NOTE, TALK

DIALOGUE = "\n".join(f"[{speaker}]: {text}" for speaker, text in TALK)
PAIR = {"column_A": "note", "column_B": "dialogue"}


def judged(expectation: str, note: str, dialogue: str, **limits: float) -> tuple[str, ...]:
    """The ids that fail of a good pair `good` and the given one `odd`."""
    columns = {"column": "note"} if "note_to" in expectation[:16] and "dialogue" not in expectation else PAIR
    body = {
        "type": expectation,
        "kwargs": {**columns, **limits},
        "severity": "critical",
        "meta": {"check": "c", "reason": "r"},
    }
    suite = Suite("s", "id", (Check("c", "r", "critical", expectation, "", dict(limits), body),))
    frame = pl.DataFrame(
        [{"id": "good", "note": NOTE, "dialogue": DIALOGUE}, {"id": "odd", "note": note, "dialogue": dialogue}]
    )
    return validate(suite, frame)[0].failed_keys


@pytest.mark.parametrize(
    ("expectation", "note", "dialogue", "limits"),
    [
        ("expect_dialogue_to_cover_note", NOTE, "[doctor]: Hello.\n[patient]: Hi.", {"least": 0.8}),
        ("expect_dialogue_not_to_contradict_note", NOTE.replace("10 mg", "40 mg"), DIALOGUE, {"most": 0}),
        ("expect_dialogue_not_to_deny_note", NOTE.replace("Denies fever", "Reports fever"), DIALOGUE, {"most": 0}),
        ("expect_dialogue_to_be_supported_by_note", NOTE, DIALOGUE + "\n[doctor]: Start warfarin today.", {"most": 0}),
        ("expect_dialogue_to_be_well_formed", NOTE, DIALOGUE + "\n[doctor]: That is J20.9.", {"most": 0}),
        ("expect_note_to_have_soap_sections", NOTE.split("Plan:")[0], DIALOGUE, {"most": 0}),
        ("expect_note_to_keep_sections_apart", NOTE.replace("Denies fever.", "Denies fever. We will start metformin 500 mg twice daily."), DIALOGUE, {"most": 0}),
    ],
)  # fmt: skip
def test_each_expectation_fails_the_pair_it_is_about_and_passes_the_good_one(
    expectation: str, note: str, dialogue: str, limits: dict[str, float]
) -> None:
    """Row by row, with the failing id."""
    assert judged(expectation, note, dialogue, **limits) == ("odd",)


def test_the_expectations_need_neither_dagster_nor_duckdb() -> None:
    """Who only checks texts loads no orchestration."""
    code = "import sys, medsynth_assets.quality.expectations; print('dagster' in sys.modules, 'duckdb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
