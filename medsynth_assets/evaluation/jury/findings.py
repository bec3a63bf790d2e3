"""What verdicts add up to: grades by dimension, support, preferences and their agreement."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from medsynth_assets.evaluation.jury.agreement import Said, alpha
from medsynth_assets.records.jury import DIMENSIONS, GRADES, SUPPORTS

PREFERENCES = ("record", "other", "tie")


class Finding(NamedTuple):
    """One question put to the jury. counts: answers by judge. alpha: of the judges, None where it is not defined."""

    question: str
    domain: tuple[str, ...]
    counts: dict[str, Counter[str]]
    alpha: float | None


def findings(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """rows: verdicts as stored (jury_store.verdict_rows). Dimensions in the rubric's order, support, preference."""
    said: dict[str, list[Said]] = {}
    for row in rows:
        content = row["content"] if isinstance(row["content"], dict) else json.loads(row["content"])
        thing = "/".join(row["parents"])
        for question, what, value in _said(row["kind"], content):
            said.setdefault(question, []).append(Said(row["model"], f"{thing}{what}", value))
    return [
        _finding(question, said[question], domain, level) for question, domain, level in _QUESTIONS if question in said
    ]


def _said(kind: str, content: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Question, part of the thing that is judged, and value."""
    match kind:
        case "rubric":
            return [(dimension, "", content[dimension]["grade"]) for dimension in DIMENSIONS]
        case "support":
            return [("support", f"#{fact['number']}", fact["support"]) for fact in content["facts"]]
        case _:
            return [("preference", "", content["preferred"])]


def _finding(question: str, said: list[Said], domain: tuple[str, ...], level: Any) -> Finding:
    counts: dict[str, Counter[str]] = {}
    for one in said:
        counts.setdefault(one.judge, Counter())[one.value] += 1
    return Finding(question, domain, counts, alpha(said, domain, level))


_QUESTIONS = (
    *((dimension, GRADES, "ordinal") for dimension in DIMENSIONS),
    ("support", SUPPORTS, "nominal"),
    ("preference", PREFERENCES, "nominal"),
)
