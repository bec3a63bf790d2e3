"""Which words of speech tell what may be, not what is: `call me if you get a fever`, `watch for any redness`."""

from collections.abc import Sequence

from medsynth_assets.quality.language.tokens import Token

_OPENS = {"if", "unless", "any", "anything", "whether", "wish", "might", "risk", "risks"}
_REACH = 8  # tokens, without punctuation to end the clause sooner
_ENDS = set(
    "but because so then please okay alright i we i'll we'll i'm we're i've we've unfortunately let call come give go , . ; ? !".split()
)
_LISTS = {"or", ","}
_SENTENCE_MARKS = {".", "?", "!"}
_TO_HELP = {"call", "come", "return", "911", "988"}  # what a warning tells to do
_STARTS = _OPENS | _TO_HELP
_TELLING = set(
    "i i've he she they we you you've have has had did".split()
)  # before it: `you come in for a cough` is no warning
_HOW_SOON = 5  # words between that and the `for` of what to do it for


def supposed(found: Sequence[Token]) -> list[bool]:
    """Of each token, whether it stands in a condition, behind `any`, or in a warning. A list keeps a condition open, a new
    clause ends it."""
    words = [token.word for token in found]
    if _STARTS.isdisjoint(words):
        return [False] * len(found)
    result, left = [], 0
    for n, word in enumerate(words):
        if word in _OPENS or (left and word in _LISTS and _goes_on(words, n)):
            left = _REACH
        elif left:
            is_end = word in _ENDS and words[n - 1] not in _OPENS  # `if i bend it`
            left = 0 if is_end else left - 1
        result.append(left > 0)
    for n, word in enumerate(words):
        if word in _TO_HELP and (n == 0 or words[n - 1] not in _TELLING):
            _warn(words, n, result)
    return result


def _goes_on(words: Sequence[str], n: int) -> bool:
    return n + 1 < len(words) and words[n + 1] not in _ENDS


def _warn(words: Sequence[str], n: int, result: list[bool]) -> None:
    """`call for a fever, chills or ...` up to the end of the sentence; `fever, chills: come back` from its start."""
    if n and words[n - 1] == ":":
        at = n - 1
        while at >= 0 and words[at] not in _SENTENCE_MARKS:
            result[at] = True
            at -= 1
    at = next((k for k in range(n + 1, min(n + 1 + _HOW_SOON, len(words))) if words[k] == "for"), len(words))
    end = next((k for k in range(at, len(words)) if words[k] in _SENTENCE_MARKS), -1)
    for k in range(at, end if end >= 0 else min(at + _REACH, len(words))):
        result[k] = True
