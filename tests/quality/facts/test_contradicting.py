"""What counts as said otherwise: the other polarity, the other side."""

import pytest

from medsynth_assets.quality.facts.contradicting import Difference
from medsynth_assets.quality.facts.hearing import Turn
from medsynth_assets.quality.pairs import Pair


def kinds(note: str, *talk: str) -> set[Difference]:
    """The contradictions of a history that doctor and patient tell in turn, the doctor first."""
    turns = tuple(Turn("patient" if n % 2 else "doctor", text) for n, text in enumerate(talk))
    return {found.kind for found in Pair(f"Subjective:\n{note}", turns).contradicted}


@pytest.mark.parametrize(
    ("note", "talk"),
    [
        pytest.param("She reports a rash on the legs.", ("your legs have no rash today .",), id="place-beside"),
        pytest.param("He denies asthma.", ("how often does the asthma wake you ?", "twice a week"), id="presumed"),
        pytest.param(
            "He reports a fever.", ("any fever ?", "no .", "call me if you get a fever ."), id="supposed-later"
        ),
        pytest.param("He reports burning with urination.", ("any burning when you pee ?", "nope ."), id="question"),
        pytest.param(
            "She reports edema.",
            ("there is no edema today the eyes are only puffy from crying .",),
            id="own-word-before-looser-ones",
        ),
        pytest.param(
            "He walks around with pain.", ("so you are walking around without pain .", "yes ."), id="with-and-without"
        ),
        pytest.param(
            "There is evidence of a hip fracture.", ("on the films there is no hip fracture .",), id="reported-or-not"
        ),
        pytest.param(
            "He denies a history of asthma after a prior pneumonia.",
            ("you have asthma since a pneumonia .", "yes ."),
            id="time-of-something-else",
        ),
        pytest.param(
            "She denies a dry cough.",
            ("okay", "it is a light dry cough", "is there mucus or is it a dry cough ?", "more dry"),
            id="told-and-asked",
        ),
    ],
)
def test_the_opposite_is_a_contradiction(note: str, talk: tuple[str, ...]) -> None:
    """In speech the polarity of a finding stands in its question, its answer or its clause."""
    assert kinds(note, *talk) == {Difference.NEGATION}


@pytest.mark.parametrize(
    ("note", "talk"),
    [
        pytest.param(
            "She had a rash about three years ago.",
            ("any rash ?", "no , i did about three years ago ."),
            id="asked-of-now",
        ),
        pytest.param("His wife is a baker, who smokes.", ("do you smoke ?", "i do n't smoke ."), id="of-somebody-else"),
        pytest.param("No extra heart sounds.", ("your heart sounds great .",), id="place-only"),
        pytest.param(
            "She takes metformin on days without exercise.",
            ("you skip your metformin on days with exercise .", "yes ."),
            id="when-not-what",
        ),
        pytest.param("He denies a recent rash.", ("i see that you had a rash years ago .",), id="of-another-time"),
        pytest.param("She has pain with meals.", ("do you have pain with meals ?", "yes ."), id="agrees"),
        pytest.param("No fever.", ("any fever ?", "no .", "watch for any fever ."), id="supposed"),
    ],
)
def test_what_is_of_another_time_or_only_supposed_is_none(note: str, talk: tuple[str, ...]) -> None:
    """Nothing is said against the note."""
    assert kinds(note, *talk) == set()


def test_a_side_told_in_another_turn_is_held_against_the_note() -> None:
    """The ankle is named without its side; only the other side is named at all."""
    talk = ("what happened ?", "i twisted my ankle .", "the left one ?", "yes the left one .")
    assert kinds("She twisted her right ankle.", *talk) == {Difference.SIDE}
    assert kinds("She twisted her left ankle.", *talk) == set()


def test_the_side_of_a_finding_is_that_of_the_turn_that_tells_it() -> None:
    """The right foot is named in a later turn, of something else."""
    talk = (
        "does the left foot feel numb at all ?",
        "yes it feels numb .",
        "okay .",
        "it is odd .",
        "the pulse in your right foot is strong and your right foot is warm .",
        "good .",
    )
    assert Difference.SIDE in kinds("She reports right foot numbness.", *talk)
    assert Difference.SIDE not in kinds("She reports left foot numbness.", *talk)


def test_a_side_is_none_where_both_are_named() -> None:
    """`both` holds either."""
    talk = ("what happened ?", "i twisted my ankle .", "which one ?", "both but the left one hurts more .")
    assert kinds("She twisted her right ankle.", *talk) == set()
