"""Figures of a release for its card, counted from its files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from medsynth_assets.release.data_files import in_memory
from medsynth_assets.release.views import PAIRS


class Facts(NamedTuple):
    """engines: engine, model, records. chapters: number, title, codes, records. sexes: sex, records.
    Medians over all records; words are runs of what is not white space."""

    engines: Sequence[tuple[str, str, int]]
    chapters: Sequence[tuple[str, str, int, int]]
    sexes: Sequence[tuple[str, int]]
    code_count: int
    codes_by_split: dict[str, int]
    youngest_years: float
    oldest_years: float
    median_turns: float
    median_note_words: float
    median_dialogue_words: float


def count_facts(folder: Path) -> Facts:
    """Read off the Parquet files of pairs; one pass a question, nothing held."""
    with in_memory(folder) as con:
        files = [str(path) for path in sorted((folder / PAIRS.name).glob("*.parquet"))]

        def ask(query: str) -> list[tuple[Any, ...]]:
            text = f"with pairs as (select * from read_parquet($files, filename = true)) {query}"  # noqa: S608  our own queries
            return con.execute(text, {"files": files}).fetchall()

        ((codes, youngest, oldest, turns, note_words, dialogue_words),) = ask(
            "select count(distinct icd_code), min(age_years), max(age_years), median(turn_count),"
            " median(len(regexp_extract_all(note, '\\S+'))), median(len(regexp_extract_all(dialogue, '\\S+'))) from pairs"
        )
        return Facts(
            engines=ask("select engine, model, count(*) from pairs group by all order by 3 desc, 1, 2"),
            chapters=ask(
                "select chapter, any_value(chapter_title), count(distinct icd_code), count(*) from pairs"
                " group by chapter order by try_cast(chapter as integer), chapter"
            ),
            sexes=ask("select sex, count(*) from pairs group by all order by 2 desc, 1"),
            code_count=codes,
            codes_by_split={
                Path(name).stem: count
                for name, count in ask("select filename, count(distinct icd_code) from pairs group by all")
            },
            youngest_years=youngest,
            oldest_years=oldest,
            median_turns=turns,
            median_note_words=note_words,
            median_dialogue_words=dialogue_words,
        )
