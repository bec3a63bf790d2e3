"""Expectations of a note and its dialogue: column_A the note, column_B the dialogue."""

from typing import Any, ClassVar, Literal

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnPairMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnPairMapMetricProvider,
    column_pair_condition_partial,
)

from medsynth_assets.quality.summaries import summary

_DOMAIN = ("batch_id", "table", "column_A", "column_B", "row_condition", "condition_parser", "ignore_row_if")


def _values(notes: Any, dialogues: Any, name: str) -> Any:
    """One finding of each pair, as a series of the batch."""
    found = [summary(note, dialogue)[name].value for note, dialogue in zip(notes, dialogues, strict=True)]
    return type(notes)(found, index=notes.index)


class _Coverage(ColumnPairMapMetricProvider):
    condition_metric_name = "pair.coverage"
    condition_domain_keys = _DOMAIN
    condition_value_keys = ("least",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: Any, column_B: Any, least: float, **_: Any) -> Any:  # noqa: N803, N805 - names of GX
        return _values(column_A, column_B, "fact_coverage_frac") >= least


class _AtMost(ColumnPairMapMetricProvider):
    """A count of findings of the pair, at most `most`."""

    condition_domain_keys = _DOMAIN
    condition_value_keys = ("most",)
    finding: ClassVar[str] = ""

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: Any, column_B: Any, most: int, **_: Any) -> Any:  # noqa: N803, N805 - names of GX
        return _values(column_A, column_B, cls.finding) <= most


class _Contradicted(_AtMost):
    condition_metric_name = "pair.contradicted"
    finding = "contradiction_count"


class _Denied(_AtMost):
    condition_metric_name = "pair.denied"
    finding = "negation_contradiction_count"


class _Unsupported(_AtMost):
    condition_metric_name = "pair.unsupported"
    finding = "unsupported_count"


class _Form(_AtMost):
    condition_metric_name = "pair.form"
    finding = "form_fault_count"


class _PairExpectation(ColumnPairMapExpectation):
    """A row counts where it has both texts."""

    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"] = "either_value_is_missing"
    domain_keys = _DOMAIN  # type: ignore[assignment] # GX types the tuple by its length


class ExpectDialogueToCoverNote(_PairExpectation):
    """Expect the dialogue to say at least the share `least` (0 to 1) of the note's facts."""

    least: float = 0.8
    map_metric = "pair.coverage"
    success_keys = ("least", "mostly")


class ExpectDialogueNotToContradictNote(_PairExpectation):
    """Expect at most `most` numbers, doses, drugs and sides said otherwise in the dialogue than in the note."""

    most: int = 0
    map_metric = "pair.contradicted"
    success_keys = ("most", "mostly")


class ExpectDialogueNotToDenyNote(_PairExpectation):
    """Expect at most `most` facts that the dialogue says the opposite of."""

    most: int = 0
    map_metric = "pair.denied"
    success_keys = ("most", "mostly")


class ExpectDialogueToBeSupportedByNote(_PairExpectation):
    """Expect at most `most` clinical statements of the dialogue that the note does not have."""

    most: int = 2
    map_metric = "pair.unsupported"
    success_keys = ("most", "mostly")


class ExpectDialogueToBeWellFormed(_PairExpectation):
    """Expect at most `most` faults of form: unmarked speakers, codes, headings, text about the task, leftovers, identifiers."""

    most: int = 0
    map_metric = "pair.form"
    success_keys = ("most", "mostly")
