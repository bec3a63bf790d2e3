"""Who speaks of whom when the patient is a child."""

import pytest

from medsynth_assets.engines.offline.voice import about_child, of_child


@pytest.mark.parametrize(
    ("said", "gender", "told"),
    [
        pytest.param("I've been coughing, my throat hurts.", "male", "He's been coughing, his throat hurts.", id="he"),
        pytest.param("I wake up and I don't eat.", "female", "She wakes up and she doesn't eat.", id="she"),
        pytest.param("I think I have a fever.", "male", "I think he has a fever.", id="parent-thinks"),
    ],
)
def test_a_parent_says_the_childs_words_in_third_person(said: str, gender: str, told: str) -> None:
    """Verbs agree, and what a parent thinks stays the parent's."""
    assert of_child(said, gender) == told


@pytest.mark.parametrize(
    ("asked", "put"),
    [
        pytest.param("Are you sleeping?", "Is she sleeping?", id="are"),
        pytest.param("Do you take your pills?", "Does she take her pills?", id="do"),
        pytest.param("Does it bother you?", "Does it bother her?", id="object"),
    ],
)
def test_the_clinician_asks_a_parent_about_the_child(asked: str, put: str) -> None:
    """The question is about her, not about the parent."""
    assert about_child(asked, "female") == put
