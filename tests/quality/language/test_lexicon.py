"""Phrases that mean the same."""

import pytest

from medsynth_assets.quality.facts.hearing import Turn, hear
from medsynth_assets.quality.facts.mention import Voice
from medsynth_assets.quality.language.lexicon import lexicon
from medsynth_assets.quality.language.tokens import tokens


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("it comes and goes", "=intermittent"),
        ("i'll see you again in two weeks", "=follow up"),
        ("it hurts all the time", "=constant"),
    ],
)
def test_an_idiom_of_common_words_is_heard_and_never_charted(said: str, meaning: str) -> None:
    """None of its words says anything alone; in a note such words say nothing of a fact."""
    assert meaning in {sense.meaning for sense, _ in lexicon().heard(tokens(said))}
    assert meaning not in {sense.meaning for sense in lexicon().charted(tokens(said))}


def test_a_phrase_that_starts_with_a_denial_does_not_deny_itself() -> None:
    """`Lack of energy` is fatigue, and `no lack of energy` is none."""
    (fatigue,) = {hit.voice for hit in hear((Turn("patient", "there is a lack of energy"),)).hits["=fatigue"]}
    assert fatigue is Voice.AFFIRMED
