"""What a judge model says of a finished pair: grades, the support of each fact, and which of two dialogues is better."""

from typing import Literal

from pydantic import Field

from medsynth_assets.records.scenario import Strict

GRADES = ("Unacceptable", "Poor", "Satisfactory", "Excellent")
DIMENSIONS = ("factuality", "completeness", "soap", "realism")
SUPPORTS = ("supported", "contradicted", "not_enough_information")

Grade = Literal["Unacceptable", "Poor", "Satisfactory", "Excellent"]
Support = Literal["supported", "contradicted", "not_enough_information"]


class Graded(Strict):
    reason: str = Field(description="one sentence, before the grade is given")
    grade: Grade


class RubricVerdict(Strict):
    """Of a note with its dialogue. What each grade means stands in the prompt."""

    factuality: Graded
    completeness: Graded
    soap: Graded
    realism: Graded


class FactVerdict(Strict):
    number: int
    support: Support


class SupportVerdict(Strict):
    """Whether the dialogue supports each fact of the note, by its number."""

    facts: list[FactVerdict]


class PreferenceVerdict(Strict):
    """Which of two dialogues of one note is better, by the place in which they were shown."""

    reason: str
    preferred: Literal["first", "second", "tie"]
