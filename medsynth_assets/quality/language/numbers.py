"""Numbers as written and as spoken: 'one thirty two over eighty' holds 132 and 80."""

from collections.abc import Sequence
from typing import NamedTuple

from medsynth_assets.quality.language.tokens import Token

_UNITS = {w: n for n, w in enumerate("zero one two three four five six seven eight nine".split())} | {"oh": 0}
_TEENS = {
    w: n
    for n, w in enumerate("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10)
}
_TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)} | {
    "fourty": 40
}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_TIMES = {"once": 1, "twice": 2}
_SCALE = {"hundred": 100, "thousand": 1000}
SPOKEN = frozenset(
    {*_UNITS, *_TEENS, *_TENS, *_ORDINALS, *_TIMES, "point", "a", "an"}
)  # words that a number starts with


class Number(NamedTuple):
    """A value at tokens[first:last] (last is exclusive)."""

    value: float
    first: int
    last: int
    is_spoken: bool


def numbers(found: Sequence[Token]) -> list[Number]:
    """The numbers of a text, left to right; a leading `point five` is 0.5. `a`, `an` count only before hundred and thousand; `half` after `and a` adds 0.5."""
    result: list[Number] = []
    n = 0
    while n < len(found):
        word = found[n].word
        number = _words(found, n) if word in SPOKEN else None if word[0].isalpha() else _digits(found, n)
        if number:
            result.append(number)
            n = number.last
        else:
            n += 1
    return result


def _digits(found: Sequence[Token], n: int) -> Number | None:
    word = found[n].word
    if not (word[0].isdigit() or (word[0] == "." and word[1:].isdigit())):
        return None
    value, last = float(found[n].stem), n + 1
    # speech recognisers write "100 . 4" and "a hundred . four"
    tail = _fraction(found, last)
    if tail is not None and value == int(value):
        return Number(value + tail[0], n, tail[1], is_spoken=True)
    if last < len(found) and found[last].word in _SCALE:
        value, last = value * _SCALE[found[last].word], last + 1
    half = _half(found, last)
    return Number(value + 0.5 * half, n, last + 3 * half, is_spoken=bool(half))


def _fraction(found: Sequence[Token], n: int) -> tuple[float, int] | None:
    """`point five`, `. 4` right after a number: the fraction and where it ends."""
    if n + 1 >= len(found) or found[n].word not in ("point", "."):
        return None
    if found[n].word == "." and (found[n].start == found[n - 1].end or n + 1 == len(found)):
        return None
    digits, last = "", n + 1
    while last < len(found) and len(digits) < 3:
        word = found[last].word
        if word in _UNITS:
            digits += str(_UNITS[word])
        elif word.isdigit() and len(word) <= 2:
            digits += word
        else:
            break
        last += 1
        if found[n].word == "." and digits.strip("0"):
            break
    return (float(f"0.{digits}"), last) if digits else None


def _half(found: Sequence[Token], n: int) -> bool:
    return [t.word for t in found[n : n + 3]] == ["and", "a", "half"]


def _words(found: Sequence[Token], n: int) -> Number | None:
    word = found[n].word
    following = found[n + 1].word if n + 1 < len(found) else ""
    if word == "point" and (tail := _fraction(found, n)) is not None:
        return Number(tail[0], n, tail[1], is_spoken=True)
    if word in _TIMES:
        return Number(_TIMES[word], n, n + 1, is_spoken=True)
    if word in _ORDINALS:
        return Number(_ORDINALS[word], n, n + 1, is_spoken=True)
    if word in ("a", "an") and following not in _SCALE:
        return None
    if word == "oh" or (word not in _UNITS and word not in _TEENS and word not in _TENS and word not in ("a", "an")):
        return None
    groups, last = _groups(found, n)
    value = _joined(groups)
    tail = _fraction(found, last)
    if tail is not None:
        return Number(value + tail[0], n, tail[1], is_spoken=True)
    half = _half(found, last)
    return Number(value + 0.5 * half, n, last + 3 * half, is_spoken=True)


def _groups(found: Sequence[Token], n: int) -> tuple[list[int], int]:
    """Spoken groups, each of what one breath names: `one | thirty two`, `nineteen | ninety eight`, `five hundred`."""
    groups: list[int] = []
    last = n
    while last < len(found):
        word = found[last].word
        if word in ("a", "an") and last == n:
            groups.append(1)
        elif word in _SCALE and groups:
            groups[-1] = max(groups[-1], 1) * _SCALE[word]
        elif (
            word == "and" and groups and groups[-1] >= 100 and last + 1 < len(found) and _is_small(found[last + 1].word)
        ):
            pass
        elif word in _TENS:
            if len(groups) == 2 or (groups and groups[-1] % 100 and groups[-1] >= 100):
                break
            if groups and groups[-1] >= 100:
                groups[-1] += _TENS[word]
            else:
                groups.append(_TENS[word])
        elif word in _TEENS:
            if len(groups) == 2 or (groups and groups[-1] % 100 and groups[-1] >= 100):
                break
            if groups and groups[-1] >= 100:
                groups[-1] += _TEENS[word]
            else:
                groups.append(_TEENS[word])
        elif word in _UNITS:
            if groups and groups[-1] >= 100 and last + 1 < len(found) and found[last + 1].word in _SCALE:
                break  # `five hundred five hundred`: said twice
            if (
                groups
                and groups[-1]
                and groups[-1] % 10 == 0
                and _UNITS[word] > 0
                and (groups[-1] < 100 or groups[-1] % 100)
            ) or (groups and groups[-1] >= 100 and groups[-1] % 100 == 0):
                groups[-1] += _UNITS[word]
            elif not groups or (word in ("oh", "zero") and last + 1 < len(found) and found[last + 1].word in _UNITS):
                groups.append(_UNITS[word])
            elif len(groups) == 2 and groups[1] == 0:
                groups[1] = _UNITS[word]
            else:
                break
        else:
            break
        last += 1
    while last > n and found[last - 1].word == "and":
        last -= 1
    return groups, last


def _is_small(word: str) -> bool:
    return word in _UNITS or word in _TEENS or word in _TENS


def _joined(groups: Sequence[int]) -> float:
    if len(groups) == 2 and groups[0] >= 20 and groups[0] == groups[1] // 10 * 10:
        return float(groups[1])  # `ninety ninety seven`: said twice
    if len(groups) == 2 and groups[0] < 100 and groups[1] < 100:
        return float(groups[0] * 100 + groups[1])
    return float(sum(groups))
