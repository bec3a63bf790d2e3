"""Expectations of a note."""

from collections.abc import Mapping
from typing import Any, ClassVar

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from medsynth_assets.quality.expectations.findings import FindingExpectation, within
from medsynth_assets.quality.summaries import Finding, note_summary


class _NoteFinding(ColumnMapMetricProvider):
    condition_metric_name = "note.finding"
    condition_value_keys = ("finding", "most")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, finding: str, most: float, **_: Any) -> Any:  # noqa: N805 - a class method by GX's decorator
        return within(column.map(lambda note: note_summary(note)[finding].value), None, most)


class _NoteExpectation(FindingExpectation, ColumnMapExpectation):
    map_metric = "note.finding"
    success_keys = ("finding", "most", "mostly")

    @classmethod
    def found(cls, row: Mapping[str, Any], columns: Mapping[str, Any]) -> Finding:
        return note_summary(row[columns["column"]])[cls.__fields__["finding"].default]


class ExpectNoteToHaveSoapSections(_NoteExpectation):
    """Expect at most `most` of the four SOAP sections to be missing, empty or out of order."""

    finding: str = "soap_fault_count"
    most: int = 0
    says: ClassVar[str] = "A note has at most $most of its four SOAP sections missing, empty or out of order."


class ExpectNoteToKeepSectionsApart(_NoteExpectation):
    """Expect at most `most` sentences that belong to another section than they stand in."""

    finding: str = "misplaced_count"
    most: int = 1
    says: ClassVar[str] = "A note has at most $most sentences that belong to another section than they stand in."
