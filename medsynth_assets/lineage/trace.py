"""The trace of one record: everything it came from and everything it replaced, as a graph.

An edge reads from its source: `note made_from note_draft`, `check_result judges note`, `note supersedes note`.
Nodes of one kind stand in the order of time. `Node.detail` holds what is stored, for whoever draws it.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import duckdb

from medsynth_assets.errors import UsageError
from medsynth_assets.records.artifact import Kind, Stage
from medsynth_assets.records.identity import Slot
from medsynth_assets.warehouse.lineage_store import Depth, RecordRows, Row, record_rows


class NodeKind(StrEnum):
    """Kinds of nodes beside those of artifacts, which go by their own names (records.artifact.Kind)."""

    PREVALENCE_RELEASE = "prevalence_release"
    PREVALENCE_ROW = "prevalence_row"
    ICD10CM_RELEASE = "icd10cm_release"
    ICD10CM_ROW = "icd10cm_row"
    RECIPE = "recipe"
    CALL = "call"
    CHECK_RESULT = "check_result"
    RUN = "run"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    WITHDRAWAL = "withdrawal"


class Relation(StrEnum):
    """What an edge says of its source."""

    DRAWN_FROM = "drawn_from"  # plan: a row of a reference release
    ROW_OF = "row_of"  # row: its release
    MADE_FROM = "made_from"  # artifact: its parents
    MADE_BY = "made_by"  # artifact or call: its recipe
    ANSWERED_BY = "answered_by"  # artifact: the call whose answer it is
    TRIED_BY = "tried_by"  # artifact: a call sent for it that brought nothing of use
    MADE_IN = "made_in"  # artifact, call, check result or quarantine: the run
    JUDGES = "judges"  # check result: the artifact
    SUPERSEDES = "supersedes"  # artifact: the one that was current before it
    RELEASED_IN = "released_in"  # artifact: a release that holds it
    WITHDRAWS = "withdraws"  # withdrawal: the artifact that no further release may hold


class Standing(StrEnum):
    """What has become of an artifact. `detail["standing"]` of every artifact's node."""

    CURRENT = "current"  # it stands, or what stands was made from it
    SUPERSEDED = "superseded"  # it stood once, or what stood once was made from it
    REJECTED = "rejected"  # an attempt that nothing came of
    REMOVED = "removed on purpose"  # only its hash is left


class Node(NamedTuple):
    """One thing in the trace. `id` is unique in it: the kind of thing, a colon, its stored id."""

    id: str
    kind: str
    label: str
    detail: dict[str, Any]
    at: dt.datetime | None


class Edge(NamedTuple):
    source: str
    target: str
    relation: str


class Trace(NamedTuple):
    """A record's graph, as it was known at the moment asked for."""

    record_id: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def node(self, node_id: str) -> Node | None:
        return next((node for node in self.nodes if node.id == node_id), None)

    def of_kind(self, *kinds: str) -> list[Node]:
        return [node for node in self.nodes if node.kind in kinds]

    def targets(self, node_id: str, relation: str) -> list[str]:
        """Ids of the nodes that this one is related to."""
        return [edge.target for edge in self.edges if edge.source == node_id and edge.relation == relation]

    def current(self, stage: Stage) -> Node | None:
        """What stands at a stage."""
        heads = [node for node in self.of_kind(stage.product.value) if node.detail.get("is_head")]
        return heads[0] if heads else None


def trace(
    con: duckdb.DuckDBPyConnection, record_id: str, at: dt.datetime | None = None, depth: Depth = Depth.TEXTS
) -> Trace:
    """The graph of a record, now or as it was at a moment (aware, UTC).

    It is the same graph at any depth, with less in the details of its nodes; contents of artifacts are always there.
    Raises UsageError where nothing was known of the record then.
    """
    slot = Slot.parse(record_id)
    rows = record_rows(con, slot.record_id, at, depth)
    if not (rows.artifacts or rows.quarantine or rows.removals):
        when = f" at {at.isoformat()}" if at else ""
        raise UsageError(f"nothing is known of {slot.record_id}{when}; make it with: medsynth run --codes {slot.code}")
    return assemble(slot.record_id, rows)


def assemble(record_id: str, rows: RecordRows) -> Trace:
    """The graph that the rows of a record are."""
    nodes = [*_reference(rows), *_recipes(rows), *_runs(rows), *_artifacts(rows), *_calls(rows), *_checks(rows),
             *_quarantine(rows), *_releases(rows), *_withdrawals(rows)]  # fmt: skip
    known = {node.id for node in nodes}
    edges = dict.fromkeys(edge for edge in _edges(rows) if edge.source in known and edge.target in known)
    return Trace(record_id, tuple(nodes), tuple(edges))


def artifact_node_id(artifact_id: str) -> str:
    return f"artifact:{artifact_id}"


# Nodes


def _reference(rows: RecordRows) -> Iterator[Node]:
    """The rows that the record's plans name, with their releases. A row replaced since is told from the plan's own copy."""
    used = {plan["prevalence_row_hash"] for plan in _plans(rows)}
    codes = {row["row_hash"]: row for row in rows.codes or ()}
    facts = {plan["icd"]["row_hash"]: plan["icd"] for plan in _plans(rows)}
    releases = {row["release_id"]: row for row in rows.releases}
    for row in rows.prevalence:
        if row["row_hash"] in used:
            label = f"{row['code']} rank {row['rank']}, {row['share_frac']:.3%} of {row['source_file']}"
            yield Node(f"prevalence_row:{row['row_hash']}", NodeKind.PREVALENCE_ROW, label, _plain(row), None)
    for row_hash, fact in facts.items():
        stored = codes.get(row_hash)
        detail = {**fact, **_plain(stored or {}), "is_in_force": None if rows.codes is None else stored is not None}
        yield Node(
            f"icd10cm_row:{row_hash}", NodeKind.ICD10CM_ROW, f"{fact['code']} {fact['description']}", detail, None
        )
    named = {plan["prevalence_release_id"]: NodeKind.PREVALENCE_RELEASE for plan in _plans(rows)}
    named |= {plan["icd"]["release_id"]: NodeKind.ICD10CM_RELEASE for plan in _plans(rows)}
    for release_id, kind in named.items():
        release = releases.get(release_id, {"release_id": release_id, "name": "no longer in the warehouse"})
        label = f"{release['name']} ({release_id[:8]})"
        yield Node(f"{kind}:{release_id}", kind, label, _plain(release), release.get("loaded_at"))


def _recipes(rows: RecordRows) -> Iterator[Node]:
    bodies = {row["part_hash"]: row["body"] for row in rows.recipe_parts}
    for row in rows.recipes:
        detail = {
            **_plain(row),
            "parameters": json.loads(row["parameters"]),
            "prompt": bodies.get(row["prompt_hash"], ""),
            "answer_schema": bodies.get(row["schema_hash"], ""),
        }
        label = f"{row['agent']} by {row['engine']} {row['model']}"
        yield Node(f"recipe:{row['recipe_id']}", NodeKind.RECIPE, label, detail, row["first_used_at"])


def _runs(rows: RecordRows) -> Iterator[Node]:
    described = {row["run_id"]: row for row in rows.runs}
    for run_id in sorted(_run_ids(rows)):
        row = described.get(run_id, {"run_id": run_id})
        detail = {**_plain(row), "packages": json.loads(row.get("packages") or "{}")}
        commit = f", commit {row['git_commit'][:10]}" if row.get("git_commit") else ""
        yield Node(f"run:{run_id}", NodeKind.RUN, f"run {run_id[:8]}{commit}", detail, row.get("began_at"))


def _artifacts(rows: RecordRows) -> Iterator[Node]:
    current, stood = _lines_of_descent(rows)
    heads = {head["artifact_id"] for head in _current_heads(rows)}
    replaced = _replaced(rows)
    for row in rows.artifacts:
        made = row["artifact_id"]
        standing = Standing.CURRENT if made in current else Standing.SUPERSEDED if made in stood else Standing.REJECTED
        detail = {
            **_plain(row),
            "content": json.loads(row["content"]),
            "standing": standing.value,
            "is_head": made in heads,
            "became_current_at": [head["set_at"] for head in rows.heads if head["artifact_id"] == made],
            "replaced": replaced.get(made),
        }
        yield Node(artifact_node_id(made), row["kind"], _artifact_label(row["kind"], made), detail, row["created_at"])
    there = {row["artifact_id"] for row in rows.artifacts}
    for removal in rows.removals:
        if removal["kind"] != NodeKind.CALL and removal["subject_id"] not in there:
            stub = json.loads(removal["row"])
            detail = {**_plain(removal), **stub, "standing": Standing.REMOVED.value, "is_head": False}
            label = _artifact_label(removal["kind"], removal["subject_id"])
            made_at = dt.datetime.fromisoformat(stub["created_at"])
            yield Node(artifact_node_id(removal["subject_id"]), removal["kind"], label, detail, made_at)


def _artifact_label(kind: str, artifact_id: str) -> str:
    return f"{kind.replace('_', ' ')} {artifact_id[:8]}"


def _calls(rows: RecordRows) -> Iterator[Node]:
    removed = {removal["subject_id"] for removal in rows.removals if removal["kind"] == NodeKind.CALL}
    for row in rows.calls:
        detail = {
            **_plain(row),
            "messages": json.loads(row["messages"]) if row["messages"] else None,
            "parameters": json.loads(row["parameters"]),
            "is_removed": row["call_id"] in removed,
        }
        spent = f", {row['input_tokens']} + {row['output_tokens']} tokens, ${row['cost_usd']:.4f}"
        told = f"{row['agent']} {row['status']}{spent if row['input_tokens'] else ''}, {row['latency_ms']:.0f} ms"
        yield Node(f"call:{row['call_id']}", NodeKind.CALL, told, detail, row["started_at"])


def _checks(rows: RecordRows) -> Iterator[Node]:
    for row in rows.checks:
        verdict = "passed" if row["is_passed"] else f"failed: {row['explanation']}"
        yield Node(
            _check_id(row), NodeKind.CHECK_RESULT, f"{row['check_name']} {verdict}", _plain(row), row["checked_at"]
        )


def _check_id(row: Row) -> str:
    return f"check_result:{row['artifact_id']}:{row['check_recipe_id']}:{row['run_id']}"


def _quarantine(rows: RecordRows) -> Iterator[Node]:
    for row in rows.quarantine:
        label = f"{row['stage']} {row['reason']}: {row['detail']}"
        yield Node(f"quarantine:{row['seq']}", NodeKind.QUARANTINE, label, _plain(row), row["quarantined_at"])


def _releases(rows: RecordRows) -> Iterator[Node]:
    for row in rows.published:
        label = f"release {row['name']} ({row['release_id'][:8]}), split {row['split']}"
        yield Node(f"release:{row['release_id']}", NodeKind.RELEASE, label, _plain(row), row["released_at"])


def _withdrawals(rows: RecordRows) -> Iterator[Node]:
    for row in rows.withdrawals:
        label = f"{row['artifact_id'][:8]} withdrawn by {row['reviewer']}: {row['reason']}"
        yield Node(_withdrawal_id(row), NodeKind.WITHDRAWAL, label, _plain(row), row["withdrawn_at"])


def _withdrawal_id(row: Row) -> str:
    return f"withdrawal:{row['artifact_id']}:{row['reviewer']}:{row['withdrawn_at'].isoformat()}"


# Edges


def _edges(rows: RecordRows) -> Iterator[Edge]:
    """Every edge that the rows state; those to what is not there are left out by whoever collects them."""
    for plan_id, plan in _plans_by_id(rows):
        here = artifact_node_id(plan_id)
        yield Edge(here, f"prevalence_row:{plan['prevalence_row_hash']}", Relation.DRAWN_FROM)
        yield Edge(here, f"icd10cm_row:{plan['icd']['row_hash']}", Relation.DRAWN_FROM)
        yield Edge(
            f"icd10cm_row:{plan['icd']['row_hash']}", f"icd10cm_release:{plan['icd']['release_id']}", Relation.ROW_OF
        )
        yield Edge(
            f"prevalence_row:{plan['prevalence_row_hash']}",
            f"prevalence_release:{plan['prevalence_release_id']}",
            Relation.ROW_OF,
        )
    stubs = [json.loads(r["row"]) for r in rows.removals if r["kind"] != NodeKind.CALL]
    for row in [*rows.artifacts, *stubs]:
        here = artifact_node_id(row["artifact_id"])
        for parent in row["parents"]:
            yield Edge(here, artifact_node_id(parent), Relation.MADE_FROM)
        yield Edge(here, f"recipe:{row['recipe_id']}", Relation.MADE_BY)
        yield Edge(here, f"run:{row['run_id']}", Relation.MADE_IN)
    for row in rows.calls:
        here = f"call:{row['call_id']}"
        brought = Relation.ANSWERED_BY if row["status"] == "ok" else Relation.TRIED_BY
        yield Edge(artifact_node_id(row["artifact_id"] or ""), here, brought)
        yield Edge(here, f"recipe:{row['recipe_id']}", Relation.MADE_BY)
        yield Edge(here, f"run:{row['run_id']}", Relation.MADE_IN)
    for row in rows.checks:
        yield Edge(_check_id(row), artifact_node_id(row["artifact_id"]), Relation.JUDGES)
        yield Edge(_check_id(row), f"run:{row['run_id']}", Relation.MADE_IN)
    for row in rows.quarantine:
        yield Edge(f"quarantine:{row['seq']}", f"run:{row['run_id']}", Relation.MADE_IN)
    for row in rows.published:
        for held in (row["scenario_id"], row["note_id"], row["dialogue_id"]):
            yield Edge(artifact_node_id(held), f"release:{row['release_id']}", Relation.RELEASED_IN)
    for row in rows.withdrawals:
        yield Edge(_withdrawal_id(row), artifact_node_id(row["artifact_id"]), Relation.WITHDRAWS)
    for newer, older in _replaced(rows).items():
        yield Edge(artifact_node_id(newer), artifact_node_id(older["artifact_id"]), Relation.SUPERSEDES)


# What the rows say


def _plans_by_id(rows: RecordRows) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in rows.artifacts:
        if row["kind"] == Kind.PLAN:
            yield row["artifact_id"], json.loads(row["content"])


def _plans(rows: RecordRows) -> list[dict[str, Any]]:
    return [plan for _, plan in _plans_by_id(rows)]


def _run_ids(rows: RecordRows) -> set[str]:
    own = (rows.artifacts, rows.heads, rows.calls, rows.checks, rows.quarantine)
    return {row["run_id"] for table in own for row in table}


def _current_heads(rows: RecordRows) -> list[Row]:
    return list({head["stage"]: head for head in sorted(rows.heads, key=lambda head: head["seq"])}.values())


def _lines_of_descent(rows: RecordRows) -> tuple[set[str], set[str]]:
    """Artifacts that what stands was made from, itself included; and those that anything which ever stood was."""
    parents = {row["artifact_id"]: row["parents"] for row in rows.artifacts}
    current = with_ancestors((head["artifact_id"] for head in _current_heads(rows)), parents)
    return current, with_ancestors((head["artifact_id"] for head in rows.heads), parents)


def with_ancestors(ids: Iterable[str], parents: Mapping[str, Sequence[str]]) -> set[str]:
    """The artifacts and all that they were made from, directly or not."""
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        made = waiting.pop()
        if made not in found:
            found.add(made)
            waiting += parents.get(made, [])
    return found


def _replaced(rows: RecordRows) -> dict[str, dict[str, Any]]:
    """By artifact: which one it replaced, when and why."""
    found: dict[str, dict[str, Any]] = {}
    last: dict[str, Row] = {}
    for head in sorted(rows.heads, key=lambda head: head["seq"]):
        before = last.get(head["stage"])
        if before and before["artifact_id"] != head["artifact_id"]:
            found[head["artifact_id"]] = {
                "artifact_id": before["artifact_id"], "at": head["set_at"], "why": _why(before, head),
            }  # fmt: skip
        last[head["stage"]] = head
    return found


def _why(before: Row, after: Row) -> str:
    if before["parent_artifact_id"] != after["parent_artifact_id"] and after["stage"] != Stage.SCENARIOS:
        return "parent superseded"
    return "recipe changed" if before["stage_recipe_id"] != after["stage_recipe_id"] else "made again"


def _plain(row: Row) -> Row:
    """Without what only storage needs."""
    return {name: value for name, value in row.items() if name != "batch_id"}
