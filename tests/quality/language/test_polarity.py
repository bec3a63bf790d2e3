"""Which words can be denied at all."""

import pytest

from medsynth_assets.quality.language.polarity import bears, reports
from medsynth_assets.quality.language.tokens import tokens


@pytest.mark.parametrize("text", ["edema", "knee pain", "numbness", "leg weakness"])
def test_a_finding_can_be_denied(text: str) -> None:
    """With the place where it is, too."""
    assert bears(tuple(token.stem for token in tokens(text)))


@pytest.mark.parametrize("text", ["lower leg", "both knees", "on the left side", "evidence", "heart sounds", "family"])
def test_a_place_is_not_denied_with_what_is_not_there(text: str) -> None:
    """`the legs have no edema` says nothing against the legs."""
    assert bears(tuple(token.stem for token in tokens(text))) is (text == "family")


def test_words_of_reporting_tell_nothing_of_their_own() -> None:
    """A fracture is denied with or without its evidence."""
    assert reports(("evid", "of"))
    assert not reports(("fractur",))
    assert not reports(("of",))
