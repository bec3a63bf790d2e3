"""Which words are denied, in a note and in speech."""

from collections.abc import Callable, Sequence

import pytest

from medsynth_assets.quality.language import negation
from medsynth_assets.quality.language.tokens import Token, tokens


def denied(text: str, read: Callable[[Sequence[Token]], list[bool]]) -> list[str]:
    found = tokens(text)
    return [token.word for token, is_denied in zip(found, read(found), strict=True) if is_denied]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        pytest.param("Denies fever, chills, or cough.", ["fever", "chills", "cough"], [], id="list"),
        pytest.param("No pain, but has swelling.", ["pain"], ["swelling"], id="until-but"),
        pytest.param("Perineural invasion: not identified.", ["perineural", "invasion"], [], id="behind"),
        pytest.param("Alcohol use: None", ["alcohol"], [], id="label"),
        pytest.param("Negative Homan's sign", ["homan's"], [], id="negative-sign"),
        pytest.param("Negative margins", [], ["margins"], id="negative-result"),
        pytest.param("No problems lying flat.", ["lying", "flat"], [], id="no-problems"),
        pytest.param("He is unable to bear weight.", ["bear", "weight"], [], id="unable"),
        pytest.param("Unable to stand, and needed a chair.", ["stand"], ["chair"], id="unable-next-verb"),
        pytest.param("She cannot bend it, some swelling remains.", ["bend"], ["swelling"], id="cannot-no-list"),
        pytest.param("He is not doing well with his diet.", [], ["diet"], id="not-doing-well"),
        pytest.param("Denies tobacco, works as a baker.", ["tobacco"], ["baker"], id="next-verb"),
        pytest.param("No tobacco, alcohol: two beers a week.", ["tobacco"], ["alcohol", "beers"], id="next-label"),
        pytest.param("No rash, gait normal.", ["rash"], ["gait"], id="next-is-normal"),
        pytest.param("No change to the diet.", ["change"], ["diet"], id="no-change"),
        pytest.param("Otherwise negative, including rash or cough.", ["rash", "cough"], [], id="negative-including"),
        pytest.param(
            "Denies chills, fatigue with cramps, hives.", ["fatigue", "cramps", "hives"], [], id="with-in-a-list"
        ),
        pytest.param("No rub, with a steady beat.", ["rub"], ["beat"], id="with-as-a-contrast"),
        pytest.param("No fever, some chills.", ["fever"], ["chills"], id="some-else"),
        pytest.param("Denies some fever.", ["fever"], [], id="some-of-it"),
        pytest.param("No rales, otherwise a clear chest.", ["rales"], ["chest"], id="otherwise"),
    ],
)
def test_a_note_denies(text: str, inside: list[str], outside: list[str]) -> None:
    """A denial runs through its list, or back over what it stands behind."""
    found = denied(text, negation.charted)
    assert set(inside) <= set(found)
    assert not set(outside) & set(found)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        pytest.param("no jvd there is a murmur", ["jvd"], ["murmur"], id="next-clause"),
        pytest.param("no wheezing on your heart exam you have a murmur", ["wheezing"], ["heart", "murmur"], id="exam"),
        pytest.param("i don't see any swelling in your legs", ["swelling", "legs"], [], id="place"),
        pytest.param("nothing tingling or hurting", ["tingling", "hurting"], [], id="nothing"),
        pytest.param("no fever some chills", ["fever"], ["chills"], id="some"),
        pytest.param("i ca n't recall falling on it injuring it", ["injuring"], [], id="it-as-an-object"),
        pytest.param("no rash it hurts", ["rash"], ["hurts"], id="it-as-a-subject"),
        pytest.param("no , i have a cough", [], ["cough"], id="answer"),
        pytest.param("no ulcers the lower gums are pink", ["ulcers"], ["gums", "pink"], id="subject-with-its-verb"),
        pytest.param("no ulcers tonsils are large", ["ulcers"], ["tonsils", "large"], id="bare-subject"),
        pytest.param("no bone spur is seen", ["bone", "spur"], [], id="subject-that-is-not-there"),
        pytest.param("no change to your diet", ["change"], ["diet"], id="no-change"),
        pytest.param("no stinging when you urinate", ["stinging"], ["urinate"], id="time"),
        pytest.param("no sign of what we call a hernia", ["hernia"], [], id="named-on-the-way"),
        pytest.param("i did n't notice a rash i mean hives", ["rash", "hives"], [], id="put-right"),
        pytest.param("that is not the worst rash i had", [], ["rash"], id="one-among-others"),
        pytest.param("ca n't think of bumping it twisting it", ["bumping", "twisting"], [], id="it-before-a-verb"),
    ],
)
def test_speech_denies(text: str, inside: list[str], outside: list[str]) -> None:
    """Without punctuation a denial ends with its clause."""
    found = denied(text, negation.spoken)
    assert set(inside) <= set(found)
    assert not set(outside) & set(found)
