"""The tree over a release: one root, a proof for each record, and nothing that passes without being in it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medsynth_assets.lineage import merkle

LEAVES = st.dictionaries(st.text(string.ascii_letters + "./0123456789", min_size=1), st.text("abcdef0123456789"))


@given(LEAVES.filter(bool), st.data())
def test_every_record_of_a_release_can_be_proved(leaves: dict[str, str], data: st.DataObject) -> None:
    """The proof of any record leads from what it holds to the root."""
    record = data.draw(st.sampled_from(sorted(leaves)))
    assert merkle.is_included(record, leaves[record], merkle.proof(leaves, record), merkle.root(leaves))


@given(LEAVES.filter(bool), st.data())
def test_no_other_content_passes_by_the_same_proof(leaves: dict[str, str], data: st.DataObject) -> None:
    """Another hash, another record id, or another root is refused."""
    record = data.draw(st.sampled_from(sorted(leaves)))
    steps, root = merkle.proof(leaves, record), merkle.root(leaves)
    assert not merkle.is_included(record, leaves[record] + "0", steps, root)
    assert not merkle.is_included(record + "0", leaves[record], steps, root)
    assert not merkle.is_included(record, leaves[record], steps, merkle.root({**leaves, "new": ""}))


@given(LEAVES, st.data())
def test_any_change_changes_the_root(leaves: dict[str, str], data: st.DataObject) -> None:
    """Adding, removing or editing a record gives another root."""
    root = merkle.root(leaves)
    assert merkle.root({**leaves, "~added": "0"}) != root
    for record in leaves:
        assert merkle.root({**leaves, record: leaves[record] + "0"}) != root
        assert merkle.root({other: of for other, of in leaves.items() if other != record}) != root


def test_roots_are_those_of_rfc_6962() -> None:
    """The tree of three leaves is hashed as the RFC draws it: the third goes up alone."""
    from hashlib import sha256

    one, two, three = (merkle.leaf(name, "") for name in "abc")
    expected = sha256(b"\x01" + sha256(b"\x01" + one + two).digest() + three).hexdigest()
    assert merkle.root({"a": "", "b": "", "c": ""}) == expected
    assert merkle.root({}) == sha256(b"").hexdigest()


def test_a_leaf_and_an_inner_node_are_told_apart() -> None:
    """The hashes of two records do not make a record."""
    two = merkle.root({"a": "", "b": ""})
    assert merkle.leaf("a", "").hex() != two
    with pytest.raises(KeyError):
        merkle.proof({"a": "", "b": ""}, "c")
