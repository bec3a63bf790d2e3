"""Names for things: an id says everything that an artifact is, and a record id can be read back."""

from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medsynth_assets.errors import UsageError
from medsynth_assets.records.artifact import Kind
from medsynth_assets.records.identity import Slot, artifact_id, canonical, digest

WORDS = st.text(max_size=8)
CONTENT = st.dictionaries(WORDS, st.one_of(WORDS, st.integers(), st.none(), st.lists(WORDS, max_size=3)), max_size=3)
IDENTITY = st.tuples(WORDS, WORDS, CONTENT, st.lists(WORDS, max_size=3), WORDS)


@given(one=IDENTITY, other=IDENTITY, position=st.integers(0, 4))
def test_changing_any_one_part_changes_the_artifact_id(
    one: tuple[Any, ...], other: tuple[Any, ...], position: int
) -> None:
    """Kind, slot, content, parents and recipe each decide the id, and equal parts give an equal id."""
    changed = (*one[:position], other[position], *one[position + 1 :])
    same = canonical(one[position]) == canonical(other[position])
    assert (artifact_id(*one) == artifact_id(*changed)) is same


@given(parents=st.lists(WORDS, min_size=2, max_size=4, unique=True))
def test_the_order_of_parents_is_part_of_the_id(parents: list[str]) -> None:
    """The same parents in another order are another lineage."""
    reverse = list(reversed(parents))
    assert artifact_id("note", "I10/001", {}, parents, "r") != artifact_id("note", "I10/001", {}, reverse, "r")


@given(content=CONTENT)
def test_the_order_of_keys_is_not_part_of_the_id(content: dict[str, Any]) -> None:
    """Content is compared as data, whatever the order in which it was built."""
    turned = dict(reversed(list(content.items())))
    assert artifact_id("note", "I10/001", content, [], "r") == artifact_id("note", "I10/001", turned, [], "r")


@given(code=st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True), ordinal=st.integers(1, 99_999))
def test_a_record_id_reads_back_as_its_slot(code: str, ordinal: int) -> None:
    """Slot.parse undoes record_id, for ordinals of any length."""
    assert Slot.parse(Slot(code, ordinal).record_id) == Slot(code, ordinal)


def test_a_record_id_may_be_typed_in_small_letters() -> None:
    """People type codes in either case."""
    assert Slot.parse("e11.9/003") == Slot("E11.9", 3)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("E11.9", id="no-ordinal"),
        pytest.param("/003", id="no-code"),
        pytest.param("E11.9/", id="ordinal-empty"),
        pytest.param("E11.9/000", id="ordinal-zero"),
        pytest.param("E11.9/-1", id="ordinal-negative"),
        pytest.param("E11.9/one", id="ordinal-a-word"),
        pytest.param("E11.9/1/2", id="two-ordinals"),
        pytest.param("E11.9/²", id="superscript-digit"),
    ],
)
def test_what_is_not_a_record_id_is_refused_with_an_example(text: str) -> None:
    """The error repeats what was typed and shows what was wanted."""
    with pytest.raises(UsageError, match=r"E11\.9/003") as refused:
        Slot.parse(text)
    assert repr(text) in str(refused.value)


ANY_JSON = st.recursive(
    st.one_of(st.text(), st.integers(), st.none(), st.booleans(), st.floats(), st.sampled_from(Kind)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
)


@given(parts=st.lists(ANY_JSON, max_size=3))
def test_a_digest_is_over_the_canonical_json(parts: list[Any]) -> None:
    """However it is reached: huge and tiny numbers, those that are none, and half characters among it."""
    body = canonical(tuple(parts)).encode("utf-8", "surrogatepass")
    assert digest(*parts) == blake2b(body, digest_size=12).hexdigest()


@pytest.mark.parametrize(
    "value", [1e16, 1e-5, 0.1, float("nan"), 2**80, "\ud800", "\x7f\x1f\u2028é", -0.0, [{"ä": 1, "a": {}}]]
)
def test_a_digest_of_what_writers_of_json_differ_in(value: Any) -> None:
    """Each by itself."""
    body = canonical([value]).encode("utf-8", "surrogatepass")
    assert digest(value) == blake2b(body, digest_size=12).hexdigest()
