"""What a turn asks at its end, by its words alone: from where to where, and what it takes for granted."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from medsynth_assets.quality.language.tokens import Token, lower, stem

# Of lower case: to search a text for them so takes half of the time of ignoring its case.
_QUESTION = re.compile(
    r"\b(?:do you|have you|are you|did you|were you|is there|are there|was there|how about|what about|does (?:it|that|this|he|she|your)|is (?:it|that|this|he|she|your)|"
    r"any|you have|ever|had you|has (?:it|he|she|your)|can you|could you|would you say|when|what|where|how|who|which|why|you're|you 're|"
    r"no (?=[a-z]+ (?:pain|ache|issue|problem)))\b",
)
_NO_QUESTION = re.compile(
    r"\bany (?:other |further |more )?questions\b|\bif you\b|\bwhat (?:i'm|we're|we|i)\b|\b(?:when|how|where) (?:i|i'm|i've)\b|"
    r"\bi(?:'ve|'m| have| had| do| did| am| was| ca| could| would)? ?(?:n't|not)(?: \w+){1,3}? any\b"  # `i have n't had any`
)
_ANY = re.compile(r"\bany(?:thing)?\b")
_OPEN_STEMS = frozenset(map(stem, ("what", "where", "when", "how", "who", "which", "why")))
_DOUBT = {"any", "anything", "ever", "if", "or", "whether"}
_TAGS = set("okay ok alright all right you know yeah huh correct so does that sound good make sense how".split())
_PLAIN_NO = {"no", "nope"}
_QUESTION_ENDS = {"that", "else", "all", "?"}  # `or anything like that`, `or anything else`, `at all`
_GOES_ON = 12  # tokens behind a question mark, from which a turn tells and does not ask
_LAST_CUE, _BETWEEN_CUES, _LONGEST_QUESTION = 30, 15, 45  # tokens, in a turn without a question mark
_KNOWN = {"your", "the", "this", "that", "these", "those"}
_BESIDE_KNOWN = {("along", "with"), ("together", "with"), ("other", "than"), ("apart", "from"), ("aside", "from")}
_STATES = {"i", "you", "we", "it", "that", "there", "your", "not", "no"}
_BRIEF = 8  # tokens of a question without any word that asks: `okay coughing headache`


class Question(NamedTuple):
    """What a turn asks at its end: its tokens [first:last], the rest of the turn tells."""

    first: int
    last: int
    is_answered_no: bool  # in the same turn, behind the question or at its end
    is_list: bool  # names several things, of which an answer may take up one
    is_presuming: bool  # takes for granted what it asks about
    owned: frozenset[int]  # the tokens of what it says that somebody has, whatever the answer


def asked(text: str, found: Sequence[Token]) -> Question | None:
    """The question at the end of a turn; None where it asks nothing."""
    first = _first(text, found)
    return None if first is None else _question(found, first)


def asked_briefly(found: Sequence[Token]) -> Question | None:
    """What a turn asks if a plain no follows, though its words alone ask nothing; None where they are many, or state it."""
    is_brief = 0 < len(found) <= _BRIEF and _STATES.isdisjoint([token.word for token in found])
    return _question(found, 0) if is_brief else None


def asks_for_any(text: str) -> bool:
    """`any fever, rash, or cough?`"""
    return bool(_ANY.search(lower(text)))


def _question(found: Sequence[Token], first: int) -> Question:
    words = [token.word for token in found]
    no = _own_no(words, first)
    return Question(
        first=first,
        last=len(words) if no is None else no,
        is_answered_no=no is not None or words[-1] in _PLAIN_NO,
        is_list="or" in words[first:] or "," in words[first:],
        is_presuming=_presumes(found[first:]),
        owned=_owned(words),
    )


def _first(text: str, found: Sequence[Token]) -> int | None:
    """The first token of what a turn asks at its end; None where it asks nothing."""
    if "?" in text:
        return _before_the_mark(found)
    if text.rstrip().endswith("."):
        return None
    return _from_the_cues(lower(text), found)


def _before_the_mark(found: Sequence[Token]) -> int | None:
    """The start of the sentence with the last question mark; None where the turn goes on to tell."""
    marks = [n for n, token in enumerate(found) if token.word == "?" and not _is_tag(found, n)]
    if not marks or len(found) - 1 - marks[-1] > _GOES_ON:
        return None
    start = marks[-1]
    while start > 0 and found[start - 1].word not in (".", "!"):
        start -= 1
    return start


def _from_the_cues(low: str, found: Sequence[Token]) -> int | None:
    """Without a question mark: the first of the words that ask, of those close together at the end of the turn."""
    ignored = [match.span() for match in _NO_QUESTION.finditer(low)]
    starts = [token.start for token in found]
    cues = [
        bisect_left(starts, match.start())
        for match in _QUESTION.finditer(low)
        if not any(start <= match.start() < end for start, end in ignored)
    ]
    if not cues or len(found) - cues[-1] > _LAST_CUE:
        return None
    first = cues[-1]
    for cue in reversed(cues):
        if first - cue > _BETWEEN_CUES or len(found) - cue > _LONGEST_QUESTION:
            break
        first = cue
    return first


def _is_tag(found: Sequence[Token], n: int) -> bool:
    """`..., okay?` asks for a nod, not for a fact."""
    before = next((k for k in range(n - 1, -1, -1) if found[k].word in (",", ".", "?")), -1)
    words = [token.word for token in found[before + 1 : n]]
    return bool(words) and all(word in _TAGS for word in words)


def _owned(words: Sequence[str]) -> frozenset[int]:
    """`anything new for your asthma?`, `any fever along with the headache?`: what is taken for granted, whatever the answer."""
    if _KNOWN.isdisjoint(words):
        return frozenset()
    return frozenset(
        n
        for n in range(2, len(words))
        if (words[n - 1] == "your" and words[n - 2] in ("for", "about"))
        or (n > 2 and words[n - 1] in _KNOWN and (words[n - 3], words[n - 2]) in _BESIDE_KNOWN)
    )


def _presumes(asked: Sequence[Token]) -> bool:
    """`how often do you get the headaches` takes them for granted; `how about headaches`, `any headaches` do not."""
    words = [token.word for token in asked]
    return _DOUBT.isdisjoint(words) and any(
        token.stem in _OPEN_STEMS and words[n + 1 : n + 2] != ["about"] for n, token in enumerate(asked)
    )


def _own_no(words: Sequence[str], first: int) -> int | None:
    """Where the no stands that answers a turn's question in the same turn, as transcripts without speakers' changes have
    it: `any cough or anything like that no i feel fine`."""
    if _PLAIN_NO.isdisjoint(words):
        return None
    behind = range(first + 3, len(words))
    return next((n for n in behind if words[n] in _PLAIN_NO and words[n - 1] in _QUESTION_ENDS), None)
