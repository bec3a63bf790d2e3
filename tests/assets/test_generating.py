"""How finished slots are put together to be written, and what a run asks of the garbage collector."""

import datetime as dt
import gc

import pytest

from medsynth_assets.assets import generating
from medsynth_assets.assets.generating import _collecting_rarely, _in_pieces
from medsynth_assets.records.artifact import Agent
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot
from medsynth_assets.warehouse.generation_store import Made


def made(ordinal: int, sent: int, answered: int) -> Made:
    """A slot with one call of so many characters."""
    call = Call(
        call_id=f"c{ordinal}", request_hash="h", record_id=f"I10/{ordinal:03d}", icd_code="I10", agent=Agent.NOTE_WRITER,
        round=1, attempt=1, recipe_id="r", engine="openai", model="m", prompt_version="p",
        messages=[{"role": "user", "content": "x" * sent}], parameters={}, answer="y" * answered, status="ok", error="",
        input_tokens=1, output_tokens=1, cached_tokens=0, cost_usd=0.0, latency_ms=1.0,
        started_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    return Made(Slot("I10", ordinal), (), {}, (call,), None, {}, "openai")


@pytest.mark.parametrize(
    ("sizes", "pieces"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(30, 10), (40, 20)], [[1, 2]], id="what-fits-goes-together"),
        pytest.param([(30, 30), (30, 30), (10, 10)], [[1], [2, 3]], id="the-next-begins-where-it-does-not"),
        pytest.param([(10, 0), (500, 500), (10, 0)], [[1], [2], [3]], id="too-large-by-itself-goes-alone"),
    ],
)
def test_slots_are_written_in_pieces(
    monkeypatch: pytest.MonkeyPatch, sizes: list[tuple[int, int]], pieces: list[list[int]]
) -> None:
    """Of a hundred characters here: each slot once, whole and in its order."""
    monkeypatch.setattr(generating, "_FLUSH_CHARACTERS", 100)
    done = [made(n, *size) for n, size in enumerate(sizes, start=1)]
    assert [[one.slot.ordinal for one in piece] for piece in _in_pieces(done)] == pieces


def test_the_garbage_collector_is_as_before_after_a_run() -> None:
    """And rarer meanwhile."""
    before = gc.get_threshold()
    with _collecting_rarely():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
