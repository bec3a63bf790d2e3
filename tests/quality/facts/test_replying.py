"""What a turn replies."""

import pytest

from medsynth_assets.quality.facts.replying import Reply, is_plain_no, replied


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        pytest.param("um well yeah a little", Reply.YES, id="yes-behind-fillers"),
        pytest.param("no .", Reply.NO, id="no"),
        pytest.param("on my arms no not really", Reply.NO, id="no-at-last"),
        pytest.param("my sister does .", Reply.OPEN, id="open"),
        pytest.param("um , well .", None, id="fillers-alone"),
    ],
)
def test_a_reply_is_yes_no_or_open(text: str, reply: Reply | None) -> None:
    """Fillers before it say nothing."""
    assert replied(text) is reply


def test_a_no_at_last_is_not_a_plain_one() -> None:
    assert is_plain_no("well no")
    assert not is_plain_no("on my arms no not really")
