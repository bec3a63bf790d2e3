"""Writing checked pairs as one HTML file, a pair at a time: note and dialogue side by side, facts coloured, turns linked."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TextIO

from jinja2 import Environment, PackageLoader, select_autoescape

from medsynth_assets.quality.dialogue_text import turns_of


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("medsynth_assets.quality.report"), autoescape=select_autoescape(default=True)
    )


def begin(out: TextIO, title: str) -> None:
    """The head of the page."""
    out.write(_environment().get_template("head.html").render(title=title))


def add(out: TextIO, number: int, result: dict[str, Any], note: str, dialogue: str) -> None:
    """One pair. `number` names it within the page."""
    pieces = _pieces(note, result)
    turns = [
        {"n": n, "speaker": turn.speaker, "text": turn.text, "flags": _flags(n, result)}
        for n, turn in enumerate(turns_of(dialogue))
    ]
    out.write(_environment().get_template("pair.html").render(number=number, result=result, pieces=pieces, turns=turns))


def end(out: TextIO, shown: int, total: int) -> None:
    """The foot: how many pairs there were."""
    out.write(_environment().get_template("foot.html").render(shown=shown, total=total))


def _pieces(note: str, result: dict[str, Any]) -> list[dict[str, Any]]:
    """The note cut at its facts, each piece with its class and the turns that say it."""
    against = {(c["start"], c["end"]): c for c in result.get("contradicted", ())}
    facts = [{**f, "class": "said"} for f in result.get("covered", ())]
    facts += [
        {**f, "class": "against" if (f["start"], f["end"]) in against else "unsaid"}
        for f in result.get("uncovered", ())
    ]
    pieces: list[dict[str, Any]] = []
    at = 0
    for fact in sorted(facts, key=lambda f: f["start"]):
        if fact["start"] < at:
            continue
        pieces.append({"text": note[at : fact["start"]]})
        pieces.append(
            {
                "text": note[fact["start"] : fact["end"]],
                "class": fact["class"],
                "kind": fact["kind"],
                "turns": fact.get("turns", []),
            }
        )
        at = fact["end"]
    return [*pieces, {"text": note[at:]}]


def _flags(turn: int, result: dict[str, Any]) -> Sequence[str]:
    return [
        *(f"not in the note: {u['text']}" for u in result.get("unsupported", ()) if u["turn"] == turn),
        *(f"the note says: {c['note_text']}" for c in result.get("contradicted", ()) if c["turn"] == turn),
        *(f"{f['type']}: {f['text']}" for f in result.get("form", ()) if f["turn"] == turn),
    ]
