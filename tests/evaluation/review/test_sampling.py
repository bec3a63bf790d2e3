"""The sample that people read."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from medsynth_assets.evaluation.review.sampling import sample
from tests.evaluation.review.conftest import candidate

KNOWN = [
    candidate(
        f"I10/{n:03d}",
        chapter=str(n % 3),
        encounter_type=("new", "follow-up")[n % 2],
        checks=("passed", "warned")[n % 7 == 0],
    )
    for n in range(240)
]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 240), st.integers(0, 1000))
def test_every_group_gets_its_share_to_within_one(size: int, seed: int) -> None:
    """Chapters, and encounter types within them; nobody twice, as many as asked for."""
    chosen = sample(KNOWN, size, seed)
    assert len({c.record_id for c in chosen}) == size
    whole = Counter((c.chapter, c.encounter_type) for c in KNOWN)
    part = Counter((c.chapter, c.encounter_type) for c in chosen)
    assert all(abs(part[group] - size * count / len(KNOWN)) < 1 for group, count in whole.items())
    chapters = Counter(c.chapter for c in chosen)
    assert all(abs(chapters[chapter] - size / 3) < 1 for chapter in "012")


def test_the_seed_decides_and_the_order_tells_nothing() -> None:
    """The same seed, the same sample; another, another. Groups do not stand together."""
    assert sample(KNOWN, 30, 1) == sample(KNOWN[::-1], 30, 1)
    assert {c.record_id for c in sample(KNOWN, 30, 1)} != {c.record_id for c in sample(KNOWN, 30, 2)}
    chapters = [c.chapter for c in sample(KNOWN, 60, 1)]
    assert chapters != sorted(chapters)


def test_all_are_taken_where_there_are_no_more() -> None:
    """A size beyond what there is."""
    assert len(sample(KNOWN[:3], 50, 1)) == 3
    assert sample([], 5, 1) == []
