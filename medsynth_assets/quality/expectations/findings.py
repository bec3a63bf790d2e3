"""What the expectations of notes and of pairs share: one finding of the texts, a limit to it, and how Data Docs tell of both."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from great_expectations.core import ExpectationValidationResult
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.render import LegacyDiagnosticRendererType, LegacyRendererType
from great_expectations.render.components import RenderedStringTemplateContent, RenderedTableContent
from great_expectations.render.renderer.renderer import renderer

from medsynth_assets.quality.summaries import Finding

LIMITS = ("least", "most")  # a finding is at least the one, at most the other
_SHOWN = 5  # failing records
_SHOWN_WORDS = 60  # of an explanation


def within(values: Any, least: float | None, most: float | None) -> Any:
    """Whether each value of a series keeps the limits; None is no limit."""
    return values.between(float("-inf") if least is None else least, float("inf") if most is None else most)


class FindingExpectation(Expectation):
    """`finding` names what is measured (quality.summaries); `says` is the sentence of Data Docs, with $least or $most in it.

    `where` turns a failing row, as Great Expectations names it, into that finding of its texts.
    """

    finding: str = ""
    says: ClassVar[str] = ""
    is_share: ClassVar[bool] = False  # from 0 to 1, shown in per cent

    @classmethod
    def found(cls, row: Mapping[str, Any], columns: Mapping[str, Any]) -> Finding:
        """The finding of a failing row. columns: which of its columns hold the texts."""
        raise NotImplementedError

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    def _prescriptive_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> list[RenderedStringTemplateContent]:
        limits = cls._limits(configuration or (result.expectation_config if result else None))
        told = {"template": cls.says, "params": limits, "styling": {"params": {k: {"tag": "strong"} for k in limits}}}
        return [RenderedStringTemplateContent(content_block_type="string_template", string_template=told)]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> str:
        told = result.result if result else None
        if not told or told.get("element_count") is None:
            return "--"
        judged = told["element_count"] - (told.get("missing_count") or 0)
        failed = told.get("unexpected_count") or 0
        return f"all {judged:,} do" if not failed else f"{judged - failed:,} of {judged:,} do"

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_STATEMENT)
    def _diagnostic_unexpected_statement_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> list[Any]:
        if result is None or result.exception_info.get("raised_exception"):
            return super()._diagnostic_unexpected_statement_renderer(configuration, result, runtime_configuration)
        return []  # the observed value and the table say it

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> list[Any] | None:
        rows = list(cls._failing(result)) if result else []
        if not rows:
            return None
        return [
            RenderedTableContent(
                content_block_type="table",
                header_row=["Record", "Found", "What it is"],
                table=rows,
                styling={"body": {"classes": ["table-bordered", "table-sm", "mt-3"]}},
            )
        ]

    @classmethod
    def _failing(cls, result: ExpectationValidationResult) -> Iterator[list[str]]:
        """The first failing records: their key, the finding, its explanation."""
        kwargs = result.expectation_config.kwargs if result.expectation_config else {}
        told = result.result or {}
        rows = told.get("partial_unexpected_index_list") or told.get("unexpected_index_list") or []
        texts = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
        for row in rows[:_SHOWN]:
            value, said = cls.found(row, kwargs)
            key = ", ".join(str(value) for name, value in row.items() if name not in texts)
            yield [key, f"{value:.0%}" if cls.is_share else f"{value:g}", _shortened("; ".join(said))]
        total = told.get("unexpected_count") or 0
        if total > _SHOWN:
            yield [
                f"and {total - _SHOWN:,} more",
                "",
                'all of them: medsynth sql "from quality.check_results where not is_passed"',
            ]

    @classmethod
    def _limits(cls, configuration: ExpectationConfiguration | None) -> dict[str, str]:
        kwargs = configuration.kwargs if configuration else {}
        limits = {name: kwargs.get(name, cls.__fields__[name].default) for name in LIMITS if name in cls.__fields__}
        return {
            name: f"{limit:.0%}" if cls.is_share else f"{limit:g}"
            for name, limit in limits.items()
            if limit is not None
        }


def _shortened(text: str) -> str:
    words = text.split()
    return " ".join(words) if len(words) <= _SHOWN_WORDS else " ".join(words[:_SHOWN_WORDS]) + " …"
