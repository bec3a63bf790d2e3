"""A record's split follows from its code and slot alone."""

from collections import Counter

from medsynth_assets.release.splitting import Split, shares, split_of


def test_splits_are_those_of_the_first_release_for_ever() -> None:
    """Written down here: who changes the rule moves test records of published releases into training."""
    assert {f"{code}/{n:03d}": split_of(f"{code}/{n:03d}").value for code in ("I10", "E11.9") for n in (1, 2, 3)} == {
        "I10/001": "validation", "I10/002": "train", "I10/003": "train",
        "E11.9/001": "train", "E11.9/002": "train", "E11.9/003": "validation",
    }  # fmt: skip


def test_shares_are_reached() -> None:
    """Over many records, within a percentage point; they add up to 1."""
    counts = Counter(split_of(f"{code}/{n:03d}") for code in range(4000) for n in range(5))
    assert sum(shares().values()) == 1
    assert all(abs(counts[split] / 20_000 - share) < 0.01 for split, share in shares().items())


def test_a_code_held_out_is_in_the_test_split_whole() -> None:
    """Its records and no others."""
    held = [split_of(f"I10/{n:03d}", {"I10"}) for n in range(50)]
    assert set(held) == {Split.TEST}
    assert all(split_of(f"I10.1/{n:03d}", {"I10"}) == split_of(f"I10.1/{n:03d}") for n in range(50))
