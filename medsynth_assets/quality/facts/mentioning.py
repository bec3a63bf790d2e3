"""Where the parts of facts are mentioned in a dialogue: in which turns, how wholly, and how near to every other turn."""

from functools import lru_cache
from typing import NamedTuple

from medsynth_assets.quality.facts.agreeing import agrees
from medsynth_assets.quality.facts.fact import Part
from medsynth_assets.quality.facts.hearing import Heard, Hit
from medsynth_assets.quality.language.lexicon import lexicon, spoken_forms

NEAR = (1.0, 0.9, 0.75, 0.5)  # how much a hit counts that many turns away
AROUND = tuple((d, NEAR[abs(d)]) for d in range(1 - len(NEAR), len(NEAR)))
NOT_SO = 0.9  # how much a mention counts that says a part otherwise than the note, to find the place
WORDS_OF_PHRASE = 0.85  # a phrase said by its single words


class Scored(NamedTuple):
    """A hit, how wholly it says a part, 0 to 1, and whether as the note says it."""

    hit: Hit
    share: float
    agrees: bool


class Mentioned(NamedTuple):
    """A part in a dialogue. Every share is 0 to 1; turns without any are left out."""

    by_turn: dict[int, list[Scored]]
    hits: list[Hit]  # the same, of all turns
    whole: dict[int, float]  # how wholly each turn says it
    near: dict[int, float]  # how well it is said in a turn or near it, as the note says it


def mentioned(part: Part, heard: Heard) -> Mentioned:
    """Where a part is said; looked up once a dialogue, however many facts have the part."""
    key = (part.meanings, part.stems, part.is_denied)
    found = heard.mentioned.get(key)
    if not isinstance(found, Mentioned):
        found = heard.mentioned[key] = _mentioned(part, heard)
    return found


def _mentioned(part: Part, heard: Heard) -> Mentioned:
    by_turn = _by_turn(part, heard)
    hits: list[Hit] = []
    whole: dict[int, float] = {}
    near: dict[int, float] = {}
    for turn, found in by_turn.items():
        so = otherwise = 0.0
        for hit, share, is_so in found:
            hits.append(hit)
            if is_so:
                so = max(so, share)
            else:
                otherwise = max(otherwise, share)
        whole[turn] = max(so, otherwise)
        for away, value in _spread(so, otherwise):
            if value > near.get(turn + away, 0.0):
                near[turn + away] = value
    return Mentioned(by_turn, hits, whole, near)


@lru_cache(maxsize=32_768)
def _spread(so: float, otherwise: float) -> tuple[tuple[int, float], ...]:
    """How well a turn counts for itself and for those around it, by how wholly it says a part as the note says it, and
    otherwise."""
    return tuple((away, max(so * nearness, NOT_SO * (otherwise * nearness))) for away, nearness in AROUND)


def _by_turn(part: Part, heard: Heard) -> dict[int, list[Scored]]:
    result: dict[int, list[Scored]] = {}
    for meaning in part.meanings:
        for hit in heard.hits.get(meaning, ()):
            result.setdefault(hit.turn, []).append(Scored(hit, 1.0, agrees(part, hit)))
    words: dict[int, dict[str, tuple[Hit, float]]] = {}  # of the turns that do not say it whole
    for stem in part.stems:
        for spoken, share in _forms(stem):
            for hit in heard.hits.get(spoken, ()):
                if hit.turn in result:
                    continue
                held = words.setdefault(hit.turn, {})
                if stem not in held or held[stem][1] < share:
                    held[stem] = hit, share
    whole = WORDS_OF_PHRASE if len(part.stems) > 1 else 1.0
    for turn, stems in words.items():
        head, _ = next(stems[stem] for stem in reversed(part.stems) if stem in stems)  # `edema` of `leg edema`
        share = whole * sum([share for _, share in stems.values()]) / len(part.stems)
        result[turn] = [Scored(head, share, agrees(part, head))]
    return result


@lru_cache(maxsize=32_768)
def _forms(stem: str) -> tuple[tuple[str, float], ...]:
    """What says a word: its meanings, and other words with how far they stand for it."""
    return (*((meaning, 1.0) for meaning in lexicon().meanings(stem)), *spoken_forms(stem))
