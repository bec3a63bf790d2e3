"""What speech tells as possible only."""

import pytest

from medsynth_assets.quality.language.supposing import supposed
from medsynth_assets.quality.language.tokens import tokens


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        pytest.param("call me if you get a fever or chills", ["fever", "chills"], ["call"], id="condition"),
        pytest.param("watch for any redness", ["redness"], ["watch"], id="any"),
        pytest.param("if it swells , please show me the rash", ["swells"], ["rash"], id="until-the-main-clause"),
        pytest.param("if i bend it there is pain", ["bend"], [], id="pronoun-as-a-subject"),
        pytest.param("i wish i had an appetite", ["appetite"], [], id="wish"),
        pytest.param(
            "call us for drainage , redness , chills . you have a rash", ["drainage", "chills"], ["rash"], id="for"
        ),
        pytest.param("you look well . flashes , a curtain : call us", ["flashes", "curtain"], ["well"], id="then-call"),
        pytest.param("so you come in for a cough .", [], ["cough"], id="told"),
        pytest.param("i wish unfortunately i've lost my appetite", [], ["appetite"], id="after-a-wish"),
        pytest.param("there is a risk of bleeding", ["bleeding"], ["there"], id="risk"),
        pytest.param("i have a cough and some fever", [], ["cough", "fever"], id="plain"),
    ],
)
def test_a_condition_holds_to_the_end_of_its_clause(text: str, inside: list[str], outside: list[str]) -> None:
    """Lists stay inside, the next clause does not."""
    found = tokens(text)
    held = {token.word for token, is_supposed in zip(found, supposed(found), strict=True) if is_supposed}
    assert set(inside) <= held
    assert not set(outside) & held
