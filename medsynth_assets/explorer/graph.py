"""The lineage graph of a record, laid out: the rows it was drawn from to the left, what stands to the right.

Rows carry their release; recipes, calls, checks and runs are told on the artifacts, and open with them. Geometry only: the template draws it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medsynth_assets.explorer.record import ARTIFACTS, Record
from medsynth_assets.lineage.trace import Node, NodeKind, Relation, Standing
from medsynth_assets.records.artifact import Kind, Stage

BOX_WIDTH, BOX_HEIGHT = 122, 56
GAP_X, GAP_Y = 20, 16
MARGIN = 2
_COLUMNS: tuple[tuple[str, ...], ...] = (
    (NodeKind.PREVALENCE_ROW, NodeKind.ICD10CM_ROW),
    *((kind,) for kind in ARTIFACTS),
)
_DRAWN = (Relation.DRAWN_FROM, Relation.MADE_FROM, Relation.SUPERSEDES)
_WORDS = 16  # characters that fit on a line of a box


class Box(NamedTuple):
    """A node in its place. `opens` is the address of what it opens, below the record's; `tone` is its CSS class."""

    x: int
    y: int
    title: str
    lines: tuple[str, ...]
    told: str
    opens: str
    tone: str


class Line(NamedTuple):
    path: str
    relation: str


class Graph(NamedTuple):
    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def graph(record: Record) -> Graph:
    """Boxes and lines; what stands is on the top row, what it replaced and what was rejected below."""
    places = dict(_places(record))
    nodes = {node.id: node for node in record.trace.nodes if node.id in places}
    columns = max((x for x, _ in places.values()), default=0) + 1
    rows = max((y for _, y in places.values()), default=0) + 1
    return Graph(
        width=2 * MARGIN + columns * (BOX_WIDTH + GAP_X) - GAP_X,
        height=2 * MARGIN + rows * (BOX_HEIGHT + GAP_Y) - GAP_Y,
        boxes=[_box(record, node, *_corner(*places[node.id])) for node in nodes.values()],
        lines=[
            Line(_path(places[edge.target], places[edge.source]), edge.relation)
            for edge in record.trace.edges
            if edge.relation in _DRAWN and edge.source in places and edge.target in places
            and not _goes_without_saying(nodes[edge.source], nodes[edge.target])
        ],
    )  # fmt: skip


def _goes_without_saying(source: Node, target: Node) -> bool:
    """A polished text is made from its draft and from what the draft was made from; the second line adds nothing."""
    return (source.kind, target.kind) in (
        (Kind.SCENARIO, Kind.SCENARIO_DRAFT),
        (Kind.NOTE, Kind.SCENARIO),
        (Kind.DIALOGUE, Kind.NOTE),
    )


def _places(record: Record) -> Iterator[tuple[str, tuple[int, int]]]:
    """Column and row by node id. A column without anything takes no room."""
    x = 0
    for kinds in _COLUMNS:
        found = sorted(record.trace.of_kind(*kinds), key=_newest_standing_first)
        for y, node in enumerate(found):
            yield node.id, (x, y)
        x += bool(found)


def _newest_standing_first(node: Node) -> tuple[bool, float]:
    return (node.detail.get("standing", Standing.CURRENT) != Standing.CURRENT, -node.at.timestamp() if node.at else 0)


def _corner(column: int, row: int) -> tuple[int, int]:
    return MARGIN + column * (BOX_WIDTH + GAP_X), MARGIN + row * (BOX_HEIGHT + GAP_Y)


def _path(start: tuple[int, int], end: tuple[int, int]) -> str:
    """From the right edge of one box to the left edge of another; along the column, from below to above it."""
    (x1, y1), (x2, y2) = _corner(*start), _corner(*end)
    if x1 == x2:
        middle, up = x1 + BOX_WIDTH // 2, y1 > y2
        return f"M{middle} {y1 if up else y1 + BOX_HEIGHT}V{y2 + BOX_HEIGHT if up else y2}"
    x1, y1, y2 = x1 + BOX_WIDTH, y1 + BOX_HEIGHT // 2, y2 + BOX_HEIGHT // 2
    bend = x2 - GAP_X // 2
    return f"M{x1} {y1}C{bend} {y1} {x1 if x2 - x1 == GAP_X else bend} {y2} {x2} {y2}"


def _box(record: Record, node: Node, x: int, y: int) -> Box:
    lines = tuple(_short(line) for line in _lines(record, node))
    if node.kind in ARTIFACTS:
        opens, title = f"artifact/{node.detail['artifact_id']}", node.kind.replace("_", " ")
    else:
        opens, title = f"source/{node.id}", _SOURCES[NodeKind(node.kind)]
    return Box(x, y, title, lines, node.label, opens, _tone(record, node))


_SOURCES = {NodeKind.PREVALENCE_ROW: "prevalence", NodeKind.ICD10CM_ROW: "ICD-10-CM"}


def _lines(record: Record, node: Node) -> Sequence[str]:
    detail = node.detail
    if node.kind in ARTIFACTS:
        return "drawn, not asked" if node.kind == Kind.PLAN else str(detail.get("model", "")), _judged(record, node)
    releases = [str(release.detail.get("name", "")) for release in record.related(node, Relation.ROW_OF)]
    if node.kind == NodeKind.PREVALENCE_ROW:
        return f"rank {detail['rank']:,}, {detail['share_frac']:.2%}", *releases
    return f"{detail['code']}{'' if detail['is_in_force'] else ', replaced'}", *releases


def _judged(record: Record, node: Node) -> str:
    """What was said of an artifact: its standing where it does not stand, its checks, or its verdict."""
    detail = node.detail
    if detail["standing"] != Standing.CURRENT:
        return str(detail["standing"])
    if node.kind == Kind.VERDICT:
        content = detail.get("content") or {}
        return "approved" if content.get("medically_correct") and content.get("plausible") else "not approved"
    judged = [verdict["is_passed"] for verdict in record.verdicts if verdict["artifact_id"] == detail["artifact_id"]]
    return f"{sum(judged)} of {len(judged)} checks" if judged else f"{node.at:%Y-%m-%d}" if node.at else ""


def _tone(record: Record, node: Node) -> str:
    if node.kind not in ARTIFACTS:
        return "source"
    failing = {verdict["artifact_id"] for verdict in record.verdicts if not verdict["is_passed"]}
    if node.detail.get("artifact_id") in failing:
        return "bad"
    if node.detail["standing"] != Standing.CURRENT:
        return "past"
    return "product" if node.kind in {stage.product for stage in Stage} else "step"


def _short(line: str) -> str:
    return line if len(line) <= _WORDS else f"{line[: _WORDS - 1]}…"
