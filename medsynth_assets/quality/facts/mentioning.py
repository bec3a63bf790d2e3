"""Where the parts of facts are mentioned in a dialogue: in which turns, how wholly, and how near to every other turn."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from medsynth_assets.quality.facts.agreeing import agrees
from medsynth_assets.quality.facts.fact import Part
from medsynth_assets.quality.facts.hearing import Heard
from medsynth_assets.quality.facts.mention import Hit, Mention, Mentioned, Scored
from medsynth_assets.quality.language.lexicon import lexicon, spoken_forms
from medsynth_assets.quality.language.polarity import bears

NEAR = (1.0, 0.9, 0.75, 0.5)  # how much a hit counts that many turns away
AROUND = tuple((d, NEAR[abs(d)]) for d in range(1 - len(NEAR), len(NEAR)))
NOT_SO = 0.9  # how much a mention counts that says a part otherwise than the note, to find the place
WORDS_OF_PHRASE = 0.85  # a phrase said by its single words
_ABOUT = 0.8  # of the share of the mention that says most of a part: those that say about as much
_TELLS = 0.5  # of a part: less of its words says nothing of whether it is so
_OF_WHAT = {"with", "of", "in", "on", "at", "to", "from"}


def mentioned(part: Part, heard: Heard) -> Mentioned:
    """Where a part is said; looked up once a dialogue, however many facts have the part."""
    key = (part.meanings, part.stems, part.is_denied)
    found = heard.mentioned.get(key)
    if found is None:
        found = heard.mentioned[key] = _mentioned(part, heard)
    return found


def _mentioned(part: Part, heard: Heard) -> Mentioned:
    by_turn = _by_turn(part, heard)
    whole: dict[int, float] = {}
    near: dict[int, float] = {}
    for turn, found in by_turn.items():
        so = otherwise = 0.0
        for _, share, is_so, _ in found:
            if is_so:
                so = max(so, share)
            else:
                otherwise = max(otherwise, share)
        whole[turn] = max(so, otherwise)
        for away, value in _spread(so, otherwise):
            if value > near.get(turn + away, 0.0):
                near[turn + away] = value
    return Mentioned(by_turn, telling([one for found in by_turn.values() for one in found]), whole, near)


def telling(said: Sequence[Scored] | Sequence[Mention]) -> list[Hit]:
    """The mentions that say about as much of a part as the one that says most: beside `blood in your stool`, `stool`
    alone tells nothing of whether there was blood."""
    if not said:
        return []
    least = max(_ABOUT * max([one.share for one in said]), _TELLS)
    return [one.hit for one in said if one.is_own and one.share >= least]


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
    words: dict[int, dict[str, tuple[Hit, float, bool]]] = {}  # of the turns that do not say it whole
    for stem in part.stems:
        for spoken, share, is_own in _forms(stem):
            for hit in heard.hits.get(spoken, ()):
                if hit.turn in result:
                    continue
                held = words.setdefault(hit.turn, {})
                if stem not in held or held[stem][1] < share:
                    held[stem] = hit, share, is_own
    whole = WORDS_OF_PHRASE if len(part.stems) > 1 else 1.0
    from_head = _from_head(part.stems)
    for turn, stems in words.items():
        head, _, is_own = next(stems[stem] for stem in from_head if stem in stems)
        share = whole * sum([share for _, share, _ in stems.values()]) / len(part.stems)
        result[turn] = [Scored(head, share, agrees(part, head), is_own and _bears(stems))]
    return result


def _bears(stems: Iterable[str]) -> bool:
    """Whether these words of a phrase can be so or not so: in `heart sounds`, nothing of `extra heart sounds` is."""
    return bears(tuple(stems))


def _from_head(stems: Sequence[str]) -> Sequence[str]:
    """The words of a phrase by how much they are what it is about: `edema` of `leg edema`, `pain` of `pain with meals`."""
    cut = next((n for n, stem in enumerate(stems) if n and stem in _OF_WHAT), len(stems))
    return (*reversed(stems[:cut]), *reversed(stems[cut:]))


@lru_cache(maxsize=32_768)
def _forms(stem: str) -> tuple[tuple[str, float, bool], ...]:
    """What says a word: its meanings, and other words with how far they stand for it; True for those that mean it."""
    own = lexicon().meanings(stem)
    others = [(spoken, share, spoken in own) for spoken, share in spoken_forms(stem)]
    return (*((meaning, 1.0, True) for meaning in own), *others)
