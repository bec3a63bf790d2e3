"""An audit as Markdown, for places that render it: what stands, what it came from, and whether it holds."""

from medsynth_assets.lineage.summary import stage_nodes
from medsynth_assets.lineage.texts import text_of
from medsynth_assets.lineage.trace import Node, NodeKind, Trace
from medsynth_assets.lineage.verifying import Verification
from medsynth_assets.records.artifact import Stage

_SPECIAL = frozenset("\\`*_{}[]<>()#+-!|~")


def markdown(trace: Trace, verification: Verification) -> str:
    """Texts come in code blocks, everything else is escaped: a record cannot bring markup of its own."""
    broken = [
        f"- broken at {fault.link.name.lower()}: {escaped(fault.says)}"
        for fault in verification.first_broken().values()
    ]
    parts = [
        f"# {escaped(trace.record_id)}",
        *(broken or [f"Holds: {verification.artifacts} artifacts, {verification.calls} calls."]),
    ]
    parts.append("## Drawn from\n\n" + _listed(trace.of_kind(NodeKind.PREVALENCE_ROW, NodeKind.PREVALENCE_RELEASE,
                                                             NodeKind.ICD10CM_ROW, NodeKind.ICD10CM_RELEASE)))  # fmt: skip
    for stage in Stage:
        lines = [f"- {escaped(' · '.join([told.node.label, *told.said]))}" for told in stage_nodes(trace, stage)]
        current = trace.current(stage)
        text = f"\n\n{_fenced(text_of(current))}" if current and stage is not Stage.SCENARIOS else ""
        parts.append(f"## {stage.value}\n\n" + ("\n".join(lines) or "none") + text)
    for title, kind in (
        ("Quarantine", NodeKind.QUARANTINE),
        ("Released", NodeKind.RELEASE),
        ("Withdrawn", NodeKind.WITHDRAWAL),
        ("Runs", NodeKind.RUN),
    ):
        if trace.of_kind(kind):
            parts.append(f"## {title}\n\n{_listed(trace.of_kind(kind))}")
    return "\n\n".join(parts)


def escaped(text: str) -> str:
    """Markdown in which the text stands as it is, on one line."""
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in " ".join(text.split()))


def _listed(nodes: list[Node]) -> str:
    return "\n".join(f"- {escaped(node.label)}" for node in nodes)


def _fenced(text: str) -> str:
    """A code block whose fence is longer than any run of backticks in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
