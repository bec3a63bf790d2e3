"""A WordNet of a few words in WordNet's own file format (wndb(5WN)), without the files that Debian leaves out."""

from collections.abc import Sequence
from pathlib import Path

_PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_HEAD = "  1 WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved.\n"


def write_wordnet(folder: Path, synonyms: Sequence[tuple[str, ...]]) -> Path:
    """Noun synsets of these words."""
    folder.mkdir()
    for part in _PARTS:
        (folder / f"{part}.exc").write_text("")
        (folder / f"data.{part}").write_text(_HEAD)
        (folder / f"index.{part}").write_text(_HEAD)
    (folder / "cntlist.rev").write_text("")
    data, offsets = _HEAD, {}
    for words in synonyms:
        offset = len(data)
        named = " ".join(f"{word} 0" for word in words)
        data += f"{offset:08d} 18 n {len(words):02x} {named} 000 | the same person  \n"
        offsets |= dict.fromkeys(words, offset)
    (folder / "data.noun").write_text(data)
    lines = [f"{word} n 1 0 1 0 {offset:08d}  \n" for word, offset in sorted(offsets.items())]
    (folder / "index.noun").write_text(_HEAD + "".join(lines))
    return folder
