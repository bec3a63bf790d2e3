"""Reading the text of a dialogue: turns by their speaker markers, ours (`[doctor]: ...`) and others' (`Doctor: ...`)."""

import re

from medsynth_assets.quality.facts.hearing import Turn

_MARKED = re.compile(r"^\s*(?:\[(?P<own>[^\]\n]{1,40})\]|(?P<other>[A-Za-z][A-Za-z_ -]{0,24}\d?))\s*:\s*(?P<text>.*)$")
_SHORT = {"d": "doctor", "dr": "doctor", "p": "patient", "pt": "patient"}


def turns_of(dialogue: str) -> tuple[Turn, ...]:
    """The turns of a dialogue in order, speakers in lower case; a line without a marker goes on with the turn before.

    A text without any marker is one turn of speaker ''.
    """
    turns: list[Turn] = []
    for line in dialogue.splitlines():
        match = _MARKED.match(line)
        if match:
            speaker = (match["own"] or match["other"]).strip().lower().replace(" ", "-").replace("_", "-")
            turns.append(Turn(_SHORT.get(speaker, speaker), match["text"].strip()))
        elif line.strip() and turns:
            turns[-1] = turns[-1]._replace(text=f"{turns[-1].text} {line.strip()}")
        elif line.strip():
            turns.append(Turn("", line.strip()))
    return tuple(turns)
