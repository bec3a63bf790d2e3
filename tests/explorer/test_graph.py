"""The lineage graph: every step in its place, the past below what stands."""

from itertools import combinations

from medsynth_assets.explorer.graph import BOX_HEIGHT, BOX_WIDTH, graph
from medsynth_assets.explorer.record import Record
from medsynth_assets.lineage.trace import trace
from tests.explorer.conftest import Shelf


def drawn(shelf: Shelf, record_id: str) -> Record:
    with shelf.file.reading() as con:
        return Record(trace(con, record_id))


def test_boxes_do_not_touch_and_stay_inside(shelf: Shelf) -> None:
    """However often a record was made again."""
    for n in range(4):
        shelf.put("I10/001", f"version {n}")
    found = graph(drawn(shelf, "I10/001"))
    assert len([box for box in found.boxes if box.title == "note"]) == 4
    for one, other in combinations(found.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    assert all(0 <= b.x <= found.width - BOX_WIDTH and 0 <= b.y <= found.height - BOX_HEIGHT for b in found.boxes)


def test_what_stands_is_above_what_it_replaced(shelf: Shelf) -> None:
    """The newest note is on the first row, the older one is told as superseded."""
    shelf.put("I10/001", "old")
    shelf.put("I10/001", "new")
    first, second = sorted(
        (box for box in graph(drawn(shelf, "I10/001")).boxes if box.title == "note"), key=lambda b: b.y
    )
    assert (first.tone, second.tone) == ("product", "past")
    assert "superseded" in second.lines


def test_a_failed_check_is_seen_on_its_box(shelf: Shelf) -> None:
    """By colour and in words."""
    shelf.put("I10/001", failing=("dose_exists",), passing=("age_arithmetic",))
    (note,) = [box for box in graph(drawn(shelf, "I10/001")).boxes if box.title == "note"]
    assert note.tone == "bad"
    assert "1 of 2 checks" in note.lines
