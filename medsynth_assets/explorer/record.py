"""One record as its pages show it, read off its trace: what stands, what was asked, judged and replaced."""

from functools import cached_property
from typing import Any

import duckdb

from medsynth_assets.lineage.trace import Node, NodeKind, Relation, Trace
from medsynth_assets.records.artifact import Kind, Stage
from medsynth_assets.records.identity import Slot

Row = dict[str, Any]  # a stored row as the trace carries it; its columns are those of warehouse/schema.sql
ARTIFACTS = tuple(Kind)


class Record:
    """A trace and the questions that pages ask of it."""

    def __init__(self, traced: Trace) -> None:
        self.trace = traced
        self.slot = Slot.parse(traced.record_id)

    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {node.id: node for node in self.trace.nodes}

    @cached_property
    def artifacts(self) -> dict[str, Node]:
        """Nodes of artifacts by artifact id, in the order of time."""
        return {node.id.partition(":")[2]: node for node in self.trace.of_kind(*ARTIFACTS)}

    @cached_property
    def current(self) -> dict[str, Node]:
        """What stands, by stage."""
        return {stage.value: node for stage in Stage if (node := self.trace.current(stage))}

    def content(self, stage: Stage) -> Row:
        """What stands at a stage; empty where nothing does or its body was removed."""
        node = self.current.get(stage.value)
        return (node.detail.get("content") or {}) if node else {}

    @property
    def description(self) -> str:
        return str(self._code.get("description", ""))

    @property
    def rank(self) -> int | None:
        """The code's place by prevalence, in the release that the record was planned from."""
        rows = self.trace.of_kind(NodeKind.PREVALENCE_ROW)
        return int(rows[-1].detail["rank"]) if rows else None

    @property
    def _code(self) -> Row:
        rows = self.trace.of_kind(NodeKind.ICD10CM_ROW)
        return rows[-1].detail if rows else {}

    @cached_property
    def calls(self) -> list[Row]:
        return [node.detail for node in self.trace.of_kind(NodeKind.CALL)]

    @cached_property
    def verdicts(self) -> list[Row]:
        """The newest result of each check on each artifact, failures first."""
        newest = {(v["artifact_id"], v["asset"], v["check_name"]): v for v in self._results}
        return sorted(newest.values(), key=lambda v: (v["is_passed"], v["asset"], v["check_name"]))

    @property
    def _results(self) -> list[Row]:
        return sorted(
            (node.detail for node in self.trace.of_kind(NodeKind.CHECK_RESULT)), key=lambda v: v["checked_at"]
        )

    @property
    def standing_verdicts(self) -> list[Row]:
        standing = {node.detail["artifact_id"] for node in self.current.values()}
        return [verdict for verdict in self.verdicts if verdict["artifact_id"] in standing]

    @cached_property
    def failures(self) -> list[Row]:
        return [node.detail for node in self.trace.of_kind(NodeKind.QUARANTINE)]

    @cached_property
    def standing_failure(self) -> Row | None:
        """The newest attempt in quarantine that nothing has made good since."""
        since = {stage: max(node.detail["became_current_at"]) for stage, node in self.current.items() if _stood(node)}
        open_ones = [f for f in self.failures if f["stage"] not in since or since[f["stage"]] < f["quarantined_at"]]
        return open_ones[-1] if open_ones else None

    @cached_property
    def releases(self) -> list[Row]:
        """Releases that hold the record, the newest first; `is_standing` where what they hold is what stands."""
        standing = {node.detail["artifact_id"] for node in self.current.values()}
        held = [node.detail for node in self.trace.of_kind(NodeKind.RELEASE)]
        return [{**row, "is_standing": row["dialogue_id"] in standing} for row in reversed(held)]

    @cached_property
    def withdrawals(self) -> list[Row]:
        """What people took back, and why."""
        return [node.detail for node in self.trace.of_kind(NodeKind.WITHDRAWAL)]

    def related(self, node: Node, relation: Relation) -> list[Node]:
        return [self.nodes[target] for target in self.trace.targets(node.id, relation)]

    def recipe(self, node: Node) -> Row | None:
        """How an artifact was made; None for a plan, which is drawn."""
        recipes = self.related(node, Relation.MADE_BY)
        return recipes[0].detail if recipes else None


def _stood(node: Node) -> bool:
    return bool(node.detail.get("became_current_at"))


def neighbours(con: duckdb.DuckDBPyConnection, slot: Slot) -> tuple[str | None, str | None]:
    """The records of the same code before and after this one."""
    row = con.execute(
        "select arg_max(record_id, ordinal) filter (where ordinal < $ordinal),"
        " arg_min(record_id, ordinal) filter (where ordinal > $ordinal) from generation.heads where icd_code = $code",
        {"code": slot.code, "ordinal": slot.ordinal},
    ).fetchone()
    return row if row else (None, None)
