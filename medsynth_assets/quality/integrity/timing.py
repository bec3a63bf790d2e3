"""Age arithmetic: what happened at an age or so many years ago must fit into the patient's life."""

import re
from collections.abc import Iterator

from medsynth_assets.quality.integrity.chart import Chart
from medsynth_assets.quality.integrity.finding import Finding
from medsynth_assets.quality.integrity.holding import is_held

_STATED = re.compile(r"\b(\d{1,3})[- ]years?[- ]old\b|\b(\d{1,3})\s?(?:y/?o|yo)\b", re.IGNORECASE)
_STATED_MONTHS = re.compile(r"\b(\d{1,2})[- ]months?[- ]old\b", re.IGNORECASE)
_AT_AGE = re.compile(
    r"\b(?:diagnosed|started|quit|surgery|since|onset|began|menarche|menopause|appendectomy|hysterectomy|delivered|married)\b"
    r"[^.;]{0,40}?\bat (?:the )?(?:age (?:of )?)?(\d{1,2})\b(?! (?:mg|weeks|months|days|hours|am|pm|%|o'clock))",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"\b(?:for|over|about|past|last|quit|stopped|smoked|diagnosed)\s+(?:the (?:past|last) )?(?:about |over |approximately )?(\d{1,2})[- ]years?\b(?! old)|"
    r"\b(\d{1,2}) years ago\b",
    re.IGNORECASE,
)
_PACK_YEARS = re.compile(r"\b(\d{1,3}(?:\.\d)?)[- ]pack[- ]years?\b", re.IGNORECASE)
_PREGNANT = re.compile(r"\b(?:is pregnant|currently pregnant|weeks pregnant|pregnant at|gravid)\b", re.IGNORECASE)
_FERTILE_YEARS = (10.0, 55.0)
_FIRST_SMOKE = 8.0  # years; pack-years are counted from here
_MOST_PACKS = 3.0  # a day


def timing(chart: Chart) -> Iterator[Finding]:
    age = chart.subject.age_years if chart.subject.age_years is not None else stated_age(chart)
    if age is None:
        return
    for sentence in chart.sentences:
        if sentence.part == "family":
            continue
        for match in _AT_AGE.finditer(sentence.text):
            if int(match[1]) > age and is_held(sentence.text, match.start()):
                yield Finding("age_arithmetic", sentence.text, f"{match.group()}: the patient is {age:g}")
        for match in _YEARS.finditer(sentence.text):
            if int(match[1] or match[2]) > age and is_held(sentence.text, match.start()):
                yield Finding("age_arithmetic", sentence.text, f"{match.group()}: the patient is {age:g}")
        for match in _PACK_YEARS.finditer(sentence.text):
            most = max(0.0, age - _FIRST_SMOKE) * _MOST_PACKS
            if float(match[1]) > most and is_held(sentence.text, match.start()):
                yield Finding("age_arithmetic", sentence.text, f"{match.group()} at {age:g}: at most {most:g}")
        for match in _PREGNANT.finditer(sentence.text):
            fertile = _FERTILE_YEARS[0] <= age <= _FERTILE_YEARS[1] and chart.subject.sex != "male"
            if not fertile and is_held(sentence.text, match.start()):
                yield Finding("age_arithmetic", sentence.text, f"{match.group()} at age {age:g}")
    stated = stated_age(chart)
    if stated is not None and chart.subject.age_years is not None and int(stated) != int(chart.subject.age_years):
        where = next(s for s in chart.sentences if _STATED.search(s.text) or _STATED_MONTHS.search(s.text))
        yield Finding("age_arithmetic", where.text, f"the note says {stated:g}, the record {chart.subject.age_years:g}")


def stated_age(chart: Chart) -> float | None:
    """Years, as the first sentence that states an age of the patient has it."""
    for sentence in chart.sentences:
        match = _STATED.search(sentence.text)
        if match and is_held(sentence.text, match.start()):
            return float(match[1] or match[2])
        match = _STATED_MONTHS.search(sentence.text)
        if match and is_held(sentence.text, match.start()):
            return int(match[1]) / 12
    return None
