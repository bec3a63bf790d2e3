"""Expectations of a note."""

from typing import Any, ClassVar

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from medsynth_assets.quality.summaries import note_summary


class _AtMost(ColumnMapMetricProvider):
    """A count of findings of the note, at most `most`."""

    condition_value_keys = ("most",)
    finding: ClassVar[str] = ""

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, most: int, **_: Any) -> Any:  # noqa: N805 - a class method by GX's decorator
        return column.map(lambda note: note_summary(note)[cls.finding].value) <= most


class _SoapSections(_AtMost):
    condition_metric_name = "note.soap_sections"
    finding = "soap_fault_count"


class _Misplaced(_AtMost):
    condition_metric_name = "note.misplaced"
    finding = "misplaced_count"


class ExpectNoteToHaveSoapSections(ColumnMapExpectation):
    """Expect at most `most` of the four SOAP sections to be missing, empty or out of order."""

    most: int = 0
    map_metric = "note.soap_sections"
    success_keys = ("most", "mostly")


class ExpectNoteToKeepSectionsApart(ColumnMapExpectation):
    """Expect at most `most` sentences that belong to another section than they stand in."""

    most: int = 1
    map_metric = "note.misplaced"
    success_keys = ("most", "mostly")
