"""Where a repaired dialogue says what it had left out, and in which words."""

from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.reading_back import read_back
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.note import Note

NOTE = Note(
    subjective="Seen for a cough. Lives with one friend.",
    objective="BP: 112/69, T: 98.0 °F.\nHEART: no murmur, no rub.",
    assessment="A cough, without signs of pneumonia.",
    plan="See Dr. Moss in a week.",
)


def visit(*texts: str) -> Dialogue:
    return Dialogue(turns=[Turn(speaker=("doctor", "patient")[n % 2], text=text) for n, text in enumerate(texts)])


def read(*unsaid: str, visited: Dialogue) -> tuple[list[str], list[str]]:
    """All texts of the repaired dialogue, and those of the clinician that were not there before."""
    texts = [turn.text for turn in read_back(NOTE, visited, unsaid, Chooser(1)).turns]
    before = {turn.text for turn in visited.turns}
    return texts, [text for text in texts if text not in before][::2]


def test_it_is_read_before_the_clinician_asks_for_questions() -> None:
    """Not after the good-byes."""
    told = visit(
        "Hello.", "Hi.", "Lungs are clear.", "Good.", "What questions do you have?", "None.", "Take care.", "Bye."
    )
    texts, [said] = read("Lives with one friend", visited=told)
    assert said.endswith(" Lives with one friend.")
    assert texts.index("What questions do you have?") == texts.index(said) + 2
    assert texts[-2:] == ["Take care.", "Bye."]


def test_without_such_a_question_it_is_read_before_the_farewell() -> None:
    """The second last thing that the clinician says begins the closing."""
    told = visit("Hello.", "Hi.", "Lungs are clear.", "Good.", "See me in a week.", "Okay.", "Take care.", "Bye.")
    texts, [said] = read("one friend", visited=told)
    assert texts.index(said) == 4
    assert texts[-4:] == ["See me in a week.", "Okay.", "Take care.", "Bye."]


def test_a_fact_is_read_in_its_whole_sentence_once_and_as_it_is_spoken() -> None:
    """`signs of pneumonia` alone would say the opposite; charted signs are said in words; a title ends no sentence."""
    told = visit("Hello.", "Hi.", "Take care.", "Bye.")
    _, said = read(
        "signs of pneumonia", "no rub", "no murmur", "T: 98.0 °F", "in a week", "in her own words", visited=told
    )
    assert len(said) == 3
    assert said[0].endswith(" A cough, without signs of pneumonia. HEART: no murmur, no rub.")
    assert said[1].endswith(" BP 112 over 69, T 98.0 degrees. See Dr. Moss in a week.")
    assert said[2].endswith(" In her own words.")
