"""Expectations of a note and its dialogue: column_A the note, column_B the dialogue."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnPairMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnPairMapMetricProvider,
    column_pair_condition_partial,
)

from medsynth_assets.quality.expectations.findings import FindingExpectation, within
from medsynth_assets.quality.summaries import Finding, summary

_DOMAIN = ("batch_id", "table", "column_A", "column_B", "row_condition", "condition_parser", "ignore_row_if")


class _PairFinding(ColumnPairMapMetricProvider):
    condition_metric_name = "pair.finding"
    condition_domain_keys = _DOMAIN
    condition_value_keys = ("finding", "least", "most")

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(
        cls,  # noqa: N805 - a class method by GX's decorator
        column_A: Any,  # noqa: N803 - a name of GX
        column_B: Any,  # noqa: N803
        finding: str,
        least: float | None = None,
        most: float | None = None,
        **_: Any,
    ) -> Any:
        found = [summary(note, dialogue)[finding].value for note, dialogue in zip(column_A, column_B, strict=True)]
        return within(type(column_A)(found, index=column_A.index), least, most)


class _PairExpectation(FindingExpectation, ColumnPairMapExpectation):
    """A row counts where it has both texts."""

    least: float | None = None
    most: int | None = None
    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"] = "either_value_is_missing"
    domain_keys = _DOMAIN  # type: ignore[assignment] # GX types the tuple by its length
    map_metric = "pair.finding"
    success_keys = ("finding", "least", "most", "mostly")

    @classmethod
    def found(cls, row: Mapping[str, Any], columns: Mapping[str, Any]) -> Finding:
        return summary(row[columns["column_A"]], row[columns["column_B"]])[cls.__fields__["finding"].default]


class ExpectDialogueToCoverNote(_PairExpectation):
    """Expect the dialogue to say at least the share `least` (0 to 1) of the note's facts."""

    finding: str = "fact_coverage_frac"
    least: float | None = 0.8
    says: ClassVar[str] = "A dialogue says at least $least of the facts of its note."
    is_share: ClassVar[bool] = True


class ExpectDialogueNotToContradictNote(_PairExpectation):
    """Expect at most `most` numbers, doses, drugs and sides said otherwise in the dialogue than in the note."""

    finding: str = "contradiction_count"
    most: int | None = 0
    says: ClassVar[str] = "A dialogue gives at most $most numbers, doses, drugs or sides otherwise than its note."


class ExpectDialogueNotToDenyNote(_PairExpectation):
    """Expect at most `most` facts that the dialogue says the opposite of."""

    finding: str = "negation_contradiction_count"
    most: int | None = 0
    says: ClassVar[str] = "A dialogue says the opposite of at most $most facts of its note."


class ExpectDialogueToBeSupportedByNote(_PairExpectation):
    """Expect at most `most` clinical statements of the dialogue that the note does not have."""

    finding: str = "unsupported_count"
    most: int | None = 2
    says: ClassVar[str] = "A dialogue makes at most $most clinical statements that its note does not have."


class ExpectDialogueToBeWellFormed(_PairExpectation):
    """Expect at most `most` faults of form: unmarked speakers, codes, headings, text about the task, leftovers, identifiers."""

    finding: str = "form_fault_count"
    most: int | None = 0
    says: ClassVar[str] = (
        "A dialogue has at most $most faults of form: an unmarked speaker, a code, a heading, text about the task, "
        "a leftover, a string that identifies a person."
    )
