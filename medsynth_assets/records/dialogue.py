"""A doctor-patient dialogue: turns, and their rendering with speaker markers."""

from pydantic import Field, field_validator

from medsynth_assets.records.scenario import Strict


class Turn(Strict):
    """One utterance. `speaker` is one lower-case word: doctor, patient, mother, interpreter, ..."""

    speaker: str = Field(pattern=r"^[a-z][a-z-]*$")
    text: str

    @field_validator("text")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        words = value.split()
        if not words:
            raise ValueError("a turn without words")
        return " ".join(words)


class Dialogue(Strict):
    turns: list[Turn] = Field(min_length=2)

    def render(self) -> str:
        """One line a turn: `[doctor]: Hello.`"""
        return "\n".join(f"[{turn.speaker}]: {turn.text}" for turn in self.turns)
