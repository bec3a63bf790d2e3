"""Where a repaired dialogue says what it had left out."""

from medsynth_assets.engines.offline.dialogue_polisher import say_also
from medsynth_assets.records.dialogue import Dialogue, Turn


def visit(*texts: str) -> Dialogue:
    return Dialogue(turns=[Turn(speaker=("doctor", "patient")[n % 2], text=text) for n, text in enumerate(texts)])


def test_what_was_left_out_is_said_before_the_clinician_asks_for_questions() -> None:
    """Not after the good-byes."""
    told = visit(
        "Hello.", "Hi.", "Lungs are clear.", "Good.", "What questions do you have?", "None.", "Take care.", "Bye."
    )
    texts = [turn.text for turn in say_also(told, ["no murmur"]).turns]
    assert (
        texts.index("What questions do you have?")
        == texts.index("Let me go over what I have written down. No murmur.") + 2
    )
    assert texts[-2:] == ["Take care.", "Bye."]


def test_without_such_a_question_it_is_said_before_the_farewell() -> None:
    """The second last thing that the clinician says begins the closing."""
    told = visit("Hello.", "Hi.", "Lungs are clear.", "Good.", "See me in a week.", "Okay.", "Take care.", "Bye.")
    texts = [turn.text for turn in say_also(told, ["no murmur", "no edema"]).turns]
    assert texts[4] == "Let me go over what I have written down. No murmur. No edema."
    assert texts[-4:] == ["See me in a week.", "Okay.", "Take care.", "Bye."]
