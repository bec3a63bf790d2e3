"""The dialogue polisher, offline: makes a complete draft sound like people talking.

Adds fillers, backchannels and small misunderstandings; changes no fact and no order.
"""

import re

from medsynth_assets.engines.offline.chooser import Chooser
from medsynth_assets.engines.offline.phrasebook import dialogue_phrases
from medsynth_assets.engines.offline.register import register_of, spoken_in
from medsynth_assets.engines.offline.wording import sentences_of
from medsynth_assets.records.dialogue import Dialogue, Turn
from medsynth_assets.records.scenario import Scenario

_LONG_TURN = 3  # sentences a clinician says before the other one gets a word in
_FILLER_SHARE = 0.14
_ADULT_FILLERS = ("Um, ", "Well, ", "So, ", "You know, ", "I mean, ", "Oh, ", "Uh, ")
_DOCTOR_FILLERS = ("So, ", "Alright, ", "Well, ", "Now, ")


def polish(scenario: Scenario, dialogue: Dialogue, chooser: Chooser) -> Dialogue:
    """The same visit, colloquial."""
    turns: list[Turn] = []
    listener = scenario.demographics.companion or "patient"
    for turn in dialogue.turns:
        turns += _with_backchannel(turn, listener, chooser) if turn.speaker == "doctor" else [turn]
    turns = _misheard(scenario, turns, listener, chooser)
    registers = {speaker: register_of(chooser) for speaker in dict.fromkeys(turn.speaker for turn in turns)}
    turns = [_in_register(turn, registers[turn.speaker], chooser) for turn in turns]
    return Dialogue(turns=[_with_filler(turn, chooser) for turn in turns])


def _in_register(turn: Turn, register: str, chooser: Chooser) -> Turn:
    text = spoken_in(turn.text, register, chooser)
    return turn if text == turn.text else Turn(speaker=turn.speaker, text=text)


def _with_backchannel(turn: Turn, listener: str, chooser: Chooser) -> list[Turn]:
    """Split a long speech where a listener would nod aloud."""
    sentences = sentences_of(turn.text)
    if len(sentences) <= _LONG_TURN or not chooser.chance(0.8):
        return [turn]
    middle = len(sentences) // 2
    return [
        Turn(speaker="doctor", text=" ".join(sentences[:middle])),
        Turn(speaker=listener, text=dialogue_phrases().say("ack", chooser)),
        Turn(speaker="doctor", text=" ".join(sentences[middle:])),
    ]


def _misheard(scenario: Scenario, turns: list[Turn], listener: str, chooser: Chooser) -> list[Turn]:
    """Once in a while a question is not caught and is asked again; more often by a non-native speaker."""
    native = scenario.english_proficiency == "native"
    questions = [
        n
        for n, turn in enumerate(turns[:-1])
        if turn.speaker == "doctor"
        and turn.text.endswith("?")
        and turns[n + 1].speaker == listener
        and 20 < len(turn.text) < 110
    ]
    if not questions or not chooser.chance(0.25 if native else 0.75):
        return turns
    at = chooser.one(questions)
    phrases = dialogue_phrases()
    again = turns[at].text if native else f"{phrases.say('non_native_answer', chooser)} {turns[at].text}"
    last = re.split(r"(?<=[.!?]) ", turns[at].text)[-1]
    inserted = [
        Turn(speaker=listener, text=phrases.say("misheard_ask" if native else "non_native_ask", chooser)),
        Turn(speaker="doctor", text=f"I asked, {last[0].lower()}{last[1:]}" if native else again),
    ]
    return [*turns[: at + 1], *inserted, *turns[at + 1 :]]


def _with_filler(turn: Turn, chooser: Chooser) -> Turn:
    text = turn.text
    if len(text) < 25 or not chooser.chance(_FILLER_SHARE) or text[:4].rstrip(",. ") in _STARTS:
        return turn
    if turn.speaker == "doctor" and not text.startswith(_DOCTOR_LEADS):
        return turn
    filler = chooser.one(_DOCTOR_FILLERS if turn.speaker == "doctor" else _ADULT_FILLERS)
    keep = text[:2] in ("I ", "I'") or (len(text) > 1 and text[1].isupper()) or text[:3] in ("Dr.", "Mr.", "Ms.")
    return Turn(speaker=turn.speaker, text=filler + (text if keep else text[0].lower() + text[1:]))


_DOCTOR_LEADS = (
    "Your ",
    "I'd ",
    "I'm going",
    "I want",
    "We ",
    "We'll",
    "Let's",
    "Are ",
    "Do ",
    "How ",
    "What ",
    "Have ",
    "Any ",
)
_STARTS = frozenset(
    {
        "Um",
        "Well",
        "So",
        "You",
        "Oh",
        "Uh",
        "Okay",
        "Mm-h",
        "Hi",
        "Now",
        "Yes",
        "Yeah",
        "No",
        "Good",
        "Hell",
        "Thank",
        "Alri",
        "Hey",
        "Nope",
    }
)
