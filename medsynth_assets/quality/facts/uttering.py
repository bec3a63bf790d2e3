"""An utterance: what a turn says by its words alone, kept by its text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from medsynth_assets.quality.facts.asking import Question, asked, asked_briefly
from medsynth_assets.quality.facts.mention import Voice
from medsynth_assets.quality.facts.replying import Reply, replied
from medsynth_assets.quality.language import negation, supposing
from medsynth_assets.quality.language.lexicon import Sense, lexicon
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.sides import sides
from medsynth_assets.quality.language.tokens import tokens

_MOST_KEPT = 8_192  # turns, of some 1.5 kB: dialogues of one engine repeat half of their turns


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
    brief_question: Question | None  # what it asks if a plain no follows

    @cached_property
    def reply(self) -> Reply | None:
        """What it replies if the turn before asks."""
        return replied(self.text)

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

    def phrases_over(self, at: int) -> Iterator[str]:
        """The meanings of the phrases that a token is part of."""
        spans = zip(self.meanings, self.firsts, self.lasts, strict=True)
        return (meaning for meaning, first, last in spans if first <= at < last and meaning[0] == "=")


@lru_cache(maxsize=_MOST_KEPT)
def utterance(text: str) -> Utterance:
    """Read the text of a turn."""
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
    question = asked(text, found)
    return Utterance(
        text=text,
        length=len(found),
        meanings=tuple([sense.meaning for sense, _ in heard]),
        firsts=firsts,
        lasts=tuple([sense.last for sense, _ in heard]),
        denied=are_denied,
        absent=tuple(absent),
        told=tuple(map(_told, are_denied, absent, are_supposed)),
        wished=wished,
        quantities=tuple(quantities(text, found)),
        sides=tuple(sides(found)),
        question=question,
        brief_question=asked_briefly(found) if question is None else None,
    )


def _told(is_denied: bool, says_absent: bool, is_supposed: bool) -> Voice:
    """How a phrase is said that nobody asks for."""
    if is_denied != says_absent:
        return Voice.DENIED
    return Voice.SUPPOSED if is_supposed else Voice.AFFIRMED


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
