"""`medsynth train`: a folder with everything that fine-tunes a model for a task."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from medsynth_assets.cli.evaluate_command import parse_task
from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings


def train(
    task: Annotated[str, typer.Option(help="dial2note or note2dial.")],
    release: Annotated[Path, typer.Option(help="A release's folder.")],
    out: Annotated[Path, typer.Option(help="A new folder for the recipe.")],
    base_model: Annotated[str, typer.Option(help="Folder or Hub name of a causal language model.")] = "",
    system_prompt: Annotated[
        Path | None, typer.Option(help="A file: what the model is told first; else the release's.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the training; default from the settings.")] = None,
) -> None:
    """Write a LoRA recipe (TRL, PEFT) with the release's training and validation examples: train.py, config.yaml, README.

    \b
    Examples:
      medsynth train --task dial2note --release releases/v1 --out recipe
      medsynth train --task note2dial --release releases/v1 --out recipe
          --base-model models/llama

    The recipe needs nothing of this project: copy the folder to a machine with a GPU and run train.py there.
    """
    from medsynth_assets.evaluation.tasks.references import Reference, read_references
    from medsynth_assets.evaluation.tasks.task import system_prompt as prompt_of
    from medsynth_assets.evaluation.tasks.training import DEFAULT_BASE, Recipe, write_recipe

    asked = parse_task(task)
    if not release.is_dir():
        raise UsageError(f"{release} is no folder; a recipe is made from the splits of a release")
    local = Path(base_model).expanduser()
    base = str(local.resolve()) if base_model and local.is_dir() else base_model or DEFAULT_BASE
    recipe = Recipe(
        task=asked,
        base_model=base,
        seed=load_settings().seed if seed is None else seed,
        system=prompt_of(asked, system_prompt, release),
        is_own_prompt=system_prompt is not None,
        release=f"the release {release.resolve().name}",
    )
    examples = read_references(release, "train").pairs.values()
    console = Console(stderr=True, highlight=False)
    try:
        held: list[Reference] = list(read_references(release, "validation").pairs.values())
    except UsageError as error:
        console.print(f"without validation: {error}", markup=False, soft_wrap=True)
        held = []
    counts = write_recipe(recipe, examples, held, out)
    console.print(
        f"{out}: {counts['train']:,} examples for training, {counts['validation']:,} for validation; README.md says how to go on",
        markup=False,
        soft_wrap=True,
    )
