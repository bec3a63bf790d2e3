"""Inline alternatives in texts: `[Okay|All right], here's [what I think|the picture].`

Brackets nest, and an alternative may be empty. Facts in braces are filled afterwards, so a fact that holds a
bracket stays as it is.
"""

import re
import zlib
from functools import lru_cache
from typing import TypeAlias

from medsynth_assets.engines.offline.chooser import Chooser

_MARK = re.compile(r"[\[\]|]")
_TIDY = ((re.compile(r" {2,}"), " "), (re.compile(r" +([.,;:?!])"), r"\1"), (re.compile(r"^[ ,]+"), ""))

Parts: TypeAlias = tuple["str | tuple[Parts, ...]", ...]


def resolve(text: str, chooser: Chooser) -> str:
    """One reading of the text, drawn from the chooser. Raises ValueError where brackets do not match."""
    if "[" not in text:
        return text
    return _tidy(_spell(parse(text), chooser))


def resolve_fixed(text: str, key: int) -> str:
    """One reading that depends on the key and the text alone, not on what was drawn before."""
    if "[" not in text:
        return text
    return resolve(text, Chooser(zlib.crc32(text.encode(), key)))


def first_reading(text: str) -> str:
    """The reading that takes the first alternative everywhere."""
    return _tidy(_first(parse(text))) if "[" in text else text


def readings(text: str) -> list[str]:
    """Every reading, for checks and for looking texts up."""
    if "[" not in text:
        return [text]
    return [_tidy(reading) for reading in _all(parse(text))]


@lru_cache(maxsize=8192)
def parse(text: str) -> Parts:
    """Literal strings and tuples of alternatives. Raises ValueError where brackets do not match."""
    parts, end = _parts(text, 0)
    if end != len(text):
        raise ValueError(f"a bracket closes that was not opened: {text!r}")
    return parts


def _parts(text: str, at: int) -> tuple[Parts, int]:
    """Parts up to a `|` or `]` of the enclosing bracket, or the end."""
    found: list[str | tuple[Parts, ...]] = []
    while at < len(text):
        match = _MARK.search(text, at)
        stop = match.start() if match else len(text)
        if stop > at:
            found.append(text[at:stop])
        if match is None or match.group() != "[":
            return tuple(found), stop
        options, at = _options(text, stop + 1)
        found.append(options)
    return tuple(found), at


def _options(text: str, at: int) -> tuple[tuple[Parts, ...], int]:
    options = []
    while True:
        parts, at = _parts(text, at)
        options.append(parts)
        if at >= len(text):
            raise ValueError(f"a bracket is not closed: {text!r}")
        at += 1
        if text[at - 1] == "]":
            return tuple(options), at


def _spell(parts: Parts, chooser: Chooser) -> str:
    return "".join(p if isinstance(p, str) else _spell(chooser.one(p), chooser) for p in parts)


def _first(parts: Parts) -> str:
    return "".join(p if isinstance(p, str) else _first(p[0]) for p in parts)


def _all(parts: Parts) -> list[str]:
    texts = [""]
    for part in parts:
        tails = [part] if isinstance(part, str) else [text for option in part for text in _all(option)]
        texts = [head + tail for head in texts for tail in tails]
    return texts


def _tidy(text: str) -> str:
    for pattern, plain in _TIDY:
        text = pattern.sub(plain, text)
    return text
