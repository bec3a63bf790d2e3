"""The gate before a dialogue is taken."""

import asyncio

from medsynth_assets.assets.gating import UnsaidGate
from medsynth_assets.quality.dialogue_text import turns_of
from medsynth_assets.quality.pairs import Pair

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
