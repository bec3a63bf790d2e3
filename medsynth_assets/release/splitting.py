"""Which split a record is in: decided by its code and slot alone, so that a record never changes split.

A hash of the record id falls into one of a million buckets; the shares of splits.yaml cut them. Whole codes may be held
out: every record of theirs is in the test split then.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib import resources

from medsynth_assets.data_files import read_yaml

_BUCKETS = 1_000_000
RULE = "sha256 of split:1: and the record id, first 13 hex digits modulo 1,000,000, cut at the shares"


class Split(StrEnum):
    """In the order in which they take their share of the buckets."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def split_of(record_id: str, held_out: Collection[str] = ()) -> Split:
    """The split of a record. held_out: codes whose records are all in the test split."""
    if record_id.partition("/")[0] in held_out:
        return Split.TEST
    bucket = int(sha256(f"split:1:{record_id}".encode()).hexdigest()[:13], 16) % _BUCKETS
    reached = 0.0
    for split, share in shares().items():
        reached += share
        if bucket < round(reached * _BUCKETS):
            return split
    return Split.TEST  # shares that add up to a hair less than 1


@cache
def shares() -> Mapping[Split, float]:
    """The part of all records that each split has, 0 to 1; they add up to 1."""
    body = read_yaml(resources.files("medsynth_assets.release") / "splits.yaml")
    return {split: float(body["shares"][split.value]) for split in Split}
