"""A trace as a Mermaid flowchart: from the roots at the top to what stands."""

from medsynth_assets.lineage.summary import stage_nodes
from medsynth_assets.lineage.trace import NodeKind, Relation, Standing, Trace
from medsynth_assets.records.artifact import Kind, Stage

_ESCAPED = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "\n": " "}
_ROOTS = (NodeKind.PREVALENCE_RELEASE, NodeKind.PREVALENCE_ROW, NodeKind.ICD10CM_RELEASE, NodeKind.ICD10CM_ROW)
_DRAWN = {Relation.ROW_OF, Relation.DRAWN_FROM, Relation.MADE_FROM, Relation.SUPERSEDES, Relation.WITHDRAWS}
_FORWARD = Relation.RELEASED_IN  # the others read from what was made to what it was made from


def mermaid(trace: Trace) -> str:
    """Artifacts and reference rows as boxes; recipes, calls and checks are told inside them."""
    said = {node.id: parts for stage in Stage for node, parts in stage_nodes(trace, stage)}
    kinds = {*_ROOTS, *Kind, NodeKind.RELEASE, NodeKind.WITHDRAWAL}
    drawn = {node.id: f"n{number}" for number, node in enumerate(n for n in trace.nodes if n.kind in kinds)}
    lines = ["flowchart TD"]
    for node in trace.nodes:
        if node.id in drawn:
            label = "<br/>".join(map(_escaped, [node.label, *said.get(node.id, [])]))
            faded = ":::faded" if node.detail.get("standing", Standing.CURRENT) != Standing.CURRENT else ""
            lines.append(f'  {drawn[node.id]}["{label}"]{faded}')
    for source, target, relation in trace.edges:
        if source in drawn and target in drawn and relation in _DRAWN:
            arrow = "-. superseded by .->" if relation == Relation.SUPERSEDES else "-->"
            lines.append(f"  {drawn[target]} {arrow} {drawn[source]}")
        elif source in drawn and target in drawn and relation == _FORWARD:
            lines.append(f"  {drawn[source]} --> {drawn[target]}")
    return "\n".join([*lines, "  classDef faded opacity:0.5,stroke-dasharray:4", ""])


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in text)
