"""One root hash over all records of a release, and the proof that a record is among them.

A Merkle tree as in RFC 6962, section 2.1: leaves and inner nodes are hashed under different prefixes, so that no
inner node can pass for a record; a tree of n leaves splits at the greatest power of two below n. The leaves are the
records in the order of their ids. Hashes are SHA-256, in hex.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

_LEAF, _INNER = b"\x00", b"\x01"


class Step(NamedTuple):
    """One level of a proof: the hash beside the path, and on which side of it that lies."""

    beside: str
    is_left: bool


def leaf(record_id: str, content_hash: str) -> bytes:
    """The leaf of one record. The length keeps id and hash apart."""
    name = record_id.encode()
    return sha256(_LEAF + len(name).to_bytes(4) + name + content_hash.encode()).digest()


def root(leaf_hashes: Mapping[str, str]) -> str:
    """The root over record ids and the hashes of what they hold; of no records, the hash of nothing."""
    level = _leaves(leaf_hashes)
    if not level:
        return sha256(b"").hexdigest()
    while len(level) > 1:
        level = _above(level)
    return level[0].hex()


def proof(leaf_hashes: Mapping[str, str], record_id: str) -> tuple[Step, ...]:
    """The hashes that lead from the record to the root, from below. Raises KeyError where it is no leaf."""
    if record_id not in leaf_hashes:
        raise KeyError(record_id)
    at = sorted(leaf_hashes).index(record_id)
    level, steps = _leaves(leaf_hashes), []
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):  # the last of an odd level goes up as it is
            steps.append(Step(level[beside].hex(), is_left=beside < at))
        level, at = _above(level), at // 2
    return tuple(steps)


def is_included(record_id: str, content_hash: str, steps: Sequence[Step], expected_root: str) -> bool:
    """Whether the proof leads from this record to this root."""
    here = leaf(record_id, content_hash)
    for step in steps:
        beside = bytes.fromhex(step.beside)
        here = _inner(beside, here) if step.is_left else _inner(here, beside)
    return here.hex() == expected_root


def _leaves(leaf_hashes: Mapping[str, str]) -> list[bytes]:
    return [leaf(record_id, leaf_hashes[record_id]) for record_id in sorted(leaf_hashes)]


def _above(level: list[bytes]) -> list[bytes]:
    """The level above. Pairing from the left, the odd one going up, is RFC 6962's split at powers of two."""
    paired = [_inner(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
    return paired + level[len(paired) * 2 :]


def _inner(left: bytes, right: bytes) -> bytes:
    return sha256(_INNER + left + right).digest()
