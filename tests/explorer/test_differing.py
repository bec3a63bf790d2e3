"""Differences: nothing is lost between two texts, and what stayed is folded away."""

from hypothesis import given
from hypothesis import strategies as st

from medsynth_assets.explorer.differing import differences

_LINE = st.text(alphabet="ab .,", max_size=12)
_SHORT = st.lists(_LINE, max_size=4).map("\n".join)  # so short that nothing is folded


@given(_SHORT, _SHORT)
def test_both_texts_can_be_read_from_the_parts(old: str, new: str) -> None:
    """Same and out parts are the old text, same and in parts the new one."""
    parts = differences(old, new)
    if old == new:
        assert parts == []
    else:
        assert "".join(part.text for part in parts if part.sign != "in") == old
        assert "".join(part.text for part in parts if part.sign != "out") == new


def test_one_word_is_one_change() -> None:
    """Words are compared, not lines."""
    changed = [(part.sign, part.text) for part in differences("I think so.", "I believe so.") if part.sign != "same"]
    assert changed == [("out", "think"), ("in", "believe")]


def test_what_stayed_is_folded() -> None:
    """Of a long text the neighbourhood of the change is shown, and how many lines are not."""
    lines = [f"line {n}" for n in range(40)]
    parts = differences("\n".join(lines), "\n".join([*lines[:20], "new", *lines[20:]]))
    assert sum(part.folded for part in parts) == 36
    assert "".join(part.text for part in parts).splitlines() == ["line 18", "line 19", "new", "line 20", "line 21"]
