"""`medsynth knowledge`: what the clinical knowledge base says of a code, and how far it reaches."""

import csv
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medsynth_assets.cli.run_command import parse_codes
from medsynth_assets.clinical.companions import companion_named
from medsynth_assets.clinical.facets import facets_of
from medsynth_assets.clinical.family import Family
from medsynth_assets.clinical.knowledge import KnowledgeBase, knowledge_base
from medsynth_assets.errors import UsageError
from medsynth_assets.reference.prevalence import DEFAULT
from medsynth_assets.settings import load_settings

_CHAPTER_WIDE = 16  # categories: a range longer than any ICD-10-CM block of the default codes


def knowledge(
    code: Annotated[str, typer.Argument(help="A code, as in E11.9.")] = "",
    coverage: Annotated[bool, typer.Option("--coverage", help="Which family each prevalent code reaches.")] = False,
) -> None:
    """What is known of a code, and from which family each part comes.

    \b
    Examples:
      medsynth knowledge E11.9
      medsynth knowledge --coverage
    """
    if coverage:
        _print_coverage(knowledge_base())
    elif code:
        _print_code(knowledge_base(), parse_codes(code)[0])
    else:
        raise UsageError("give a code, as in: medsynth knowledge E11.9; or --coverage")


def _print_code(base: KnowledgeBase, code: str) -> None:
    known = base.lookup(code)
    console = Console(highlight=False)
    console.print(f"{code}: {known.family.name}; families, broadest first: {' > '.join(known.chain)}", markup=False)
    table = Table(pad_edge=False)
    for title in ("part", "entries", "from", "first entry"):
        table.add_column(title, overflow="fold")
    for field in type(known.family).model_fields:
        value = getattr(known.family, field)
        if value and field not in ("id", "covers", "written"):
            many = isinstance(value, tuple | dict)
            first = str(next(iter(value)) if many else value)
            table.add_row(
                field, str(len(value)) if many else "1", ", ".join(known.origin.get(field, ())), Text(first[:160])
            )
    for part, entries, source, first in _beside(known.family, code):
        table.add_row(part, str(entries), source, Text(first[:160]))
    console.print(table)


def _beside(family: Family, code: str) -> Iterator[tuple[str, int, str, str]]:
    """What the code's own description adds, and the other conditions that its records may attend to."""
    found = facets_of(_descriptions().get(code, ""))
    if found:
        yield "said by the description", len(found), "facets.yaml", ", ".join(f.facet.id for f in found)
    others = {c.condition: c for one in family.comorbidities if (c := companion_named(one.name))}
    if others:
        yield "companions", len(others), "companions.yaml", ", ".join(others)


def _descriptions() -> dict[str, str]:
    """Official descriptions of the codes of the default prevalence table."""
    with DEFAULT.open(encoding="utf-8") as file:
        return {row["code"]: row["description"] for row in csv.DictReader(file)}


def _print_coverage(base: KnowledgeBase) -> None:
    """Over the default prevalence table: how many codes reach a family, and how narrow a one."""
    codes = list(_descriptions())[: load_settings().top_codes]
    by_letter: dict[str, list[int]] = {}
    for code in codes:
        cover = base.narrowest_cover(code)
        width = -1 if cover is None else 1 - cover.narrowness[1]
        counts = by_letter.setdefault(code[0], [0, 0, 0])
        counts[0 if width < 0 else 1 if width > _CHAPTER_WIDE else 2] += 1
    table = Table(pad_edge=False)
    table.add_column("codes starting with")
    for title in ("unknown", "chapter only", "block or finer"):
        table.add_column(title, justify="right")
    for letter, counts in sorted(by_letter.items()):
        table.add_row(letter, *map(str, counts))
    table.add_row("all", *(str(sum(counts[n] for counts in by_letter.values())) for n in range(3)), style="bold")
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{sum(1 for _ in base)} families")
