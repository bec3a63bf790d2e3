"""An agenda: the facts that a dialogue is to say, in the order of the visit; and what one side of it says at a time."""

from typing import Literal

from pydantic import Field

from medsynth_assets.records.dialogue import Turn
from medsynth_assets.records.scenario import Strict

MOST_UTTERANCES = 160  # of both sides together: MedSynth's dialogues have 80 to 150 turns

Part = Literal["opening", "story", "background", "examination", "results", "assessment", "plan", "questions", "close"]


class AgendaFact(Strict):
    """One fact of the note. told_by: who knows it first, and so who says it."""

    part: Part
    fact: str = Field(min_length=1)
    told_by: Literal["doctor", "patient"]


class Agenda(Strict):
    """Key facts of a note in the order in which the visit comes to them (NoteChat's planning)."""

    facts: list[AgendaFact] = Field(min_length=1)


class Utterance(Strict):
    """What one side says before the other side does.

    turns: mostly one; the patient's side may be two people. covers: numbers, from 1, of the facts that are said with it.
    ends: with these words the visit is over.
    """

    turns: list[Turn] = Field(min_length=1)
    covers: list[int]
    ends: bool
