"""Whether a dialogue says the numbers of a fact, of what the fact says them: `2 weeks` of another thing does not count."""

from collections.abc import Iterable, Sequence

from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.mention import Hit
from medsynth_assets.quality.language.quantities import Quantity

_FAR = 40  # tokens between a number and all that it could belong to, from which it belongs to something else
_BESIDE = 8  # tokens between a number and the word that it belongs to, where nothing else is nearer
_NEARER = 6  # tokens by which a different number has to be nearer to that word
_NO_AMOUNT = set("one first second third once".split())  # `first thing in the morning`, `a good one`
_OWNERS = 2  # of the parts of a fact, those next to a number are what it is said of


def number_share(fact: Fact, mentions: Sequence[Sequence[Hit]], turns: Iterable[int], heard: Heard) -> float:
    """The share of a fact's numbers that are said of it, 0 to 1. mentions: of each part, near the place of the fact."""
    said = [
        (heard.offsets[turn] + other.first, turn, other)
        for turn in heard.around(turns)
        for other in heard.said[turn].quantities
    ]
    places = [[heard.offsets[hit.turn] + hit.at for hit in hits] for hits in mentions]
    return sum(_is_said(wanted, fact, places, said, heard) for wanted in fact.quantities) / len(fact.quantities)


def _is_said(
    wanted: Quantity,
    fact: Fact,
    places: Sequence[Sequence[int]],
    said: Sequence[tuple[int, int, Quantity]],
    heard: Heard,
) -> bool:
    owners = _owners(wanted, fact, places)
    equal = [
        _distance(at, owners)
        for at, turn, other in said
        if wanted.same(other)
        and (
            not fact.parts
            or wanted.is_distinctive
            or wanted.unit == other.unit == "age"
            or _belongs(at, turn, owners, heard)
        )
    ]
    if not equal:
        return False
    different = [
        _distance(at, owners)
        for at, turn, other in said
        if heard.turns[turn].text[other.start : other.end].lower() not in _NO_AMOUNT
        and other.unit == wanted.unit
        and not wanted.same(other)
        and not any(other.same(own) for own in fact.quantities)
    ]
    nearest = min(different, default=_FAR)
    return not (owners and nearest <= _BESIDE and nearest + _NEARER < min(equal))


def _owners(wanted: Quantity, fact: Fact, places: Sequence[Sequence[int]]) -> list[int]:
    """Where the parts that stand next to a number in the note are said; any part where those are not."""
    near = sorted(
        range(len(fact.parts)),
        key=lambda n: min(abs(fact.parts[n].end - wanted.start), abs(fact.parts[n].start - wanted.end)),
    )
    return [at for n in near[:_OWNERS] for at in places[n]] or [at for found in places for at in found]


def _belongs(at: int, turn: int, owners: Sequence[int], heard: Heard) -> bool:
    """Whether a number can be of the words around it: in a turn of its own, or close to one of them in a long one."""
    is_short = heard.offsets[turn + 1] - heard.offsets[turn] < _FAR
    return bool(owners) and (is_short or _distance(at, owners) <= _FAR)


def _distance(at: int, owners: Sequence[int]) -> int:
    return min((abs(at - other) for other in owners), default=0)
