"""A dialogue as it is heard: where each meaning comes up, and whether it is affirmed, denied, or only asked."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from medsynth_assets.quality.language import negation, supposing
from medsynth_assets.quality.language.lexicon import Sense, lexicon
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.sides import sides
from medsynth_assets.quality.language.tokens import Token, lower, stem, tokens

if TYPE_CHECKING:
    from medsynth_assets.quality.facts.mentioning import Mentioned, PartKey


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


@dataclass(frozen=True)
class Heard:
    """What a dialogue says: turn by turn, and by meaning."""

    turns: Sequence[Turn]
    said: "Sequence[Utterance]"  # by turn
    hits: dict[str, list[Hit]]
    mentioned: "dict[PartKey, Mentioned]" = field(default_factory=dict, compare=False, repr=False)  # what was looked up

    @cached_property
    def quantities(self) -> list[tuple[Quantity, list[int]]]:
        """Each value and unit that is said, once, with its turns."""
        turns: dict[tuple[float, str], tuple[Quantity, list[int]]] = {}
        for turn, said in enumerate(self.said):
            for quantity in said.quantities:
                turns.setdefault((quantity.value, quantity.unit), (quantity, []))[1].append(turn)
        return list(turns.values())

    @cached_property
    def offsets(self) -> list[int]:
        """The tokens before each turn, so that places of different turns have a distance."""
        return list(accumulate((said.length for said in self.said), initial=0))

    def around(self, turns: Iterable[int]) -> list[int]:
        """These turns and the ones beside them, in order."""
        return sorted({turn for at in turns for turn in (at - 1, at, at + 1) if 0 <= turn < len(self.turns)})


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
_CLOSES = re.compile(
    r"\b(?:else|though|only|just|that's (?:about )?(?:it|all)|other than that|otherwise|no|not|none|nothing(?! out of| unusual| major| serious| too| bad| crazy))\b"
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
_PLAIN_NO = {"no", "nope"}
_QUESTION_ENDS = {"that", "else", "all", "?"}  # `or anything like that`, `or anything else`, `at all`
_LAST_CUE, _BETWEEN_CUES, _LONGEST_QUESTION = 30, 15, 45  # tokens, in a turn without a question mark
_ROOT = 4  # letters in which `nausea` and `nauseous` meet
_KNOWN = {"your", "the", "this", "that", "these", "those"}
_BESIDE_KNOWN = {("along", "with"), ("together", "with"), ("other", "than"), ("apart", "from"), ("aside", "from")}
_STATES = {"i", "you", "we", "it", "that", "there", "your", "not", "no"}
_BRIEF = 8  # tokens of a question without any word that asks: `okay coughing headache`


class Question(NamedTuple):
    """What a turn asks at its end: its tokens [first:last], the rest of the turn tells."""

    first: int
    last: int
    is_answered_no: bool  # in the same turn, behind the question
    is_list: bool  # names several things, of which an answer may take up one
    is_presuming: bool  # takes for granted what it asks about
    owned: frozenset[int]  # the tokens of what it says that somebody has, whatever the answer


@dataclass(frozen=True)
class Utterance:
    """What a turn says by its words alone, whoever speaks and whatever is said before and after it.

    Seven columns with a row for each meaning that it names, as thousands of turns are kept: the meaning, its tokens
    [first:last], whether that is denied, whether the phrase itself says that the meaning is absent, how it is said if the
    turn does not ask for it, and whether it is only wished or feared, not denied.
    """

    text: str
    length: int  # tokens
    meanings: tuple[str, ...]
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    denied: tuple[bool, ...]
    absent: tuple[bool, ...]
    told: tuple[Voice, ...]
    wished: tuple[bool, ...]
    quantities: tuple[Quantity, ...]
    sides: tuple[tuple[int, str], ...]
    question: Question | None
    is_brief: bool  # a question only before a plain no: a few words, no statement of somebody
    ends_in_no: bool

    @cached_property
    def reply(self) -> bool | str | None:
        """What it answers if the turn before asks: True for yes, False for no, 'open', or None for nothing."""
        answer = self._answer
        if _NO.match(answer):
            return False
        if _YES.match(answer):
            return True
        if len(answer.split()) <= _SHORT_ANSWER and _NO_AT_LAST.search(answer):
            return False
        return "open" if answer.strip(" .,-") else None

    @property
    def is_plain_no(self) -> bool:
        return bool(_NO.match(self._answer))

    @property
    def _answer(self) -> str:
        """What it says from its first telling word."""
        return _FILLER.sub("", self.text.strip())

    @cached_property
    def as_question(self) -> Question:
        """What it asks where it is brief, and a plain no follows."""
        return _question(tokens(self.text), 0)

    @property
    def rows(self) -> Iterator[tuple[str, int, bool, bool, Voice]]:
        """Each meaning, its first token, whether it is denied, whether the phrase says that it is absent, and how it is
        told."""
        return zip(self.meanings, self.firsts, self.denied, self.absent, self.told, strict=True)

    @cached_property
    def answered(self) -> Mapping[str, Voice]:
        """What it names itself as an answer: `a bit of numbness, but nothing tingling`."""
        voices: dict[str, set[bool]] = {}
        for (meaning, _, is_denied, says_absent, _), is_wished in zip(self.rows, self.wished, strict=True):
            if not is_wished:
                voices.setdefault(meaning, set()).add(is_denied != says_absent)
        return {m: Voice.DENIED if True in said else Voice.AFFIRMED for m, said in voices.items() if len(said) == 1}

    @property
    def is_of_any(self) -> bool:
        return bool(_ANY.search(lower(self.text)))

    @property
    def is_closing(self) -> bool:
        """Whether as an answer to a list it says that there is no more: `a cough, but that's it`."""
        return bool(_CLOSES.search(lower(self.text)))

    def phrases_over(self, at: int) -> Iterator[str]:
        """The meanings of the phrases that a token is part of."""
        spans = zip(self.meanings, self.firsts, self.lasts, strict=True)
        return (meaning for meaning, first, last in spans if first <= at < last and meaning[0] == "=")


_MOST_KEPT = 8_192  # turns, of some 1.5 kB: dialogues of one engine repeat half of their turns


@lru_cache(maxsize=_MOST_KEPT)
def utterance(text: str) -> Utterance:
    found = tokens(text)
    denied = negation.spoken(found)
    supposed = supposing.supposed(found)
    heard = lexicon().heard(found)
    absent = [says_absent for _, says_absent in heard]
    if True in absent:
        heard = [row for row in _widest(heard) if not _says_little(row, denied)]
        absent = [says_absent for _, says_absent in heard]
    firsts = tuple([sense.first for sense, _ in heard])
    are_denied = are_supposed = wished = (False,) * len(heard)
    if True in denied:
        are_denied = tuple([negation.denies_phrase(found, denied, sense.first, sense.last) for sense, _ in heard])
    if True in supposed:
        are_supposed = tuple([supposed[at] for at in firsts])
        wished = tuple([supposed[at] and not denied[at] for at in firsts])
    asked_from = _asked_from(text, found)
    return Utterance(
        text,
        len(found),
        tuple([sense.meaning for sense, _ in heard]),
        firsts,
        tuple([sense.last for sense, _ in heard]),
        are_denied,
        tuple(absent),
        tuple([_TOLD[one] for one in zip(are_denied, absent, are_supposed, strict=True)]),
        wished,
        tuple(quantities(text, found)),
        tuple(sides(found)),
        None if asked_from is None else _question(found, asked_from),
        asked_from is None and 0 < len(found) <= _BRIEF and _STATES.isdisjoint([token.word for token in found]),
        bool(found) and found[-1].word in _PLAIN_NO,
    )


# How a phrase is said that nobody asks for: by whether it is denied, says an absence, and is supposed.
_TOLD = {
    (is_denied, says_absent, is_supposed): Voice.DENIED
    if is_denied != says_absent
    else Voice.SUPPOSED
    if is_supposed
    else Voice.AFFIRMED
    for is_denied in (False, True)
    for says_absent in (False, True)
    for is_supposed in (False, True)
}


def _widest(senses: Sequence[tuple[Sense, bool]]) -> list[tuple[Sense, bool]]:
    """The senses without those inside a longer phrase of the same meaning: in `poor appetite`, `appetite` does not say
    that there is one."""
    phrases: dict[str, list[Sense]] = {}
    for sense, _ in senses:
        if sense.last - sense.first > 1:
            phrases.setdefault(sense.meaning, []).append(sense)
    return [
        (sense, says_absent)
        for sense, says_absent in senses
        if sense.meaning not in phrases or not any(_is_inside(sense, phrase) for phrase in phrases[sense.meaning])
    ]


def _says_little(row: tuple[Sense, bool], denied: Sequence[bool]) -> bool:
    """`no energy` is fatigue, and `no feeling` numbness; `it feels sore`, `with any energy` do not say that there is none."""
    sense, says_absent = row
    return says_absent and sense.last - sense.first == 1 and not denied[sense.first]


def _is_inside(sense: Sense, phrase: Sense) -> bool:
    is_shorter = sense.last - sense.first < phrase.last - phrase.first
    return is_shorter and phrase.first <= sense.first and sense.last <= phrase.last


def hear(turns: Sequence[Turn]) -> Heard:
    """Read a dialogue once, for any number of facts."""
    hits: dict[str, list[Hit]] = {}
    said = [utterance(turn.text) for turn in turns]
    for n, own in enumerate(said):
        question = own.question
        if own.is_brief and _is_before_a_plain_no(turns, said, n):
            question = own.as_question
        if question is None:
            for meaning, at, voice in zip(own.meanings, own.firsts, own.told, strict=True):
                hits.setdefault(meaning, []).append(Hit(n, at, voice))
            continue
        reply, answering = (False, n) if question.is_answered_no else _reply(turns, said, n)
        answer = said[answering] if answering > n else None
        taken_up = frozenset[str]()
        if answer and question.is_list and reply in (True, "open"):
            taken_up = _taken_up(own, answer, question.first)
        left_out = False if answer and taken_up and own.is_of_any and answer.is_closing else "open"
        is_presumed = question.is_presuming and reply == "open"
        for meaning, at, is_denied, says_absent, told in own.rows:
            if not question.first <= at < question.last:
                hits.setdefault(meaning, []).append(Hit(n, at, told))
                continue
            if answer and meaning in answer.answered and not (reply is False and _is_looser(own, at, answer)):
                voice = answer.answered[meaning]
            else:
                voice = _voice(is_denied, left_out if taken_up and meaning not in taken_up else reply, says_absent)
                if at in question.owned or (is_presumed and voice is Voice.OPEN):
                    voice = Voice.AFFIRMED
            hits.setdefault(meaning, []).append(Hit(n, at, voice, answering))
    return Heard(turns, said, hits)


def _is_looser(own: Utterance, at: int, answer: Utterance) -> bool:
    """Whether an answer has no word of the phrase that is asked for: `ever had a blood transfusion?` `no, i tried to give`
    `plasma once`."""
    asked = {word[:_ROOT] for word, first in zip(own.meanings, own.firsts, strict=True) if first == at}
    return asked.isdisjoint([word[:_ROOT] for word in answer.meanings if word[0] != "="])


def _voice(is_denied: bool, reply: bool | str | None, says_absent: bool) -> Voice:
    """How a phrase of a question is said; one that says its meaning's absence turns a yes into a no."""
    if reply is None:
        return Voice.ASKED
    if reply == "open":
        voice = Voice.DENIED if is_denied else Voice.OPEN
    elif reply is True and is_denied:  # `so no fever?` `right`
        voice = Voice.DENIED
    else:
        voice = Voice.AFFIRMED if reply is True else Voice.DENIED
    opposite = {Voice.DENIED: Voice.AFFIRMED, Voice.AFFIRMED: Voice.DENIED}
    return opposite.get(voice, voice) if says_absent else voice


def _question(found: Sequence[Token], first: int) -> Question:
    words = [token.word for token in found]
    answered = _own_answer(words, first)
    last = len(found) if answered is None else answered
    asked = words[first:]
    is_list = "or" in asked or "," in asked
    return Question(first, last, answered is not None, is_list, _presumes(found, first, asked), _owned(words))


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
    low = lower(text)
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


def _presumes(found: Sequence[Token], first: int, asked: Sequence[str]) -> bool:
    """`how often do you get the headaches` takes them for granted; `how about headaches`, `any headaches` do not."""
    if not _DOUBT.isdisjoint(asked):
        return False
    open_at = [n for n, token in enumerate(found[first:]) if token.stem in _OPEN_STEMS]
    return any(n + 1 == len(asked) or asked[n + 1] != "about" for n in open_at)


def _own_answer(words: Sequence[str], asked_from: int) -> int | None:
    """Where the no stands that answers a turn's question in the same turn, as transcripts without speakers' changes have
    it: `any cough or anything like that no i feel fine`."""
    if _PLAIN_NO.isdisjoint(words):
        return None
    behind = range(asked_from + 3, len(words))
    return next((n for n in behind if words[n] in _PLAIN_NO and words[n - 1] in _QUESTION_ENDS), None)


def _is_before_a_plain_no(turns: Sequence[Turn], said: Sequence[Utterance], n: int) -> bool:
    """A doctor's few words that a plain no of somebody else makes a question."""
    if turns[n].speaker != "doctor" or n + 1 >= len(turns):
        return False
    return turns[n + 1].speaker != turns[n].speaker and said[n + 1].is_plain_no


def _is_tag(found: Sequence[Token], n: int) -> bool:
    """`..., okay?` asks for a nod, not for a fact."""
    before = next((k for k in range(n - 1, -1, -1) if found[k].word in (",", ".", "?")), -1)
    words = [token.word for token in found[before + 1 : n]]
    return bool(words) and all(word in _TAGS for word in words)


def _taken_up(own: Utterance, answer: Utterance, asked_from: int) -> frozenset[str]:
    """What of a question its answer names: `body aches, joint pain?` `a bit of joint pain`. The rest stays open."""
    asked = {meaning for meaning, first in zip(own.meanings, own.firsts, strict=True) if first >= asked_from}
    return frozenset(asked.intersection(answer.meanings))


def _reply(turns: Sequence[Turn], said: Sequence[Utterance], n: int) -> tuple[bool | str | None, int]:
    """What the next turn of somebody else answers: True for yes, False for no, 'open', or None where nobody answers."""
    if said[n].ends_in_no:
        return False, n  # transcribed into the question's own turn
    if n + 1 >= len(turns) or turns[n + 1].speaker == turns[n].speaker:
        return None, -1
    reply = said[n + 1].reply
    return reply, -1 if reply is None else n + 1
