"""Running a suite over a frame with Great Expectations. Importing it takes seconds, so it is imported here, late."""

import importlib.util
import logging
import os
import sys
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from medsynth_assets.quality.suites import Check, Suite


class Outcome(NamedTuple):
    """What one check found: the keys of the rows that fail it, all of them."""

    check: Check
    passed: bool
    failed_keys: tuple[str, ...]
    observed: Any  # of an aggregate check; None for one that looks at rows


def validate(suite: Suite, frame: pl.DataFrame) -> list[Outcome]:
    """Judge a frame. A suite of row checks over no rows passes."""
    if frame.is_empty():
        return [Outcome(check, True, (), None) for check in suite.checks]
    context = _context()
    definition = context["gx"].ExpectationSuite(
        name=suite.name,
        expectations=[
            {"type": c.body["type"], "kwargs": c.body["kwargs"], "meta": c.body["meta"]} for c in suite.checks
        ],
    )
    batch = context["batches"].get_batch({"dataframe": frame.to_pandas()})
    result = batch.validate(
        definition,
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [suite.key]},
    )
    by_name = {r.expectation_config.meta["check"]: r for r in result.results}
    return [_outcome(check, by_name[check.name], suite.key) for check in suite.checks]


def _outcome(check: Check, result: Any, key: str) -> Outcome:
    if result.exception_info and result.exception_info.get("raised_exception"):
        raise RuntimeError(f"{check.name} could not be computed: {result.exception_info.get('exception_message')}")
    failed = result.result.get("unexpected_index_list") or []
    return Outcome(
        check=check,
        passed=bool(result.success),
        failed_keys=tuple(str(row[key]) for row in failed),
        observed=result.result.get("observed_value"),
    )


@cache
def _context() -> dict[str, Any]:
    """An in-memory context: suites are files of ours, results go to the warehouse. No analytics, no bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    _defer("scipy", "stats")  # half of its import, for expectations about distributions that no suite of ours has
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    import medsynth_assets.quality.expectations  # noqa: F401 - registers them

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return {"gx": gx, "batches": asset.add_batch_definition_whole_dataframe("whole")}


def _defer(package: str, name: str) -> None:
    """Have a module read when something in it is first used, not when it is imported (importlib's own recipe, Implementing lazy imports)."""
    spec = importlib.util.find_spec(f"{package}.{name}")
    if spec is None or spec.loader is None or spec.name in sys.modules:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    setattr(sys.modules[package], name, module)  # where `from package import name` looks first
