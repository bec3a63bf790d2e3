"""The text of an artifact for people, whatever its kind."""

from typing import Any

from pydantic import ValidationError

from medsynth_assets.records.artifact import Kind
from medsynth_assets.records.dialogue import Dialogue
from medsynth_assets.records.note import Note


def rendered(kind: str, content: dict[str, Any]) -> str:
    """A note or dialogue as its text, drafts too; anything else as an outline."""
    try:
        if kind in (Kind.NOTE, Kind.NOTE_DRAFT):
            return Note.model_validate(content).render()
        if kind in (Kind.DIALOGUE, Kind.DIALOGUE_DRAFT):
            return Dialogue.model_validate(content).render()
    except ValidationError:  # stored by an earlier version, or changed by hand: still to be looked at
        pass
    return outline(content)


def outline(value: Any, depth: int = 0) -> str:
    """Nested content as an indented outline; what is empty is left out."""
    pad = "  " * depth
    lines = []
    for key, item in value.items():
        label = key.replace("_", " ")
        if isinstance(item, dict):
            lines.append(f"{pad}{label}\n{outline(item, depth + 1)}")
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            rows = (", ".join(str(v) for v in row.values() if v not in ("", None, False, [])) for row in item)
            lines.append(f"{pad}{label}\n" + "\n".join(f"{pad}  - {row}" for row in rows))
        elif isinstance(item, list):
            lines.append(f"{pad}{label}: {'; '.join(map(str, item))}" if item else "")
        elif item not in ("", None):
            lines.append(f"{pad}{label}: {item}")
    return "\n".join(line for line in lines if line)
