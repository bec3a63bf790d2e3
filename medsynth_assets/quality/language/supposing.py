"""Which words of speech tell what may be, not what is: `call me if you get a fever`, `watch for any redness`."""

from collections.abc import Sequence

from medsynth_assets.quality.language.tokens import Token

_OPENS = {"if", "unless", "any", "anything", "whether", "wish"}
_REACH = 8  # tokens, without punctuation to end the clause sooner
_ENDS = set("but because so then please okay alright i we i'll we'll i'm we're let call come give go , . ; ? !".split())
_LISTS = {"or", ","}
_SENTENCE_MARKS = {".", "?", "!"}
_TO_HELP = {"call", "come", "return", "911", "988"}  # what a warning tells to do
_TELLING = set(
    "i i've he she they we you you've have has had did".split()
)  # before it: `you come in for a cough` is no warning
_HOW_SOON = 5  # words between that and the `for` of what to do it for


def supposed(found: Sequence[Token]) -> list[bool]:
    """Of each token, whether it stands in a condition, behind `any`, or in a warning. A list keeps a condition open, a new
    clause ends it."""
    result, left = [], 0
    for n, token in enumerate(found):
        if token.word in _OPENS or (left and token.word in _LISTS and _goes_on(found, n)):
            left = _REACH
        elif left:
            is_end = token.word in _ENDS and found[n - 1].word not in _OPENS  # `if i bend it`
            left = 0 if is_end else left - 1
        result.append(left > 0)
    for n, token in enumerate(found):
        if token.word in _TO_HELP and (n == 0 or found[n - 1].word not in _TELLING):
            _warn(found, n, result)
    return result


def _goes_on(found: Sequence[Token], n: int) -> bool:
    return n + 1 < len(found) and found[n + 1].word not in _ENDS


def _warn(found: Sequence[Token], n: int, result: list[bool]) -> None:
    """`call for a fever, chills or ...` up to the end of the sentence; `fever, chills: come back` from its start."""
    if n and found[n - 1].word == ":":
        at = n - 1
        while at >= 0 and found[at].word not in _SENTENCE_MARKS:
            result[at] = True
            at -= 1
    at = next((k for k in range(n + 1, min(n + 1 + _HOW_SOON, len(found))) if found[k].word == "for"), len(found))
    end = next((k for k in range(at, len(found)) if found[k].word in _SENTENCE_MARKS), -1)
    for k in range(at, end if end >= 0 else min(at + _REACH, len(found))):
        result[k] = True
