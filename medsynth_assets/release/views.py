"""The forms in which a release offers its pairs. A view is a select over the pairs of a split, written by DuckDB.

`pairs` is everything known of a pair; the two task views are chat messages as trainers of language models take them; `medsynth`
has the columns of the published MedSynth dataset.
"""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from medsynth_assets.errors import UsageError
from medsynth_assets.sql_models.project import SqlProject

_LONGEST_PROMPT = 100_000  # characters; a longer file was hardly meant
_IDS = {
    "record_id": "slot: code and ordinal; stable for ever",
    "icd_code": "ICD-10-CM code",
}
_MESSAGES = {"messages": "system, user and assistant message of one example, as chat trainers take them"}


class View(NamedTuple):
    """name: folder in the release, and configuration of `load_dataset`. select: from `pairs`; may name $system.
    columns: what each means."""

    name: str
    title: str
    select: str
    columns: Mapping[str, str]
    is_task: bool


def _chat(name: str, title: str, asked: str, answered: str) -> View:
    roles = {"system": "$system", "user": asked, "assistant": answered}
    messages = ", ".join(f"{{'role': '{role}', 'content': {content}}}" for role, content in roles.items())
    select = f"select record_id, icd_code, [{messages}] as messages from pairs"  # noqa: S608  our own column names
    return View(name, title, select, {**_IDS, **_MESSAGES}, is_task=True)


PAIRS = View(
    "pairs", "everything known of a pair", "from pairs", dict(SqlProject().models["pairs"].columns), is_task=False
)
VIEWS = (
    PAIRS,
    _chat("dial2note", "Dial-2-Note: write the note of a dialogue", "dialogue", "note"),
    _chat("note2dial", "Note-2-Dial: write the dialogue of a note", "note", "dialogue"),
    View(
        "medsynth",
        "the columns of the published MedSynth dataset",
        'select note as "Note", dialogue as "Dialogue", icd_code as "ICD10", icd_description as "ICD10_desc" from pairs',
        {
            "Note": "SOAP note as one text", "Dialogue": "dialogue as one text with speaker markers",
            "ICD10": "ICD-10-CM code", "ICD10_desc": "official description of the code",
        },
        is_task=False,
    ),
)  # fmt: skip
TASKS = tuple(view.name for view in VIEWS if view.is_task)


def system_prompts(given: Mapping[str, Path]) -> dict[str, str]:
    """The system prompt of each task: the file given for it, or the one that ships (system_prompts/).

    Raises UsageError for a task that there is not, and a file that cannot be read or is empty.
    """
    unknown = sorted(given.keys() - set(TASKS))
    if unknown:
        raise UsageError(f"no task {unknown[0]!r} for a system prompt; there are {', '.join(TASKS)}")
    return {task: _prompt(task, given.get(task)) for task in TASKS}


def _prompt(task: str, path: Path | None) -> str:
    if path is None:
        shipped = resources.files("medsynth_assets.release") / "system_prompts" / f"{task}.md"
        return shipped.read_text("utf-8").strip()
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"the system prompt {path} cannot be read: {error}; wanted a text file in UTF-8") from error
    if not text or len(text) > _LONGEST_PROMPT:
        raise UsageError(f"the system prompt {path} has {len(text):,} characters; wanted 1 to {_LONGEST_PROMPT:,}")
    return text
