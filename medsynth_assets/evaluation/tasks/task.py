"""The two tasks: what is read, what is to be written, and what a file of predictions calls it."""

from enum import StrEnum
from importlib import resources
from pathlib import Path

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.references import Reference, release_prompt
from medsynth_assets.records.artifact import Agent


class Task(StrEnum):
    """Dial-2-Note writes the note of a dialogue, Note-2-Dial the dialogue of a note."""

    DIAL2NOTE = "dial2note"
    NOTE2DIAL = "note2dial"

    @property
    def column(self) -> str:
        """The column of predictions, as the SMM4H-HeaRD 2026 shared task names it."""
        return "generated_note" if self is Task.DIAL2NOTE else "generated_dialogue"

    @property
    def agent(self) -> Agent:
        """Whose work it is in the making of records; how it is counted and what its temperature is."""
        return Agent.NOTE_WRITER if self is Task.DIAL2NOTE else Agent.DIALOGUE_GENERATOR

    def given(self, reference: Reference) -> str:
        """What a model reads."""
        return reference.dialogue if self is Task.DIAL2NOTE else reference.note

    def wanted(self, reference: Reference) -> str:
        """What it is to write."""
        return reference.note if self is Task.DIAL2NOTE else reference.dialogue

    def messages(self, reference: Reference, system: str) -> list[dict[str, str]]:
        """The question in chat form; what a model is trained on is this and the answer."""
        return [{"role": "system", "content": system}, {"role": "user", "content": self.given(reference)}]


def system_prompt(task: Task, file: Path | None = None, release: Path | None = None) -> str:
    """What a model is told before the text: the file's words, else those of the release's chat view, else those shipped.

    Raises UsageError for a file of nothing."""
    if file is None:
        told = release_prompt(release, task) if release else None
        return told or (resources.files(__package__) / "prompts" / f"{task}.txt").read_text("utf-8").strip()
    try:
        said = file.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"the system prompt {file} cannot be read: {error}") from error
    if not said:
        raise UsageError(f"the system prompt {file} is empty")
    return said
