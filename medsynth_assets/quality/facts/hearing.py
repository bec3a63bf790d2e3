"""A dialogue as it is heard: where each meaning comes up, and whether it is affirmed, denied, or only asked."""

import re
from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

from medsynth_assets.quality.language import negation, supposing
from medsynth_assets.quality.language.lexicon import Sense, lexicon
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.sides import sides
from medsynth_assets.quality.language.tokens import Token, stem, tokens


class Turn(NamedTuple):
    """Who speaks (lower case) and what."""

    speaker: str
    text: str


class Voice(IntEnum):
    """How a meaning is said."""

    AFFIRMED = 1
    DENIED = 2
    ASKED = 3  # and never answered
    OPEN = 4  # asked, and answered with something else than yes or no
    SUPPOSED = 5  # `if you get a fever`, `call for any fever`: neither so nor not so


class Hit(NamedTuple):
    turn: int
    at: int  # token
    voice: Voice
    answer: int = -1  # the turn that answers, where it was asked


class Heard(NamedTuple):
    """What a dialogue says, by meaning; its quantities and sides by turn."""

    turns: Sequence[Turn]
    hits: dict[str, list[Hit]]
    phrases: dict[
        tuple[int, int], tuple[str, ...]
    ]  # meanings of phrases over the word that starts at (turn, character)
    quantities: list[list[Quantity]]
    sides: list[list[tuple[int, str]]]
    offsets: list[int]  # tokens before each turn, so that places of different turns have a distance


_QUESTION = re.compile(
    r"\b(?:do you|have you|are you|did you|were you|is there|are there|was there|how about|what about|does (?:it|that|this|he|she|your)|is (?:it|that|this|he|she|your)|"
    r"any|you have|ever|had you|has (?:it|he|she|your)|can you|could you|would you say|when|what|where|how|who|which|why|you're|you 're|"
    r"no (?=[a-z]+ (?:pain|ache|issue|problem)))\b",
    re.IGNORECASE,
)
_ANY = re.compile(r"\bany(?:thing)?\b", re.IGNORECASE)
_CLOSES = re.compile(
    r"\b(?:else|though|only|just|that's (?:about )?(?:it|all)|other than that|otherwise|no|not|none|nothing)\b",
    re.IGNORECASE,
)
_OPEN_STEMS = frozenset(map(stem, ("what", "where", "when", "how", "who", "which", "why")))
_DOUBT = {"any", "anything", "ever", "if", "or", "whether"}
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
_SHORT_ANSWER = 8  # words
_TAGS = set("okay ok alright all right you know yeah huh correct so does that sound good make sense how".split())
_NO_QUESTION = re.compile(
    r"\bany (?:other |further |more )?questions\b|\bif you\b|\bwhat (?:i'm|we're|we|i)\b", re.IGNORECASE
)
_QUESTION_ENDS = {"that", "else", "all", "?"}  # `or anything like that`, `or anything else`, `at all`
_LAST_CUE, _BETWEEN_CUES, _LONGEST_QUESTION = 30, 15, 45  # tokens, in a turn without a question mark
_BRIEF = 8  # tokens of a question without any word that asks: `okay coughing headache`


def hear(turns: Sequence[Turn]) -> Heard:
    """Read a dialogue once, for any number of facts."""
    hits: dict[str, list[Hit]] = {}
    phrases: dict[tuple[int, int], tuple[str, ...]] = {}
    numbers: list[list[Quantity]] = []
    aside: list[list[tuple[int, str]]] = []
    read = [tokens(turn.text) for turn in turns]
    heard = [lexicon().heard(found) for found in read]
    for n, (turn, found) in enumerate(zip(turns, read, strict=True)):
        text = turn.text
        known = quantities(text, found)
        numbers.append(known)
        aside.append(sides(found))
        denied = negation.spoken(found)
        supposed = supposing.supposed(found)
        until = len(found)
        asked_from = _asked_from(text, found)
        if asked_from is None and _is_brief_question(turns, found, n):
            asked_from = 0
        reply, answering = _reply(turns, found, n) if asked_from is not None else (None, -1)
        if asked_from is not None and (ended := _own_answer(found, asked_from)) is not None:
            reply, answering, until = False, n, ended
        taken_up = (
            _taken_up(heard, n, answering, asked_from)
            if reply in (True, "open") and answering > n and _is_list(found, asked_from)
            else frozenset()
        )
        left_out = False if taken_up and _is_closed(turn, turns[answering]) else "open"
        answered = _answered(read[answering], heard[answering]) if answering > n else {}
        is_presumed = reply == "open" and asked_from is not None and _presumes(found, asked_from)
        for sense, says_absent in _widest(heard[n]):
            is_asked = asked_from is not None and asked_from <= sense.first < until
            own = left_out if taken_up and sense.meaning not in taken_up else reply
            is_denied = negation.denies_phrase(found, denied, sense.first, sense.last)
            voice = _voice(is_asked, is_denied, own, says_absent)
            if is_asked and answering > n and sense.meaning in answered:
                voice = answered[sense.meaning]
            elif voice is Voice.AFFIRMED and supposed[sense.first] and not is_asked:
                voice = Voice.SUPPOSED
            elif (voice is Voice.OPEN and is_presumed) or (is_asked and _is_owned(found, sense.first)):
                voice = Voice.AFFIRMED
            hits.setdefault(sense.meaning, []).append(Hit(n, sense.first, voice, answering if is_asked else -1))
            if sense.meaning[0] == "=":
                for token in found[sense.first : sense.last]:
                    phrases[n, token.start] = (*phrases.get((n, token.start), ()), sense.meaning)
    return Heard(turns, hits, phrases, numbers, aside, list(accumulate((len(found) for found in read), initial=0)))


def _widest(senses: Sequence[tuple[Sense, bool]]) -> Sequence[tuple[Sense, bool]]:
    """The senses without those inside a longer phrase of the same meaning: in `poor appetite`, `appetite` does not say
    that there is one."""
    if not any(says_absent for _, says_absent in senses):
        return senses
    spans: dict[str, list[tuple[int, int]]] = {}
    for sense, _ in senses:
        spans.setdefault(sense.meaning, []).append((sense.first, sense.last))
    return [
        (sense, says_absent)
        for sense, says_absent in senses
        if not any(
            first <= sense.first and sense.last <= last and sense.last - sense.first < last - first
            for first, last in spans[sense.meaning]
        )
    ]


def _voice(is_asked: bool, is_denied: bool, reply: bool | str | None, says_absent: bool) -> Voice:
    """How a phrase is said; one that says its meaning's absence turns a yes into a no."""
    if not is_asked:
        voice = Voice.DENIED if is_denied else Voice.AFFIRMED
    elif reply is None:
        return Voice.ASKED
    elif reply == "open":
        voice = Voice.DENIED if is_denied else Voice.OPEN
    elif reply is True and is_denied:  # `so no fever?` `right`
        voice = Voice.DENIED
    else:
        voice = Voice.AFFIRMED if reply is True else Voice.DENIED
    opposite = {Voice.DENIED: Voice.AFFIRMED, Voice.AFFIRMED: Voice.DENIED}
    return opposite.get(voice, voice) if says_absent else voice


def _asked_from(text: str, found: Sequence[Token]) -> int | None:
    """The first token of what a turn asks at its end; None where it asks nothing."""
    marks = [n for n, token in enumerate(found) if token.word == "?" and not _is_tag(found, n)]
    if not marks and "?" in text:
        return None
    if marks:
        last = marks[-1]
        after = len(found) - 1 - last
        if after > 12:
            return None  # goes on to tell
        start = last
        while start > 0 and found[start - 1].word not in (".", "!"):
            start -= 1
        return start
    if "." in text and text.rstrip().endswith("."):
        return None
    ignored = [match.span() for match in _NO_QUESTION.finditer(text)]
    cues = [
        next((n for n, token in enumerate(found) if token.start >= match.start()), len(found))
        for match in _QUESTION.finditer(text)
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


def _is_owned(found: Sequence[Token], first: int) -> bool:
    """`anything new for your asthma?` takes the asthma for granted, whatever the answer."""
    return first > 1 and found[first - 1].word == "your" and found[first - 2].word == "for"


def _is_list(found: Sequence[Token], asked_from: int | None) -> bool:
    """Whether a question names several things, of which its answer may take up one."""
    return any(token.word in ("or", ",") for token in found[asked_from:])


def _is_closed(asking: Turn, answer: Turn) -> bool:
    """Whether what an answer to a list leaves out is not there: `any cough, fever or chills?` `a cough, but that's it`."""
    return bool(_ANY.search(asking.text) and _CLOSES.search(answer.text))


def _presumes(found: Sequence[Token], asked_from: int) -> bool:
    """`how often do you get the headaches` takes them for granted; `how about headaches`, `any headaches` do not."""
    asked = found[asked_from:]
    return any(
        token.stem in _OPEN_STEMS and (n + 1 == len(asked) or asked[n + 1].word != "about")
        for n, token in enumerate(asked)
    ) and not any(token.word in _DOUBT for token in asked)


def _own_answer(found: Sequence[Token], asked_from: int) -> int | None:
    """Where the no stands that answers a turn's question in the same turn, as transcripts without speakers' changes have
    it: `any cough or anything like that no i feel fine`."""
    return next(
        (
            n
            for n in range(asked_from + 1, len(found))
            if found[n].word in ("no", "nope") and found[n - 1].word in _QUESTION_ENDS and n > asked_from + 2
        ),
        None,
    )


def _is_brief_question(turns: Sequence[Turn], found: Sequence[Token], n: int) -> bool:
    """A doctor's few words, no statement of somebody, before a plain no."""
    if turns[n].speaker != "doctor" or not found or len(found) > _BRIEF or n + 1 >= len(turns):
        return False
    if turns[n + 1].speaker == turns[n].speaker or not _NO.match(_FILLER.sub("", turns[n + 1].text.strip())):
        return False
    return not any(token.word in ("i", "you", "we", "it", "that", "there", "your", "not", "no") for token in found)


def _is_tag(found: Sequence[Token], n: int) -> bool:
    """`..., okay?` asks for a nod, not for a fact."""
    before = next((k for k in range(n - 1, -1, -1) if found[k].word in (",", ".", "?")), -1)
    words = [token.word for token in found[before + 1 : n]]
    return bool(words) and all(word in _TAGS for word in words)


def _answered(found: Sequence[Token], senses: Sequence[tuple[Sense, bool]]) -> dict[str, Voice]:
    """What an answer names itself: `a bit of numbness, but nothing tingling`."""
    denied = negation.spoken(found)
    wished = supposing.supposed(found)
    voices: dict[str, set[bool]] = {}
    for sense, says_absent in senses:
        if wished[sense.first] and not denied[sense.first]:
            continue
        is_denied = negation.denies_phrase(found, denied, sense.first, sense.last)
        voices.setdefault(sense.meaning, set()).add(is_denied != says_absent)
    return {m: Voice.DENIED if True in said else Voice.AFFIRMED for m, said in voices.items() if len(said) == 1}


def _taken_up(
    heard: Sequence[Sequence[tuple[Sense, bool]]], n: int, answering: int, asked_from: int | None
) -> frozenset[str]:
    """What of a question its answer names: `body aches, joint pain?` `a bit of joint pain`. The rest stays open."""
    asked = {sense.meaning for sense, _ in heard[n] if asked_from is not None and sense.first >= asked_from}
    return frozenset(asked & {sense.meaning for sense, _ in heard[answering]})


def _reply(turns: Sequence[Turn], found: Sequence[Token], n: int) -> tuple[bool | str | None, int]:
    """What the next turn of somebody else answers: True for yes, False for no, 'open', or None where nobody answers."""
    if found and found[-1].word in ("no", "nope"):
        return False, n  # transcribed into the question's own turn
    if n + 1 >= len(turns) or turns[n + 1].speaker == turns[n].speaker:
        return None, -1
    answer = _FILLER.sub("", turns[n + 1].text.strip())
    if _NO.match(answer):
        return False, n + 1
    if _YES.match(answer):
        return True, n + 1
    if len(answer.split()) <= _SHORT_ANSWER and _NO_AT_LAST.search(answer):
        return False, n + 1
    return ("open", n + 1) if answer.strip(" .,-") else (None, -1)
