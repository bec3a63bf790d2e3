"""The official ICD-10-CM code set, from the package `simple-icd-10-cm`, as one frame."""

import re
from functools import cache, partial
from importlib.metadata import version
from typing import Any, NamedTuple

import polars as pl

from medsynth_assets.records.identity import digest

PACKAGE = "simple-icd-10-cm"
_CHAPTER_RANGE = re.compile(r"\s*\([A-Z0-9]+-[A-Z0-9]+\)\s*$")

_SEVEN_WITH_DOT = 8


def release_name() -> str:
    """Which release the installed package carries."""
    return f"{PACKAGE} {version(PACKAGE)}"


def code_set() -> pl.DataFrame:
    """All codes, categories included, chapters and blocks (`I10-I1A`) not: the columns of reference.icd10cm_codes but release_id.

    Takes about three seconds, most of it the package reading its files.
    """
    import simple_icd_10_cm as cm  # slow to import, and only this asset needs it

    listed = dict.fromkeys(cm.get_all_codes(True))  # a block of one category is listed twice, as both
    above = cache(partial(_above, cm))
    codes = [code for code in listed if not (cm.is_chapter(code) or "-" in code)]
    rows = [_row(cm, code, above(tuple(cm.get_ancestors(code)))) for code in codes]
    return pl.DataFrame(rows, infer_schema_length=None)


class _Above(NamedTuple):
    """What all codes of one parent have from what is above them. category: '' above categories."""

    category: str
    block: str
    chapter: str
    chapter_title: str
    exclusion_terms: list[str]
    seventh_characters: dict[str, str]


def _above(cm: Any, ancestors: tuple[str, ...]) -> _Above:
    """Of the ancestors of a code, the nearest first."""
    chapter = ancestors[-1]
    return _Above(
        category=next((code for code in ancestors if cm.is_category(code)), ""),
        block=next((code for code in ancestors if cm.is_block(code)), ""),
        chapter=chapter,
        chapter_title=_CHAPTER_RANGE.sub("", cm.get_description(chapter)),
        exclusion_terms=[term for code in ancestors if not cm.is_chapter(code) for term in cm.get_excludes1(code)],
        seventh_characters=cm.get_seven_chr_def(ancestors[0], True),
    )


def _row(cm: Any, code: str, above: _Above) -> dict[str, Any]:
    row = {
        "code": code,
        "description": cm.get_description(code),
        "is_billable": cm.is_leaf(code),
        "category_code": code if cm.is_category(code) else above.category,
        "block": above.block,
        "chapter": above.chapter,
        "chapter_title": above.chapter_title,
        "inclusion_terms": cm.get_inclusion_term(code),
        "exclusion_terms": [*cm.get_excludes1(code), *above.exclusion_terms],
        # what the 7th character means (`initial encounter for closed fracture`)
        "seventh_character": above.seventh_characters.get(code[-1], "") if len(code) == _SEVEN_WITH_DOT else "",
    }
    return {**row, "row_hash": digest("icd10cm:2", row)}
