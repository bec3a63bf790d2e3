"""A trace as W3C PROV, in PROV-JSON: artifacts are entities, calls and runs activities, engines agents, recipes plans."""

import datetime as dt
import json
from typing import Any

from prov.constants import PROV_TYPE
from prov.model import ProvDocument

from medsynth_assets.lineage.trace import Node, NodeKind, Relation, Trace
from medsynth_assets.records.artifact import Kind

_OURS = "urn:medsynth:"
_ACTIVITIES = (NodeKind.CALL, NodeKind.RUN)
_TOLD = ("kind", "standing", "model", "status", "input_tokens", "output_tokens", "cost_usd", "latency_ms", "git_commit",
         "is_passed", "observed", "threshold", "body_hash")  # fmt: skip


def prov_json(trace: Trace) -> str:
    """The document as text; `prov.model.ProvDocument.deserialize` reads it."""
    return str(prov_document(trace).serialize(format="json", indent=2))


def prov_document(trace: Trace) -> ProvDocument:
    document = ProvDocument()
    document.add_namespace("medsynth", _OURS)
    for node in trace.nodes:
        _add(document, node)
    kinds = {node.id: node.kind for node in trace.nodes}
    for source, target, relation in trace.edges:
        _relate(document, kinds, source, target, relation)
    return document


def _add(document: ProvDocument, node: Node) -> None:
    told: dict[Any, Any] = {
        f"medsynth:{name}": _value(node.detail[name]) for name in _TOLD if node.detail.get(name) is not None
    }
    told |= {"prov:label": node.label, PROV_TYPE: f"medsynth:{node.kind}"}
    if node.kind in _ACTIVITIES:
        ended = node.at
        if node.at and node.kind == NodeKind.CALL:
            ended = node.at + dt.timedelta(milliseconds=node.detail["latency_ms"])
        document.activity(_name(node.id), node.at, ended if node.kind == NodeKind.CALL else None, told)
    elif node.kind == NodeKind.RECIPE:
        document.entity(_name(node.id), {**told, "medsynth:prompt_hash": node.detail["prompt_hash"]})
        document.agent(_engine(node), {PROV_TYPE: "prov:SoftwareAgent"})
    else:
        document.entity(_name(node.id), told)


def _relate(document: ProvDocument, kinds: dict[str, str], source: str, target: str, relation: str) -> None:
    here, there = _name(source), _name(target)
    match relation:
        case Relation.MADE_FROM | Relation.DRAWN_FROM | Relation.JUDGES | Relation.WITHDRAWS:
            document.wasDerivedFrom(here, there)
        case Relation.ROW_OF | Relation.RELEASED_IN:
            document.hadMember(there, here)
        case Relation.SUPERSEDES:
            document.wasRevisionOf(here, there)
        case Relation.ANSWERED_BY | Relation.TRIED_BY:
            document.wasGeneratedBy(here, there)
        case Relation.MADE_IN if kinds[source] == NodeKind.CALL:
            document.wasInformedBy(here, there)
        case Relation.MADE_IN:
            document.wasGeneratedBy(here, there)
        case Relation.MADE_BY if kinds[source] == NodeKind.CALL:
            document.used(here, there)
        case Relation.MADE_BY if kinds[source] in set(Kind):
            document.wasInfluencedBy(here, there)


def _engine(recipe: Node) -> str:
    return _name(f"engine:{recipe.detail['engine']}:{recipe.detail['model']}")


def _name(node_id: str) -> str:
    """A qualified name; what may not stand in one is written as its code point."""
    local = "".join(c if c.isalnum() or c in "-_." else f"_{ord(c):x}_" if c != ":" else "-" for c in node_id)
    return f"medsynth:{local}"


def _value(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else json.dumps(value, default=str)
