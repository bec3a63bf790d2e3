"""The two tasks: what is read, what is to be written, and what a file of predictions calls it."""

from enum import StrEnum

from medsynth_assets.evaluation.tasks.references import Reference


class Task(StrEnum):
    """Dial-2-Note writes the note of a dialogue, Note-2-Dial the dialogue of a note."""

    DIAL2NOTE = "dial2note"
    NOTE2DIAL = "note2dial"

    @property
    def column(self) -> str:
        """The column of predictions, as the SMM4H-HeaRD 2026 shared task names it."""
        return "generated_note" if self is Task.DIAL2NOTE else "generated_dialogue"

    def given(self, reference: Reference) -> str:
        """What a model reads."""
        return reference.dialogue if self is Task.DIAL2NOTE else reference.note

    def wanted(self, reference: Reference) -> str:
        """What it is to write."""
        return reference.note if self is Task.DIAL2NOTE else reference.dialogue
