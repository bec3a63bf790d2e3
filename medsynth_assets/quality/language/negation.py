"""Which words of a text are denied: the scope of `no`, `denies`, `n't`, `without`."""

from collections.abc import Sequence

from medsynth_assets.quality.language.tokens import Token

_CUES = {"no", "not", "deni", "without", "never", "none", "neither", "nor", "absent", "lack", "cannot"}
_ENDS = {
    "but",
    "howev",
    "although",
    "though",
    "except",
    "besid",
    "report",
    "endors",
    "because",
    "so",
    "which",
    "who",
    "becaus",
}
_ENDS_SPOKEN = {"it", "i", "he", "she", "they", "we", "just", "okay", "alright", "and", "yeah", "sometim", "onli"}
_AFTER_ANSWER = _ENDS_SPOKEN | {
    "no", "not", ",", ".", "anyth", "noth", "that", "but", "uh", "um", "there", "my", "actual", "you", "pleas", "the", "thank", "veri", "at",
}  # fmt: skip
_NOT_DENYING = {
    "onli",
    "sure",
    "longer",
    "problem",
    "worri",
    "matter",
    "later",
}  # `not only`, `no longer`, `no problem`
_AFFIRMING = {
    "normal",
    "regular",
    "clear",
    "intact",
    "symmetr",
    "soft",
    "posit",
    "full",
    "good",
    "stabl",
    "mild",
    "moder",
    "sever",
}


def charted(found: Sequence[Token]) -> list[bool]:
    """Of each token of a note's sentence, whether it is denied. A denial runs on through a list."""
    denied, on, has_list_end = [], False, False
    for n, token in enumerate(found):
        if _denies(found, n):
            on, has_list_end = True, False
        elif on and (token.stem in _ENDS or token.word in (".", ";")):
            on = False
        elif on and token.word == ",":
            has_list_end = True
        elif (on and has_list_end and token.stem in _AFFIRMING and found[n - 1].word in (",", "and")) or (
            on
            and token.word in ("he", "she", "they", "is", "are", "has", "with", "does", "there", "will", "we")
            and (has_list_end or found[n - 1].word == "and")
        ):
            on = False
        denied.append(on)
    return denied


def spoken(found: Sequence[Token], reach: int = 9) -> list[bool]:
    """Of each token of what somebody says, whether it is denied. Without punctuation a denial ends at the next clause."""
    denied, left = [], 0
    for n, token in enumerate(found):
        if _denies(found, n):
            left = reach
            if token.word in ("no", "nope") and n + 1 < len(found) and found[n + 1].stem in _AFTER_ANSWER:
                left = 0  # an answer, not the start of `no pain`
        elif left:
            if (
                (token.word in (".", ",", "?", ";", "!") and token.word != ",")
                or (
                    token.word == ","
                    and n + 1 < len(found)
                    and found[n + 1].stem in _ENDS | _AFTER_ANSWER - {"and", "no", "not"}
                )
                or token.stem in _ENDS
                or (token.stem in _ENDS_SPOKEN and found[n - 1].stem not in _CUES and not _goes_on(found, n))
            ):
                left = 0
            else:
                left = reach if token.word in (",", "or", "nor") else left - 1  # a list goes on
        denied.append(left > 0)
    return denied


def _goes_on(found: Sequence[Token], n: int) -> bool:
    """`I don't think it hurts`, `no pain and no swelling`: the denial holds beyond the pronoun or the `and`."""
    return found[n - 1].stem in ("think", "believ", "feel", "notic", "say", "see") or (
        found[n].word == "and"
        and n + 1 < len(found)
        and found[n + 1].stem not in _ENDS_SPOKEN | {"be", "then", "my", "the", "that", "have"}
    )


def _denies(found: Sequence[Token], n: int) -> bool:
    following = found[n + 1] if n + 1 < len(found) else None
    if found[n].stem == "negat":  # `negative for blood`, but `negative margins`
        return following is not None and following.word == "for"
    return found[n].stem in _CUES and (following is None or following.stem not in _NOT_DENYING)
