"""What Data Docs say of our expectations: one sentence with the limit, the failing records with the reason."""

from typing import Any

from great_expectations.core import ExpectationValidationResult
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from medsynth_assets.quality.expectations import ExpectDialogueToCoverNote, ExpectNoteToHaveSoapSections
from tests.quality.test_pairs import NOTE

PAIR = {"column_A": "note", "column_B": "dialogue"}
HELLO = "[doctor]: Hello.\n[patient]: Hi."


def judged(failing: int, **kwargs: Any) -> ExpectationValidationResult:
    """A result of 30 rows as Great Expectations stores it, with so many that fail."""
    rows = [{"record_id": f"J20.9/{n:03d}", "note": NOTE, "dialogue": HELLO} for n in range(1, failing + 1)]
    return ExpectationValidationResult(
        success=not failing,
        expectation_config=ExpectationConfiguration("expect_dialogue_to_cover_note", {**PAIR, **kwargs}),
        result={"element_count": 30, "missing_count": 0, "unexpected_count": failing, "partial_unexpected_index_list": rows},
    )  # fmt: skip


def test_the_sentence_carries_the_limit_as_a_reader_says_it() -> None:
    """A share in per cent, a count as it is, the default where none was given."""
    (told,) = ExpectDialogueToCoverNote._prescriptive_renderer(result=judged(0, least=0.7))
    assert told.string_template["template"] == "A dialogue says at least $least of the facts of its note."
    assert told.string_template["params"] == {"least": "70%"}
    plain = ExpectationConfiguration("expect_note_to_have_soap_sections", {"column": "note"})
    (told,) = ExpectNoteToHaveSoapSections._prescriptive_renderer(configuration=plain)
    assert told.string_template["params"] == {"most": "0"}


def test_a_handful_of_failing_records_is_shown_with_what_was_found() -> None:
    """Key, finding, explanation; no whole texts; how many more there are."""
    result = judged(7, least=0.7)
    (table,) = ExpectDialogueToCoverNote._diagnostic_unexpected_table_renderer(result=result)
    *shown, rest = table.table
    assert [row[0] for row in shown] == [f"J20.9/00{n}" for n in range(1, 6)]
    assert all(found.endswith("%") and "bronchitis" in why and "Subjective" not in why for _, found, why in shown)
    assert rest[0] == "and 2 more"
    assert ExpectDialogueToCoverNote._diagnostic_observed_value_renderer(result=result) == "23 of 30 do"


def test_nothing_is_tabled_where_all_pass() -> None:
    """The observed value says so."""
    assert ExpectDialogueToCoverNote._diagnostic_unexpected_table_renderer(result=judged(0)) is None
    assert ExpectDialogueToCoverNote._diagnostic_observed_value_renderer(result=judged(0)) == "all 30 do"
