"""Near-duplicates, verbatim runs, nearest records."""

import numpy as np
import pytest

from medsynth_assets.evaluation import verbatim
from medsynth_assets.evaluation.near_duplicates import between, sketches, within
from medsynth_assets.evaluation.nearest import nearest_distances
from medsynth_assets.evaluation.sampling import limits
from medsynth_assets.evaluation.verbatim import common_run, longest_overlaps
from medsynth_assets.evaluation.words import Vocabulary


def text(seed: int, length: int = 200) -> list[str]:
    """Words drawn at random: two of them share next to nothing."""
    return [f"w{n}" for n in np.random.default_rng(seed).integers(0, 5_000, length)]


def edited(words: list[str], at: int) -> str:
    return " ".join([*words[:at], "changed", *words[at + 1 :]])


def test_an_edited_copy_is_found_and_strangers_are_not() -> None:
    """One word of 200 changed leaves a Jaccard index near 0.95."""
    texts = [(str(n), " ".join(text(n))) for n in range(30)]
    found = within(sketches([*texts, ("copy", edited(text(3), 100))], Vocabulary()))
    assert [{pair.one, pair.other} for pair in found] == [{"3", "copy"}]
    assert found[0].jaccard == pytest.approx(0.95, abs=0.07)


def test_equal_texts_do_not_hide_each_other() -> None:
    """Every text of a bucket longer than the neighbours tried has a partner."""
    most = int(limits()["near_duplicates"]["bucket_neighbours"])
    texts = [(str(n), "the same words again and again in every record") for n in range(3 * most)]
    alike = within(sketches(texts, Vocabulary()))
    assert {id_ for pair in alike for id_ in (pair.one, pair.other)} == {id_ for id_, _ in texts}


def test_copies_between_corpora_are_found_from_either_side() -> None:
    """The synthetic text is named first."""
    vocabulary = Vocabulary()
    ours = sketches([("made", edited(text(5), 7)), ("own", " ".join(text(1)))], vocabulary)
    theirs = sketches([("real", " ".join(text(5))), ("other", " ".join(text(2)))], vocabulary)
    assert [(pair.one, pair.other) for pair in between(ours, theirs)] == [("made", "real")]


def test_no_texts_have_no_duplicates() -> None:
    """Empty corpora, and a text without words."""
    assert within(sketches([], Vocabulary())) == []
    assert within(sketches([("silent", "…")], Vocabulary())) == []


@pytest.mark.parametrize("most", [40, 8_000_000], ids=["in-many-chunks", "at-once"])
@pytest.mark.parametrize("run", [12, 30, 60])
def test_a_copied_run_is_found_with_its_length(run: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of 12 words and more, anywhere in the texts, however little of the other corpus is in memory at a time."""
    bounds = {**limits()["verbatim"], "most_fingerprints": most}
    monkeypatch.setattr(verbatim, "limits", lambda: {"verbatim": bounds})
    copied = text(99, run)
    ours = [(f"s{n}", " ".join([*text(n), *(copied if n == 4 else []), *text(50 + n)])) for n in range(8)]
    theirs = [(f"r{n}", " ".join([*text(200 + n), *(copied if n == 6 else []), *text(300 + n)])) for n in range(9)]
    found = longest_overlaps(lambda: ours, lambda: theirs)
    assert [(o.id, o.other, o.word_count, o.text) for o in found] == [("s4", "r6", run, " ".join(copied))]


def test_the_longest_common_run_is_the_longest() -> None:
    """Of two common runs."""
    assert common_run("a b c x d e f g".split(), "d e f g y a b c".split()) == ["d", "e", "f", "g"]
    assert common_run(["a"], ["b"]) == []


def test_the_nearest_record_is_the_copy() -> None:
    """Distance 0 to itself, far from strangers, 1 from an empty corpus."""
    sample = [" ".join(text(1)), " ".join(text(2))]
    near, far, none = nearest_distances(sample, [" ".join(text(n)) for n in range(5)], [" ".join(text(70))], [])
    assert near == pytest.approx([0, 0], abs=1e-6)
    assert (far > 0.8).all()
    assert (none == 1).all()
