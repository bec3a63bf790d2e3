"""METEOR: NLTK's words and score, with and without a WordNet."""

from pathlib import Path

import pytest

from medsynth_assets.evaluation.tasks.meteor import meteor, synonyms, words
from tests.evaluation.tasks.small_wordnet import write_wordnet


@pytest.fixture
def no_wordnet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medsynth_assets.evaluation.tasks.meteor._FOLDERS", ())
    monkeypatch.setattr("nltk.data.path", [])
    monkeypatch.delenv("WNSEARCHDIR", raising=False)
    synonyms.cache_clear()


def test_words_are_those_of_nltks_word_tokenize() -> None:
    """The example of NLTK's own documentation; abbreviations end no sentence."""
    muffins = "Good muffins cost $3.88\nin New York.  Please buy me\ntwo of them.\n\nThanks."
    said = "Good muffins cost $ 3.88 in New York . Please buy me two of them . Thanks ."
    assert words(muffins) == said.split()
    assert words("Dr. Hall saw her. No fever.") == ["Dr.", "Hall", "saw", "her", ".", "No", "fever", "."]


def test_the_score_is_nltks_published_one(no_wordnet: None) -> None:
    """The example of NLTK's documentation, 0.6944, which has no synonyms in it."""
    predicted = "It is a guide to action which ensures that the military always obeys the commands of the party"
    reference = "It is a guide to action that ensures that the military will forever heed Party commands"
    assert round(meteor(reference, predicted), 4) == 0.6944


def test_synonyms_count_where_a_wordnet_is_there(no_wordnet: None, tmp_path: Path) -> None:
    """Stems match without one; a synonym needs it, and what took part is named."""
    folder = str(write_wordnet(tmp_path / "dict", [("doctor", "physician"), ("nurse", "attendant")]))
    assert meteor("physicians", "physician") > 0
    assert meteor("physician", "doctor") == 0
    assert synonyms().modules == "exact, stem"
    assert meteor("physician", "doctor", folder) > 0
    assert meteor("nurse", "doctor", folder) == 0
    assert (synonyms(folder).modules, synonyms(folder).source) == ("exact, stem, synonym", "WordNet 3.0")


def test_wordnets_own_variable_names_its_folder(
    no_wordnet: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WNSEARCHDIR, as WordNet's programs have it."""
    monkeypatch.setenv("WNSEARCHDIR", str(write_wordnet(tmp_path / "dict", [("doctor", "physician")])))
    assert meteor("physician", "doctor") > 0


def test_no_text_scores_nothing(no_wordnet: None) -> None:
    """Neither an empty prediction nor an empty reference is an error."""
    assert meteor("a cough", "") == meteor("", "a cough") == 0
