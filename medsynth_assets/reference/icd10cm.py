"""The official ICD-10-CM code set, from the package `simple-icd-10-cm`, as one frame."""

import re
from importlib.metadata import version
from typing import Any

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
    rows = [_row(cm, code) for code in listed if not (cm.is_chapter(code) or "-" in code)]
    return pl.DataFrame(rows, infer_schema_length=None)


def _row(cm: Any, code: str) -> dict[str, Any]:
    ancestors = cm.get_ancestors(code)  # nearest first
    category = code if cm.is_category(code) else next(a for a in ancestors if cm.is_category(a))
    block = next((a for a in ancestors if cm.is_block(a)), "")
    chapter = ancestors[-1]
    row = {
        "code": code,
        "description": cm.get_description(code),
        "is_billable": cm.is_leaf(code),
        "category_code": category,
        "block": block,
        "chapter": chapter,
        "chapter_title": _CHAPTER_RANGE.sub("", cm.get_description(chapter)),
        "inclusion_terms": cm.get_inclusion_term(code),
        "exclusion_terms": [
            term for part in (code, *ancestors) if not cm.is_chapter(part) for term in cm.get_excludes1(part)
        ],
        "seventh_character": _seventh_character(cm, code, ancestors[0]),
    }
    return {**row, "row_hash": digest("icd10cm:2", row)}


def _seventh_character(cm: Any, code: str, parent: str) -> str:
    """What the 7th character of a code means (`initial encounter for closed fracture`), or ''."""
    if len(code) != _SEVEN_WITH_DOT:
        return ""
    meanings: dict[str, str] = cm.get_seven_chr_def(parent, True)
    return meanings.get(code[-1], "")
