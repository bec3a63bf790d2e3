"""Numbers with their units: `500 mg`, `twice a day`, `132/80`, `for two weeks`, `a 62-year-old`."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.language.numbers import SPOKEN, Number, numbers
from medsynth_assets.quality.language.tokens import Token, stem

_PERIODS = {
    "day": "day",
    "daili": "day",
    "night": "day",
    "morn": "day",
    "even": "day",
    "week": "week",
    "weekli": "week",
    "month": "month",
    "year": "year",
}
_FREQUENCY_WORDS = {
    "bid": (2, "per_day"), "tid": (3, "per_day"), "qid": (4, "per_day"), "qd": (1, "per_day"), "qhs": (1, "per_day"),
    "daily": (1, "per_day"), "nightly": (1, "per_day"), "weekly": (1, "per_week"), "monthly": (1, "per_month"),
}  # fmt: skip
_DOSES = {"mg", "mcg", "g", "ml", "unit", "tablet"}
_MONTHS = {
    name: n
    for n, names in enumerate(
        "january jan|february feb|march|april apr|may|june jun|july jul|august aug|september sept|october oct|november nov|december dec".split(
            "|"
        ),
        1,
    )
    for name in names.split()
}
_DATE = re.compile(
    r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>(?:19|20)?\d\d)\b|\b(?P<month_>\d{1,2})[/-](?P<year_>(?:19|20)\d\d)\b|(?<=on )(?P<m>\d{1,2})/(?P<d>\d{1,2})\b"
)
_CLOCK = re.compile(r"\b(?P<hour>\d{1,2}):(?P<minute>\d\d)\b")
_EACH = {"a", "per", "each", "every", "an"}
_BEFORE_A_TIME = {"in", "about", "within", "after", "for", "over"}  # `in a month`
_AGED = {"old", "age"}
_TIMES = {"week", "month", "year"}
_WITHOUT_A_NUMBER = {"couple", "a", "half", "baby", "every", "each", "per", *_TIMES, *_FREQUENCY_WORDS}
_STATING = frozenset({*SPOKEN, "hundred", "thousand", *_WITHOUT_A_NUMBER, *_MONTHS} - {"a", "an", "may"})
_DIGIT = re.compile(r"\d")
_CLASSES = {"type", "stage"}  # `type 2`: a name, not an amount
_LARGE = 100
_STRICT = _CLASSES | {"month_of_year"}  # always said as what they are


class Quantity(NamedTuple):
    """A value with its unit, '' where none is named, over text[start:end]. Tokens [first:last]."""

    value: float
    unit: str
    start: int
    end: int
    first: int
    last: int

    def same(self, other: "Quantity") -> bool:
        """Whether both say the same: equal values in one unit, equal times in two, or a value where one names no unit."""
        if self.unit != other.unit and (self.unit in _STRICT or other.unit in _STRICT):
            return False
        if self.unit == other.unit or not self.unit or not other.unit:
            return math.isclose(self.value, other.value, rel_tol=0.001)
        mine, theirs = _days().get(self.unit), _days().get(other.unit)
        return bool(mine and theirs and math.isclose(self.value * mine, other.value * theirs, rel_tol=0.02))

    @property
    def is_distinctive(self) -> bool:
        """Whether the value alone tells what is meant: `100.4`, `325` hardly come up twice."""
        return self.value != int(self.value) or self.value >= _LARGE

    def comparable(self, other: "Quantity") -> bool:
        """Whether the two measure the same kind of thing, so that a difference of values is a difference."""
        if not self.unit or not other.unit:
            return False
        return self.unit == other.unit or (self.unit in _days() and other.unit in _days())


def quantities(text: str, found: Sequence[Token]) -> list[Quantity]:
    """Every number of a text with its unit, and frequencies that need no number (`daily`, `BID`)."""
    if _STATING.isdisjoint([token.word for token in found]) and not _DIGIT.search(text):
        return []
    result, taken = _dates(text, found)
    spoken = [number for number in numbers(found) if not taken & set(range(number.first, number.last))]
    for n, number in enumerate(spoken):
        following = spoken[n + 1] if n + 1 < len(spoken) else None
        previous = spoken[n - 1] if n else None
        unit, last = _unit(text, found, number, previous, following)
        taken.update(range(number.first, last))
        result.append(_quantity(number.value, unit, found, number.first, last))
        if unit in _DOSES and [token.word for token in found[last : last + 2]] in (
            ["a", "day"],
            ["per", "day"],
            ["each", "day"],
        ):
            result.append(_quantity(1, "per_day", found, last, last + 2))
    for at, token in enumerate(found):
        if token.word not in _WITHOUT_A_NUMBER or at in taken:
            continue
        if token.word == "couple":
            after = at + 2 if at + 1 < len(found) and found[at + 1].word == "of" else at + 1
            if after < len(found) and found[after].stem in _units():
                result.append(_quantity(2, _units()[found[after].stem], found, at, after + 1))
        elif (
            token.word == "a"
            and at
            and found[at - 1].word in _BEFORE_A_TIME
            and _is_time(found, at + 1)
            and not _is_half_after(found, at + 2)
        ):
            result.append(_quantity(1, _units()[found[at + 1].stem], found, at, at + 2))
        elif token.word == "half" and at + 2 < len(found) and found[at + 1].word in ("a", "an"):
            if found[at + 2].stem in _units():  # `half an hour`, `half a cc`
                result.append(_quantity(0.5, _units()[found[at + 2].stem], found, at, at + 3))
        elif _is_half_after(found, at + 1) and _is_time(found, at):
            result.append(_quantity(1.5, _units()[token.stem], found, at, at + 4))
        elif token.word == "baby" and at + 1 < len(found) and found[at + 1].word == "aspirin":
            result.append(_quantity(81, "mg", found, at, at + 1))
        elif token.word in _FREQUENCY_WORDS:
            value, unit = _FREQUENCY_WORDS[token.word]
            result.append(_quantity(value, unit, found, at, at + 1))
        elif token.word in ("every", "each", "per") and at + 1 < len(found) and found[at + 1].stem in _PERIODS:
            result.append(
                _quantity(1, f"per_{_PERIODS.get(found[at + 1].stem, found[at + 1].stem)}", found, at, at + 2)
            )
    return sorted(result, key=lambda quantity: quantity.start)


def _is_half_after(found: Sequence[Token], at: int) -> bool:
    return at + 2 < len(found) and (found[at].word, found[at + 1].word, found[at + 2].word) == ("and", "a", "half")


def _is_time(found: Sequence[Token], at: int) -> bool:
    return at < len(found) and found[at].stem in _TIMES and found[at].word == found[at].stem


def _dates(text: str, found: Sequence[Token]) -> tuple[list[Quantity], set[int]]:
    """Dates and times of day in figures, taken apart, and names of months; with the tokens they take."""
    result: list[Quantity] = []
    taken: set[int] = set()
    if "/" in text or ":" in text or "-" in text:
        for match in (*_DATE.finditer(text), *_CLOCK.finditer(text)):
            within = [n for n, token in enumerate(found) if match.start() <= token.start and token.end <= match.end()]
            values = _date_values(match)
            if not within or not values:
                continue
            taken.update(within)
            result += [_quantity(value, unit, found, within[0], within[-1] + 1) for value, unit in values]
    for n, token in enumerate(found):
        if token.word in _MONTHS and (token.word != "may" or (n + 1 < len(found) and found[n + 1].word[0].isdigit())):
            result.append(_quantity(_MONTHS[token.word], "month_of_year", found, n, n + 1))
            taken.add(n)
    return result, taken


def _date_values(match: re.Match[str]) -> list[tuple[float, str]]:
    parts = match.groupdict()
    if "hour" in parts:
        minute = float(parts["minute"])
        return [(float(parts["hour"]), "clock")] + ([(minute, "")] if minute else [])
    month, day, year = (
        parts["month"] or parts["month_"] or parts["m"],
        parts["day"] or parts["d"],
        parts["year"] or parts["year_"],
    )
    if not 1 <= int(month) <= 12 or (day and int(day) > 31):
        return []
    known = [(float(month), "month_of_year")] + ([(float(day), "day_of_month")] if day else [])
    return known + ([(float(year) + (2000 if len(year) == 2 else 0), "calendar_year")] if year else [])


def _quantity(value: float, unit: str, found: Sequence[Token], first: int, last: int) -> Quantity:
    return Quantity(value, unit, found[first].start, found[last - 1].end, first, last)


def _unit(
    text: str, found: Sequence[Token], number: Number, previous: Number | None, following: Number | None
) -> tuple[str, int]:
    """The unit of a number and where its words end."""
    at = number.last
    ratio = _ratio(text, found, number, previous, following)
    if ratio:
        return ratio, at
    words = [token.word for token in found[at : at + 5]]
    stems = [token.stem for token in found[at : at + 5]]
    if not words:
        return _bare(number), at
    if words[0] == "or" and following is not None and following.first == at + 1:
        return _unit(text, found, following, None, None)[0], at
    if words[:3] == ["y", ".", "o"] or words[:2] == ["y", "o"] or words[0] == "yo":
        return "age", at + (3 if words[1:2] == ["."] else 2 if words[0] == "y" else 1)
    if stems[0] in ("time", "x") or found[number.first].word in ("once", "twice"):
        skip = 1 if stems[0] in ("time", "x") else 0
        if len(words) > skip and words[skip] in _EACH:
            skip += 1
        if len(stems) > skip and stems[skip] in _PERIODS:
            return f"per_{_PERIODS[stems[skip]]}", at + skip + 1
        return "times", at + min(skip, 1)
    skip = 1 if stems[0] in ("more", "full", "straight", "hundr", "of") and len(words) > 1 else 0
    if stems[skip] in _units():
        unit = _units()[stems[skip]]
        end = at + skip + 1
        after = [token.word for token in found[end : end + 3]]
        if unit in ("year", "month", "week", "day") and after[:1] and after[0] in _AGED:
            return "age", end + 1
        if unit in ("day", "week", "hour") and number.first and found[number.first - 1].word in ("every", "q"):
            return f"every_{unit}", end
        if unit == "in" and words[skip] == "in":
            return "", at
        return unit, end
    if words[0] in ("or", "to", "and", "through", "dash") and following is not None and following.first == at + 1:
        unit, _ = _unit(text, found, following, None, None)  # of a range, both ends have the unit of the second
        return unit, at
    if _touches_range(text, found, number, following):
        unit, _ = _unit(text, found, following, None, None) if following else ("", at)
        return unit, at
    if words[0] in ("a", "per", "each") and len(stems) > 1 and stems[1] in ("day", "night", "week", "month"):
        return f"per_{_PERIODS.get(stems[1], stems[1])}", at + 2
    before = found[number.first - 1].word if number.first else ""
    return before if before in _CLASSES else _bare(number), at


def _ratio(text: str, found: Sequence[Token], number: Number, previous: Number | None, following: Number | None) -> str:
    """`132/80`, `132 over 80`, `6/10`, `2 out of 6`: the unit of either number of such a pair."""
    if following is not None and _joins(text, found, number, following):
        return "mmhg" if number.value >= 50 and following.value >= 30 else "of_scale"
    if previous is not None and _joins(text, found, previous, number):
        return "mmhg" if previous.value >= 50 and number.value >= 30 else "scale"
    return ""


def _joins(text: str, found: Sequence[Token], left: Number, right: Number) -> bool:
    between = text[found[left.last - 1].end : found[right.first].start].strip().lower()
    return between in ("/", "over", "out of", "of", "on top of")


def _touches_range(text: str, found: Sequence[Token], number: Number, following: Number | None) -> bool:
    if following is None:
        return False
    return text[found[number.last - 1].end : found[following.first].start].strip() in ("-", "–")


def _bare(number: Number) -> str:
    whole = number.value == int(number.value)
    return "calendar_year" if whole and 1900 <= number.value <= 2035 else ""


@cache
def _table() -> Mapping[str, Mapping[str, object]]:
    data: Mapping[str, Mapping[str, object]] = read_yaml(
        resources.files("medsynth_assets.quality.language") / "data/units.yaml"
    )
    return data


@cache
def _units() -> dict[str, str]:
    """Unit by the stem of each word that names it."""
    return {stem(word): unit for unit, row in _table().items() for word in row["words"]}  # type: ignore[attr-defined]


@cache
def _days() -> dict[str, float]:
    return {unit: float(row["days"]) for unit, row in _table().items() if "days" in row}  # type: ignore[arg-type]
