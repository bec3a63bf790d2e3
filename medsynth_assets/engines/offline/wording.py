"""Small English: lists, ages, sentences."""

import re
from collections.abc import Iterable, Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!Dr\.)(?<!Mr\.)(?<!Ms\.)(?<!Mrs\.) (?=[A-Z])|\n+")
_SMALL = "zero one two three four five six seven eight nine ten".split()


def listed(items: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(text: str) -> str:
    """Capital at the start, one full stop at the end."""
    text = " ".join(text.split())
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."


def sentences_of(text: str) -> list[str]:
    """What `paragraph` put together, and lines; a title (`Dr.`) ends no sentence."""
    return _SENTENCE_END.split(text)


def paragraph(sentences: Iterable[str]) -> str:
    return " ".join(s for s in map(sentence, sentences) if s)


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """For use inside a sentence; abbreviations and `I` keep their capitals."""
    if text.startswith("A ") or (len(text) > 1 and text[0].isupper() and text[1].islower()):
        return text[0].lower() + text[1:]
    return text


def age_adjective(years: float) -> str:
    """`58-year-old`, `7-month-old`, `2-week-old`."""
    if years < 1 / 12:
        return f"{max(1, round(years * 52))}-week-old"
    if years < 2:
        return f"{max(1, round(years * 12))}-month-old"
    return f"{int(years)}-year-old"


def person(years: float, gender: str) -> str:
    if years < 18:
        return "girl" if gender == "female" else "boy"
    return "woman" if gender == "female" else "man"


def count_word(number: int) -> str:
    return _SMALL[number] if 0 <= number < len(_SMALL) else str(number)


def with_article(phrase: str) -> str:
    """`a 58-year-old`, `an 80-year-old`, `an 11-year-old`."""
    number = phrase.partition("-")[0]
    vowel = number in ("8", "11", "18") or (len(number) == 2 and number[0] == "8") or phrase[0].lower() in "aeio"
    return f"{'an' if vowel else 'a'} {phrase}"


def bare(noun_phrase: str) -> str:
    """Without its article, to stand after `any`."""
    return noun_phrase.removeprefix("a ").removeprefix("an ").removeprefix("any ")


def starts_with_verb(phrase: str) -> bool:
    """`comes and goes` runs as `it comes and goes`; `gradually worse` does not."""
    first = phrase.split()[0]
    return first.endswith("s") and first not in ("always", "sometimes", "less")


def shares_word(name: str, spoken: str) -> bool:
    """Whether a word of a test's name is in what it is called aloud."""
    said = set(spoken.lower().replace(",", " ").split())
    return bool({word for word in name.lower().split() if len(word) > 2} & said)
