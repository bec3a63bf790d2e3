"""Taking a note apart into facts: sentences into clauses, clauses into the items of their lists."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from medsynth_assets.quality.facts.fact import Fact, Part
from medsynth_assets.quality.facts.kinds import kind_of
from medsynth_assets.quality.language import negation
from medsynth_assets.quality.language.lexicon import Sense, is_known, lexicon, rarity
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.sides import sides
from medsynth_assets.quality.language.tokens import Token, tokens
from medsynth_assets.quality.reading import Sentence, read

_MOST_KEPT = 4_096  # sentences: notes of one engine repeat more than half of theirs
LEAST_FACT = 1.3  # weight of a clause without a number below which it states nothing
LEAST_WEIGHT = 2.2  # of a clause that stands on its own; a lighter one joins its neighbour
_SUBJECTS = set("he she they we i it this there patient her his their the which who that".split())
_JOINS = {"and", "or", "nor"}
_MAY_CUT = _JOINS | {",", ";", ".", "but", "however", "although", "while", "which", "who", "because", "though"}
_BOILERPLATE = re.compile(
    r"\b(?:understands? and agrees?|verbali[sz]ed? (?:understanding|agreement)|questions? (?:were|was|are) (?:invited|answered|encouraged)|all questions|"
    r"consent(?:ed)? to (?:the )?(?:use|recording)|agrees? with the (?:recommended|plan)|were reviewed and are negative|lengthy discussion|treatment options|nature of (?:the|her|his) (?:diagnosis|injury|condition)|"
    r"(?:is|seems to be|appears to be) doing (?:very |quite |relatively )?well|agreeable to|in agreement|discussed the (?:diagnosis|plan)|discuss(?:ed)? further treatment|(?:questions or concerns|any (?:further )?questions)|plan was discussed|alternatives (?:of|to)|at length|"
    r"reviewed and (?:are )?noted)\b"
)  # of lower case
_NAMED = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?(?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’.-]+){0,2})(?= (?:is|was|presents|returns|comes|has|states|reports)\b|, (?:a |an )?\d+-)"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss)\.? [A-Z][\w'’-]+")
_DISPENSED = re.compile(r"(?:dispense|disp|qty|quantity|refills?|#)\b", re.IGNORECASE)  # for the pharmacy, never said
_REFERENCE = re.compile(
    r"\s*\((?:reference|ref|normal|range|previously|upper limit|lower limit)\b[^)]*\)", re.IGNORECASE
)
_MODIFIER = re.compile(r"(?:al|ar|ary|ic|ior|left|right|upper|lower|mild|hot|flexion|warm|cold)$")
_COMMON_NAME = 5.5  # words rarer than this are taken for names where a name may stand
_VALUE_LABEL_WORDS = (
    4  # a label before so short a rest, or before a number, is part of the fact: `Temperature: Normal.`
)
_SYSTEMS = re.compile(
    r"\b(?:exam\w*|auscultation|inspection|palpation|constitutional|general\w*|cardiovascular|respiratory|gastrointestinal|musculoskeletal|neurolog\w*|psychiatric|"
    r"skin|integumentary|head|eyes?|ears?|nose|mouth|throat|neck|heent|hent|msk|cv|genitourinary|endocrine|hematologic\w*|lungs?|heart|abdomen|extremit\w+|chest|"
    r"procedures?|surgical|medical|surgeries|past|appearance|extremities|nails|hair|vascular|lymphatic\w*|back|spine|reasoning|testing|treatment|education|counseling|agreements|history|allergic\w*)\b",
    re.IGNORECASE,
)


class _Chunk(NamedTuple):
    first: int
    last: int


def facts(note: str) -> list[Fact]:
    """The facts of a note in order of their places. Headings, labels and words of consent are none."""
    return [
        _moved(fact, sentence.start) for sentence in read(note) for fact in _of_sentence(sentence._replace(start=0))
    ]


def _moved(fact: Fact, by: int) -> Fact:
    parts = tuple([Part(p.meanings, p.stems, p.weight, p.start + by, p.end + by, p.is_denied) for p in fact.parts])
    numbers = tuple([q._replace(start=q.start + by, end=q.end + by) for q in fact.quantities])
    return fact._replace(start=fact.start + by, end=fact.end + by, parts=parts, quantities=numbers)


def parts_of(text: str) -> tuple[Part, ...]:
    """The meanings of a text, as of one fact."""
    found = tokens(text)
    return _parts(text, found, lexicon().charted(found), negation.charted(found))


@lru_cache(maxsize=_MOST_KEPT)
def _of_sentence(sentence: Sentence) -> tuple[Fact, ...]:
    """The facts of a sentence, wherever in its note it stands."""
    return () if _BOILERPLATE.search(sentence.text.lower()) else tuple(_facts(sentence))


def _facts(sentence: Sentence) -> Iterator[Fact]:
    text, offset, label = _body(sentence)
    if "(" in text:
        text = _REFERENCE.sub(lambda match: " " * len(match.group()), text)
    found = tokens(text)
    if not found or _is_title(text):
        return
    known = quantities(text, found)
    names = [(*match.span(), match.group()) for pattern in (_NAMED, _TITLED) for match in pattern.finditer(text)]
    senses = [s for s in lexicon().charted(found) if not _is_in(known, s) and not _is_name(found[s.first], names, s)]
    denied = negation.charted(found)
    aside = sides(found)
    context = parts_of(label) if label else ()
    for chunk in _chunks(found, senses, known, denied, sentence.section == "objective"):
        own = [s for s in senses if chunk.first <= s.first < chunk.last]
        numbers = tuple(
            q._replace(start=offset + q.start, end=offset + q.end)
            for q in known
            if chunk.first <= q.first < chunk.last and not _goes_without(q, text, found, known)
        )
        parts = _parts(text, found, own, denied, offset)
        start, end = _trimmed(found, chunk)
        span = text[start:end]
        if _DISPENSED.match(span):
            continue
        if not numbers and (sum(part.weight for part in parts) < LEAST_FACT or _is_title(span)):
            continue
        sided = [side for at, side in aside if chunk.first <= at < chunk.last]
        is_denied = _is_mostly(denied, own) if own else denied[chunk.first]
        yield Fact(
            kind_of(sentence, span, is_denied, numbers, parts), sentence.section, span, offset + start, offset + end, parts,
            numbers, is_denied, sided[0] if len(set(sided)) == 1 else "", context,
        )  # fmt: skip


def _body(sentence: Sentence) -> tuple[str, int, str]:
    """The sentence without a label that only names a system or a kind of content, its offset, and that label."""
    label = sentence.label
    if not label:
        return sentence.text, sentence.start, ""
    rest = sentence.text[len(label) :].lstrip(" :")
    if not rest[:1].isdigit() and (_SYSTEMS.search(label) or len(rest.split()) > _VALUE_LABEL_WORDS):
        return rest, sentence.start + len(sentence.text) - len(rest), label
    return sentence.text, sentence.start, ""


def _is_mostly(denied: Sequence[bool], senses: Sequence[Sense]) -> bool:
    """Whether more of what the senses say is denied than not."""
    return sum(_sense_weight(s.meaning) * (1 if denied[s.first] else -1) for s in senses) > 0


def _is_title(text: str) -> bool:
    """`Head and Face`, `Procedures` on a line of its own: a system or kind of content, no fact."""
    return (
        not text.rstrip().endswith(".")
        and len(text.split()) <= 7
        and not _SYSTEMS.sub("", text).replace("and", "").strip(" ,&/:of")
    )


def _is_in(known: Sequence[Quantity], sense: Sense) -> bool:
    return any(q.first <= sense.first and sense.last <= q.last for q in known)


def _is_name(token: Token, names: Sequence[tuple[int, int, str]], sense: Sense) -> bool:
    """Whether a word is of the patient's name: nobody says it of a fact. `Depression is ...` starts like a name and is none."""
    within = next((text for start, end, text in names if start <= token.start < end), "")
    if not within or sense.meaning[0] == "=":
        return False
    return rarity(sense.meaning) > _COMMON_NAME or (" " in within and not is_known(sense.meaning))


def _goes_without(quantity: Quantity, text: str, found: Sequence[Token], known: Sequence[Quantity]) -> bool:
    """`one of them`, `at first`, a figure in a name (`G5P5`), and a bare `daily`, which is said in too many ways to be
    looked for."""
    word = found[quantity.first].word
    if quantity.start and text[quantity.start - 1].isalpha():
        return True
    if text[quantity.end : quantity.end + 2] in ("s ", "s.", "s"):
        return True  # in the 60s
    if quantity.unit == "calendar_year" and any(q.unit == "month_of_year" and q.first == quantity.first for q in known):
        return True  # a month is named, and the year with it goes without saying
    if word == "once" and quantity.unit == "times":
        return True  # `once results are back`
    return (not quantity.unit and word in ("one", "first", "second")) or (
        quantity.value == 1 and quantity.unit == "per_day"
    )


def _parts(
    text: str, found: Sequence[Token], senses: Sequence[Sense], denied: Sequence[bool], offset: int = 0
) -> tuple[Part, ...]:
    result: dict[str, Part] = {}
    for sense in senses:
        stems = tuple(token.stem for token in found[sense.first : sense.last] if token.word[0].isalpha())
        weight = max((rarity(s) for s in stems), default=0.0)
        part = Part(
            (sense.meaning, *sense.also),
            stems,
            weight,
            offset + found[sense.first].start,
            offset + found[sense.last - 1].end,
            negation.denies_phrase(found, denied, sense.first, sense.last),
        )
        result.setdefault(sense.meaning, part)
    return tuple(result.values())


def _chunks(
    found: Sequence[Token], senses: Sequence[Sense], known: Sequence[Quantity], denied: Sequence[bool], is_finding: bool
) -> list[_Chunk]:
    """The tokens of a sentence, cut at clauses and between items of lists; light pieces joined to what they follow."""
    inside = {at for s in senses for at in range(s.first + 1, s.last)} | {
        at for q in known for at in range(q.first + 1, q.last)
    }
    cuts = [0]
    for n, token in enumerate(found):
        if (
            token.word in _MAY_CUT
            and n
            and n not in inside
            and _cuts(found, n, token, senses)
            and not (is_finding and denied[n - 1] and denied[min(n + 1, len(found) - 1)])
        ):
            cuts.append(n)
    pieces = [_Chunk(first, last) for first, last in zip(cuts, [*cuts[1:], len(found)], strict=True)]
    joined: list[_Chunk] = []
    pending: int | None = None
    for piece in pieces:
        first = piece.first if pending is None else pending
        pending = None
        if _weight(senses, first, piece.last) >= LEAST_WEIGHT:
            joined.append(_Chunk(first, piece.last))
        elif joined and found[first].word not in (".", ";"):
            joined[-1] = _Chunk(joined[-1].first, piece.last)
        else:
            pending = first
    if pending is not None:
        if joined:
            joined[-1] = _Chunk(joined[-1].first, len(found))
        else:
            joined.append(_Chunk(pending, len(found)))
    return joined


def _cuts(found: Sequence[Token], n: int, token: Token, senses: Sequence[Sense]) -> bool:
    """Whether a clause or item starts at a token that may start one."""
    if token.word not in _JOINS:
        return True
    following = found[n + 1] if n + 1 < len(found) else None
    if following is None:
        return False
    if found[n - 1].word == "," or following.word in _SUBJECTS:
        return True
    if _MODIFIER.search(found[n - 1].word):
        return False  # `frontal or maxillary sinuses` is one place
    return (
        _weight(senses, _clause_start(found, n), n) >= LEAST_WEIGHT
        and _weight(senses, n, _clause_end(found, n)) >= LEAST_WEIGHT
    )


def _clause_start(found: Sequence[Token], n: int) -> int:
    at = n - 1
    while at > 0 and found[at].word not in (",", ";", ".", "and", "or"):
        at -= 1
    return at


def _clause_end(found: Sequence[Token], n: int) -> int:
    at = n + 1
    while at < len(found) and found[at].word not in (",", ";", ".", "and", "or"):
        at += 1
    return at


def _weight(senses: Sequence[Sense], first: int, last: int) -> float:
    held = {s.meaning for s in senses if first <= s.first < last}
    return sum(_sense_weight(meaning) for meaning in held)


def _sense_weight(meaning: str) -> float:
    return 2.5 if meaning[0] == "=" else rarity(meaning)


def _trimmed(found: Sequence[Token], chunk: _Chunk) -> tuple[int, int]:
    first, last = chunk
    while first < last - 1 and found[first].word in (",", ";", ".", "and", "or", "nor", "but", ":"):
        first += 1
    while last - 1 > first and found[last - 1].word in (",", ";", ".", "and", "or", ":"):
        last -= 1
    return found[first].start, found[last - 1].end
