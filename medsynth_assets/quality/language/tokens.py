"""Words of a text with their places and stems."""

import re
import threading
from functools import lru_cache, partial
from typing import NamedTuple

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")
_one_word_at_a_time = threading.Lock()  # the stemmer keeps the word that it works on
_TOKEN = re.compile(  # of lower case; most words are the first kind, plain letters
    r"[a-z]++(?![\d'’-])|[a-z]\d-[a-z]?\d\b|[a-z]{1,5}-?\d+[a-z]{0,2}\b|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+|[a-z]+(?=n['’]t\b)|n['’]t\b|[a-z]+(?:['’](?:s|re|ve|ll|d|m|t)\b)?|%|\?|\.(?=\s|$)|[,;:!]"
)
_IRREGULAR = {
    "felt": "feel", "feeling": "feel", "took": "take", "taken": "take", "went": "go", "gone": "go", "saw": "see", "seen": "see",
    "got": "get", "gotten": "get", "gave": "give", "given": "give", "fell": "fall", "fallen": "fall", "broke": "break",
    "broken": "break", "hurt": "hurt", "slept": "sleep", "ate": "eat", "eaten": "eat", "drank": "drink", "drunk": "drink",
    "worse": "worse", "worsening": "worse", "worsened": "worse", "worsen": "worse", "better": "better", "children": "child",
    "feet": "foot", "teeth": "tooth", "men": "man", "women": "woman", "ran": "run", "threw": "throw", "thrown": "throw",
    "lost": "lose", "loss": "lose", "grew": "grow", "began": "begin", "begun": "begin", "kept": "keep", "left-sided": "left",
    "right-sided": "right", "dying": "die", "died": "die", "dead": "die", "bled": "bleed", "stung": "sting", "woke": "wake",
    "swollen": "swell", "swole": "swell", "vomitted": "vomit", "tore": "tear", "torn": "tear", "bitten": "bite", "bit": "bit",
    "breathe": "breath", "breathing": "breath", "breathless": "breathless", "pains": "pain", "painful": "pain", "aching": "ache",
    "achy": "ache", "dizziness": "dizzi", "dizzy": "dizzi", "itchy": "itch", "teary": "tear", "caught": "catch", "quit": "quit",
    "strength": "strength", "strong": "strong", "was": "be", "were": "be", "is": "be", "are": "be", "been": "be", "am": "be",
    "had": "have", "has": "have", "having": "have", "did": "do", "does": "do", "done": "do", "doing": "do",
    "yrs": "year", "yr": "year", "wks": "week", "wk": "week", "mos": "month", "hrs": "hour", "hr": "hour", "mins": "minut",
}  # fmt: skip


class Token(NamedTuple):
    """A word, number or mark of a text: text[start:end], and its stem (marks are their own)."""

    word: str
    stem: str
    start: int
    end: int


_token = partial(tuple.__new__, Token)  # a third of the time of Token(...), which reads every word of every text


@lru_cache(maxsize=1_024)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text in order, lower case. `n't` and `not` have the stem `not`."""
    return tuple(
        _token((word, stem(word), match.start(), match.end()))
        for match in _TOKEN.finditer(lower(text))
        for word in (match.group(),)
    )


def lower(text: str) -> str:
    """The text in lower case, each character where it was (`İ` has two in lower case)."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(one.lower()[0] for one in text)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem under which forms of a word meet: Snowball's English, with irregular forms of clinical talk first."""
    word = word.replace("’", "'")
    if word[0].isalpha() and word[-2:].strip("abcdefghijklmnopqrstuvwxyz") and "'" not in word:
        return word.replace("-", "")  # covid-19, a1c, b12, c5-6
    if word == "n't":
        return "not"
    if "'" in word:
        head, _, tail = word.partition("'")
        word = head if tail in ("s", "re", "ve", "ll", "d", "m") else word.replace("'", "")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word[0].isdigit():
        return word.replace(",", "")
    if not word[0].isalpha():
        return word
    with _one_word_at_a_time:
        return str(_STEMMER.stemWord(word))
