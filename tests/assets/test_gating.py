"""The gate before a dialogue is taken."""

import asyncio
import threading

import pytest

from medsynth_assets.assets import gating
from medsynth_assets.assets.gating import UnsaidGate
from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.pairs import Pair
from medsynth_assets.quality.summaries import Summary, summary

NOTE = (
    "Subjective:\nPertinent negatives: no fever; no chills; no weight loss.\n\nObjective:\n"
    + " ".join(f"Lesion {n} of the left forearm is {n} mm across, firm; not tender to palpation." for n in range(2, 40))
    + "\n\nAssessment:\nAcute bronchitis.\n\nPlan:\nRest."
)
DIALOGUE = "[doctor]: Hello.\n[patient]: Hi."


def test_every_unsaid_fact_is_handed_on_whole() -> None:
    """However many there are and whatever marks stand in them."""
    handed = asyncio.run(UnsaidGate(1)("J20.9", NOTE, DIALOGUE))
    assert handed == [judged.fact.text for judged in Pair(NOTE, turns_of(DIALOGUE)).uncovered]
    assert sum(map(len, handed)) > 1_000


def test_a_pair_that_many_ask_for_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is being read, too; and all get what was found."""
    read = []
    all_have_asked = threading.Event()

    def counted(note: str, dialogue: str, lay: dict[str, str]) -> Summary:
        read.append(dialogue)
        assert all_have_asked.wait(60)
        return summary(note, dialogue, lay)

    monkeypatch.setattr(gating, "summary", counted)
    other = DIALOGUE + "\n[doctor]: Goodbye."

    async def ask_four_times() -> list[list[str]]:
        gate = gating.UnsaidGate(1)
        asking = [asyncio.create_task(gate("J20.9", NOTE, other)) for _ in range(4)]
        asyncio.get_running_loop().call_soon(all_have_asked.set)  # after the four have begun
        return await asyncio.gather(*asking)

    first, *others = asyncio.run(ask_four_times())
    assert read == [other]
    assert first
    assert others == [first] * 3
