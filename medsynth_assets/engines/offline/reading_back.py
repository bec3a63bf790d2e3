"""What a dialogue left unsaid: before the closing the clinician reads those sentences of the note aloud."""

import re
from collections.abc import Iterable, Iterator, Sequence

from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.phrasebook import dialogue_phrases
from medsynth_assets.engines.offline.spoken import dose
from medsynth_assets.engines.offline.wording import sentences_of
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.note import SECTIONS, Note

_READ_AT_ONCE = 2  # sentences in one turn
_ASKS_FOR_QUESTIONS = re.compile(r"\b(?:questions?|to ask|can I answer|like to know)\b.*\?$")
_MARK = re.compile(r"^(?:[•*-]|\d+[.)]) +")
_LABEL = re.compile(
    r"^[A-Z][A-Za-z &/]{1,30}: (?=[A-Z]\S* \S+ )"
)  # `ROS: Denies fever or cough.`, not `Allergies: None.`
_ALOUD = (
    (re.compile(r"(\d+)/(\d+)(?: ?mmHg)?"), r"\1 over \2"),
    (re.compile(r" ?°F"), " degrees"),
    (re.compile(r": (?=\d)"), " "),  # `BP: 112/69`
)


def read_back(note: Note, dialogue: Dialogue, unsaid: Sequence[str], chooser: Chooser) -> Dialogue:
    """The dialogue with facts that it left unsaid. A fact that is none of the note's own words is said as it stands."""
    listener = next((turn.speaker for turn in reversed(dialogue.turns) if turn.speaker != "doctor"), "patient")
    phrases, sentences, said = dialogue_phrases(), list(dict.fromkeys(_sentences(note, unsaid))), []
    for n in range(0, len(sentences), _READ_AT_ONCE):
        lead = phrases.say("read_back_more" if n else "read_back", chooser)
        told = " ".join(_aloud(sentence) for sentence in sentences[n : n + _READ_AT_ONCE])
        said.append(Turn(speaker="doctor", text=f"{lead} {told}"))
        said.append(Turn(speaker=listener, text=phrases.say("read_back_heard", chooser)))
    at = _before_the_closing(dialogue.turns)
    return Dialogue(turns=[*dialogue.turns[:at], *said, *dialogue.turns[at:]])


def _sentences(note: Note, unsaid: Iterable[str]) -> Iterator[str]:
    """Of each fact, the sentence of the note that tells it: by itself a fact may lose the word that denies it."""
    of_note = [sentence for name in SECTIONS for sentence in sentences_of(getattr(note, name))]
    for fact in unsaid:
        yield next((sentence for sentence in of_note if fact in sentence), fact)


def _aloud(sentence: str) -> str:
    text = dose(_LABEL.sub("", _MARK.sub("", sentence.strip())))
    for pattern, spoken in _ALOUD:
        text = pattern.sub(spoken, text)
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


def _before_the_closing(turns: Sequence[Turn]) -> int:
    """Where the clinician begins to close: asks for questions, else the turn before the farewell."""
    spoken = [n for n, turn in enumerate(turns) if turn.speaker == "doctor" and n * 2 >= len(turns)]
    for n in spoken:
        if _ASKS_FOR_QUESTIONS.search(turns[n].text):
            return n
    return spoken[-2] if len(spoken) > 1 else len(turns)
