"""How the meanings of a question are said, by what answers it."""

from collections.abc import Iterator
from typing import NamedTuple

from medsynth_assets.quality.facts.asking import Question, asks_for_any
from medsynth_assets.quality.facts.mention import Hit, Voice
from medsynth_assets.quality.facts.replying import Reply, is_closing
from medsynth_assets.quality.facts.uttering import Utterance

_ROOT = 4  # letters in which `nausea` and `nauseous` meet


class Answer(NamedTuple):
    """What a question gets; without a reply nobody answers it."""

    reply: Reply | None
    turn: int  # that answers, which may be the one that asks; -1: none
    said: Utterance | None  # the turn of somebody else that answers


def answered(n: int, own: Utterance, question: Question, answer: Answer) -> Iterator[Hit]:
    """Turn n, where it asks and gets this answer: the hits of its meanings, in their order."""
    reply, turn, said = answer
    taken_up = _taken_up(own, question, answer)
    is_closed = said and taken_up and asks_for_any(own.text) and is_closing(said.text)
    left_out = Reply.NO if is_closed else Reply.OPEN
    is_presumed = question.is_presuming and reply is Reply.OPEN
    for meaning, at, is_denied, says_absent, told in own.rows:
        if not question.first <= at < question.last:
            yield Hit(n, at, told)
            continue
        if said and meaning in said.answered and not (reply is Reply.NO and _is_looser(own, at, said)):
            voice = said.answered[meaning]
        elif at in question.owned:
            voice = Voice.AFFIRMED
        else:
            voice = _voice(left_out if taken_up and meaning not in taken_up else reply, is_denied, says_absent)
            if is_presumed and voice is Voice.OPEN:
                voice = Voice.AFFIRMED
        yield Hit(n, at, voice, turn)


def _taken_up(own: Utterance, question: Question, answer: Answer) -> set[str]:
    """What of a list its answer names: `body aches, joint pain?` `a bit of joint pain`. Nothing where that says no."""
    if answer.said is None or answer.reply is Reply.NO or not question.is_list:
        return set()
    asked = {meaning for meaning, first in zip(own.meanings, own.firsts, strict=True) if first >= question.first}
    return asked.intersection(answer.said.meanings)


def _is_looser(own: Utterance, at: int, answer: Utterance) -> bool:
    """Whether an answer has no word of the phrase that is asked for: `ever had a blood transfusion?` `no, i tried to give`
    `plasma once`."""
    asked = {word[:_ROOT] for word, first in zip(own.meanings, own.firsts, strict=True) if first == at}
    return asked.isdisjoint([word[:_ROOT] for word in answer.meanings if word[0] != "="])


def _voice(reply: Reply | None, is_denied: bool, says_absent: bool) -> Voice:
    """How a phrase of a question is said; one that says its meaning's absence turns a yes into a no."""
    if reply is None:
        return Voice.ASKED
    if reply is Reply.OPEN and not is_denied:
        return Voice.OPEN
    is_not_so = is_denied or reply is Reply.NO  # `so no fever?` `right`
    return Voice.DENIED if is_not_so != says_absent else Voice.AFFIRMED
