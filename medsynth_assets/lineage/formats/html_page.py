"""A trace as one page that needs nothing else: no script, no network, every text escaped."""

from functools import cache
from importlib import resources
from typing import Any

import jinja2

from medsynth_assets.lineage.summary import Told, checks_of, stage_nodes
from medsynth_assets.lineage.texts import difference, text_of
from medsynth_assets.lineage.trace import NodeKind, Relation, Trace
from medsynth_assets.records.artifact import Stage

_ROOTS = (NodeKind.PREVALENCE_ROW, NodeKind.PREVALENCE_RELEASE, NodeKind.ICD10CM_ROW, NodeKind.ICD10CM_RELEASE)


def html_page(trace: Trace) -> str:
    return _template().render(
        trace=trace,
        roots=trace.of_kind(*_ROOTS),
        stages=[(stage.value, [_opened(trace, told) for told in stage_nodes(trace, stage)]) for stage in Stage],
        quarantine=trace.of_kind(NodeKind.QUARANTINE),
        released=trace.of_kind(NodeKind.RELEASE, NodeKind.WITHDRAWAL),
        runs=trace.of_kind(NodeKind.RUN),
    )


def _opened(trace: Trace, told: Told) -> dict[str, Any]:
    return {
        **told._asdict(),
        "text": text_of(told.node),
        "diff": difference(trace, told.node),
        "failed": [check for check in checks_of(trace, told.node) if not check.detail["is_passed"]],
        "recipes": [r for target in trace.targets(told.node.id, Relation.MADE_BY) if (r := trace.node(target))],
    }


@cache
def _template() -> jinja2.Template:
    source = (resources.files("medsynth_assets.lineage.formats") / "page.html").read_text("utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source)
