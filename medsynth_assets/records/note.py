"""A SOAP note: four sections as fields, and their rendering as one text."""

from pydantic import field_validator

from medsynth_assets.records.scenario import Strict

SECTIONS = ("subjective", "objective", "assessment", "plan")


class Note(Strict):
    """The four sections without their titles. None may be empty."""

    subjective: str
    objective: str
    assessment: str
    plan: str

    @field_validator(*SECTIONS)
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("a section of the note is empty")
        return value.strip()

    def render(self) -> str:
        """One text with the four titles, each once, in order."""
        return "\n\n".join(f"{name.capitalize()}:\n{getattr(self, name)}" for name in SECTIONS)
