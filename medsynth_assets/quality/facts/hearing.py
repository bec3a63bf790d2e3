"""A dialogue as it is heard: where each meaning comes up, and whether it is affirmed, denied, or only asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from medsynth_assets.quality.facts.answering import Answer, answered
from medsynth_assets.quality.facts.asking import Question
from medsynth_assets.quality.facts.mention import Hit, Mentioned, PartKey
from medsynth_assets.quality.facts.replying import Reply, is_plain_no
from medsynth_assets.quality.facts.uttering import Utterance, utterance
from medsynth_assets.quality.language.quantities import Quantity


class Turn(NamedTuple):
    """Who speaks (lower case) and what."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Heard:
    """What a dialogue says: turn by turn, and by meaning."""

    turns: Sequence[Turn]
    said: Sequence[Utterance]  # by turn
    hits: dict[str, list[Hit]]
    mentioned: dict[PartKey, Mentioned] = field(default_factory=dict, compare=False, repr=False)  # what was looked up

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


def hear(turns: Sequence[Turn]) -> Heard:
    """Read a dialogue once, for any number of facts."""
    hits: dict[str, list[Hit]] = {}
    said = [utterance(turn.text) for turn in turns]
    for n, own in enumerate(said):
        question = _question(turns, said, n)
        if question is None:
            for meaning, at, voice in zip(own.meanings, own.firsts, own.told, strict=True):
                hits.setdefault(meaning, []).append(Hit(n, at, voice))
        else:
            answers = answered(n, own, question, _answer(turns, said, n, question))
            for meaning, hit in zip(own.meanings, answers, strict=True):
                hits.setdefault(meaning, []).append(hit)
    return Heard(turns, said, hits)


def _question(turns: Sequence[Turn], said: Sequence[Utterance], n: int) -> Question | None:
    """What a turn asks; a doctor's few words ask where a plain no of somebody else follows."""
    own, brief = said[n].question, said[n].brief_question
    if brief and turns[n].speaker == "doctor" and _is_replied(turns, n) and is_plain_no(turns[n + 1].text):
        return brief
    return own


def _answer(turns: Sequence[Turn], said: Sequence[Utterance], n: int, question: Question) -> Answer:
    """What a question gets: a no in its own turn, where transcripts put that, or the next turn of somebody else."""
    if question.is_answered_no:
        return Answer(Reply.NO, n, None)
    reply = said[n + 1].reply if _is_replied(turns, n) else None
    return Answer(None, -1, None) if reply is None else Answer(reply, n + 1, said[n + 1])


def _is_replied(turns: Sequence[Turn], n: int) -> bool:
    """Whether somebody else speaks next."""
    return n + 1 < len(turns) and turns[n + 1].speaker != turns[n].speaker
