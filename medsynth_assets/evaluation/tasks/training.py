"""Writing a training recipe: the examples of a release in chat form, and the files that fine-tune a model on them."""

import json
import shutil
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import jinja2

from medsynth_assets.errors import UsageError
from medsynth_assets.evaluation.tasks.references import Reference
from medsynth_assets.evaluation.tasks.task import Task

DEFAULT_BASE = "Qwen/Qwen2.5-7B-Instruct"  # open weights, a licence without conditions, a context that dialogues fit in
_TITLES = {Task.DIAL2NOTE: "Dial-2-Note", Task.NOTE2DIAL: "Note-2-Dial"}
_COPIED = ("train.py", "requirements.txt")
_FILLED = ("config.yaml", "README.md")


class Recipe(NamedTuple):
    """What the recipe is to say. release: how its README names where the examples are from."""

    task: Task
    base_model: str
    seed: int
    system: str
    is_own_prompt: bool
    release: str


def write_recipe(
    recipe: Recipe, train: Iterable[Reference], validation: Iterable[Reference], out: Path
) -> dict[str, int]:
    """Fill the folder; gives the examples written by split. Raises UsageError where it is in use or cannot be written."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty; name a new folder, so that no edited recipe is written over")
    try:
        (out / "data").mkdir(parents=True, exist_ok=True)
        examples = {"train": train, "validation": validation}
        counts = {
            name: _write_examples(recipe, rows, out / "data" / f"{name}.jsonl") for name, rows in examples.items()
        }
        _write_files(recipe, counts, out)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}") from error
    return counts


def _write_examples(recipe: Recipe, references: Iterable[Reference], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for count, reference in enumerate(references, 1):  # noqa: B007  the number is what is wanted
            example = {
                "id": reference.id,
                "prompt": recipe.task.messages(reference, recipe.system),
                "completion": [{"role": "assistant", "content": recipe.task.wanted(reference)}],
            }
            out.write(json.dumps(example, ensure_ascii=False) + "\n")
    return count


def _write_files(recipe: Recipe, counts: dict[str, int], out: Path) -> None:
    shipped = resources.files("medsynth_assets.evaluation.tasks") / "recipe"
    for name in _COPIED:
        with resources.as_file(shipped / name) as source:
            shutil.copyfile(source, out / name)
    said = {
        "title": _TITLES[recipe.task], "task": recipe.task.value, "name": f"medsynth-{recipe.task}", "counts": counts,
        "base_model": recipe.base_model, "seed": recipe.seed, "release": recipe.release, "own_prompt": recipe.is_own_prompt,
    }  # fmt: skip
    for name in _FILLED:
        template = (shipped / f"{name}.jinja").read_text("utf-8")
        filled = jinja2.Template(template, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
        (out / name).write_text(filled.render(said), "utf-8")
