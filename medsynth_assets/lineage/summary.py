"""A trace told in few words: what the tree, the diagram and the page have in common."""

from collections import Counter
from typing import NamedTuple

from medsynth_assets.lineage.trace import Node, NodeKind, Relation, Standing, Trace
from medsynth_assets.records.artifact import Kind, Stage

STAGE_KINDS = {
    Stage.SCENARIOS: (Kind.PLAN, Kind.SCENARIO_DRAFT, Kind.VERDICT, Kind.SCENARIO),
    Stage.NOTES: (Kind.NOTE_DRAFT, Kind.NOTE),
    Stage.DIALOGUES: (Kind.DIALOGUE_AGENDA, Kind.UTTERANCE, Kind.DIALOGUE_DRAFT, Kind.DIALOGUE),
}


class Told(NamedTuple):
    """One artifact and what is said of it, in parts."""

    node: Node
    said: list[str]


def stage_nodes(trace: Trace, stage: Stage) -> list[Told]:
    """The artifacts of a stage in the order they were made, each with what made and judged it."""
    order = {kind.value: n for n, kind in enumerate(Kind)}
    nodes = sorted(trace.of_kind(*STAGE_KINDS[stage]), key=lambda n: (n.at is None, n.at, order[n.kind], _number(n)))
    return [Told(node, _said(trace, node)) for node in nodes]


def _number(node: Node) -> int:
    """Of an utterance, its place in the conversation."""
    return int((node.detail.get("content") or {}).get("number", 0)) if node.kind == Kind.UTTERANCE else 0


def checks_of(trace: Trace, node: Node) -> list[Node]:
    """What judged an artifact; of verdicts of one check the newest."""
    judged = {edge.source for edge in trace.edges if edge.target == node.id and edge.relation == Relation.JUDGES}
    newest = {n.detail["check_recipe_id"]: n for n in trace.of_kind(NodeKind.CHECK_RESULT) if n.id in judged}
    return list(newest.values())


def _said(trace: Trace, node: Node) -> list[str]:
    said = []
    standing = node.detail["standing"]
    if standing != Standing.CURRENT or node.detail.get("is_head"):
        said.append(standing)
    content = node.detail.get("content")
    if node.kind == Kind.UTTERANCE and content:
        said.append(" ".join(f"{turn['speaker']}: {turn['text']}" for turn in content["turns"]))
    if node.kind == Kind.DIALOGUE_AGENDA and content:
        said.append(
            f"{len(content['facts'])} facts, from {content['facts'][0]['fact']!r} to {content['facts'][-1]['fact']!r}"
        )
    for target in trace.targets(node.id, Relation.MADE_BY):
        recipe = trace.node(target)
        said.append(recipe.label if recipe else target)
    calls = [call for r in (Relation.ANSWERED_BY, Relation.TRIED_BY) for call in trace.targets(node.id, r)]
    if calls:
        said.append(_spent([call for one in calls if (call := trace.node(one))]))
    verdict = node.detail.get("content") if node.kind == Kind.VERDICT else None
    if verdict:
        approved = verdict["medically_correct"] and verdict["plausible"]
        said.append("approved" if approved else f"not approved: {'; '.join(verdict['feedback'])}")
    checks = checks_of(trace, node)
    if checks:
        counted = Counter(bool(check.detail["is_passed"]) for check in checks)
        said.append(f"{counted[True]} checks passed" + (f", {counted[False]} failed" if counted[False] else ""))
    if node.detail.get("replaced"):
        before = node.detail["replaced"]
        said.append(f"replaced {before['artifact_id'][:8]} ({before['why']})")
    releases = [release for t in trace.targets(node.id, Relation.RELEASED_IN) if (release := trace.node(t))]
    if releases:
        said.append(f"released in {', '.join(release.detail['name'] for release in releases)}")
    if any(edge.target == node.id and edge.relation == Relation.WITHDRAWS for edge in trace.edges):
        said.append("withdrawn")
    return said


def _spent(calls: list[Node]) -> str:
    tokens = sum(call.detail["input_tokens"] + call.detail["output_tokens"] for call in calls)
    cost = sum(call.detail["cost_usd"] for call in calls)
    latency = sum(call.detail["latency_ms"] for call in calls)
    paid = f", {tokens:,} tokens, ${cost:.4f}" if tokens else ""
    return f"{len(calls)} call{'s' if len(calls) > 1 else ''}{paid}, {latency:.0f} ms"
