"""A sample for people to read: as many of every chapter, encounter type and check result as there are in the whole.

Systematic sampling over the records in that order, with a seeded start: each group, and each group within it, gets its
share to within one record (implicit stratification, as in household surveys).
"""

from collections.abc import Sequence

from medsynth_assets.records.identity import digest
from medsynth_assets.warehouse.review_store import Candidate


def sample(candidates: Sequence[Candidate], size: int, seed: int) -> list[Candidate]:
    """So many of them, or all, in an order that tells nothing; the same seed, the same sample."""
    ordered = sorted(
        candidates, key=lambda c: (c.chapter, c.encounter_type, c.checks, _drawn(seed, "pick", c.record_id))
    )
    if size < len(ordered):
        step, start = len(ordered) / size, int(_drawn(seed, "start", ""), 16) / 16**24
        ordered = [ordered[int((number + start) * step)] for number in range(size)]
    return sorted(ordered, key=lambda c: _drawn(seed, "order", c.record_id))


def _drawn(seed: int, purpose: str, record_id: str) -> str:
    return digest("review:1", seed, purpose, record_id)
