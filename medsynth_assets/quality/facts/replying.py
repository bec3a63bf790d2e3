"""What a turn replies, should the turn before it ask: yes, no, or something else."""

import re
from enum import Enum, auto

from medsynth_assets.quality.language.tokens import lower


class Reply(Enum):
    YES = auto()
    NO = auto()
    OPEN = auto()  # something else than yes or no


_FILLER = re.compile(
    r"^(?:(?:um|uh|well|oh|so|you know|hmm|mm|ah|i mean|like|okay|and|honestly|actually|let's see|let me think|i'm trying to think|gosh|thankfully|fortunately|luckily)\b[\s,.]*)+",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^(?:yes|yeah|yep|yup|ya|mm-?hmm|mhm|uh-?huh|correct|right|sure|absolutely|definitely|exactly|i do\b(?! n)|i am\b|i have\b(?! n)|i did\b(?! n)|i was\b(?! n)|it does\b(?! n)|"
    r"it is\b(?! n)|it has\b(?! n)|that's (?:right|correct)|a little|a bit|slight(?:ly)?\b|kind of|kinda|maybe a|just a (?:little|bit|few)|here and there|some\b|sometimes|occasionally|of course|every|all the time|pretty much|probably|they do\b|he does\b(?! n)|she does\b(?! n)|okay)",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:no|nope|nah|none|never|not(?! only)|nothing|neither|negative|i (?:do|did|have|am|was|ca|could|had) ?(?:n['’]t|not)|i(?:'m| am|'ve) not|don't|haven't|it (?:does|did|has|is|was) ?(?:n['’]t|not)|"
    r"(?:she|he|they) (?:does|did|has|is|do|have) ?(?:n['’]t|not))\b",
    re.IGNORECASE,
)
_NO_AT_LAST = re.compile(r"\b(?:no|nope|not really|not at all)[\s.,]*$", re.IGNORECASE)  # `on my arms no not really`
_SHORT = 8  # words
_CLOSES = re.compile(
    r"\b(?:else|though|only|just|that's (?:about )?(?:it|all)|other than that|otherwise|no|not|none|nothing(?! out of| unusual| major| serious| too| bad| crazy))\b"
)


def replied(text: str) -> Reply | None:
    """What a text replies to a question; None where nothing is left of it without fillers and marks."""
    told = _told(text)
    if _NO.match(told):
        return Reply.NO
    if _YES.match(told):
        return Reply.YES
    if len(told.split()) <= _SHORT and _NO_AT_LAST.search(told):
        return Reply.NO
    return Reply.OPEN if told.strip(" .,-") else None


def is_plain_no(text: str) -> bool:
    """Whether a text starts with a no, after fillers."""
    return bool(_NO.match(_told(text)))


def is_closing(text: str) -> bool:
    """Whether a reply to a list says that there is no more: `a cough, but that's it`."""
    return bool(_CLOSES.search(lower(text)))


def _told(text: str) -> str:
    """The text from its first telling word."""
    return _FILLER.sub("", text.strip())
