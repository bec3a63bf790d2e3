"""Faults put into real pairs, seeded, each with the place where it should be found.

What says a fact is found here by its raw words alone, not by the checks under test: no phrases, no lay forms, no polarity.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.real_pairs import Pair
from medsynth_assets.clinical.drugs import drug_names
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Turn
from medsynth_assets.quality.language.lexicon import stop_stems
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.tokens import tokens

SAYS = 0.5  # of a fact's weighted words: a turn with as many is taken to say it
SURELY = 0.75  # the best turn of a fact that is taken to be said at all
_SHORT_ANSWER = 8  # words


class Fault(NamedTuple):
    """A changed pair; note[start:end] of it is where a check should point."""

    kind: str
    note: str
    turns: tuple[Turn, ...]
    start: int
    end: int
    gone: frozenset[int] = frozenset()  # turns removed, by their number before


class _Words:
    """The raw words of a dialogue's turns, with their rarity in it."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = [words_of(turn.text) for turn in turns]
        self.numbers = [quantities(turn.text, tokens(turn.text)) for turn in turns]
        counts = Counter(stem for words in self.turns for stem in words)
        self._rarity = {stem: math.log(1 + len(turns) / count) for stem, count in counts.items()}
        self._unheard = math.log(1 + len(turns))

    def overlap(self, fact: Fact, turn: int) -> float:
        words = words_of(fact.text)
        total = sum(self._rarity.get(word, self._unheard) for word in words)
        return sum(self._rarity[word] for word in words if word in self.turns[turn]) / total if total else 0.0

    def holds_numbers(self, fact: Fact, turn: int) -> bool:
        return all(any(wanted.same(said) for said in self.numbers[turn]) for wanted in fact.quantities)


def words_of(text: str) -> set[str]:
    """The stems of a text that carry content."""
    return {
        t.stem for t in tokens(text) if t.word[0].isalnum() and not t.word[0].isdigit() and t.stem not in stop_stems()
    }


def saying_turns(pair: Pair, fact: Fact, words: _Words) -> list[int]:
    """The turns that say a fact, by raw words and numbers; none where it is not surely said."""
    overlaps = [words.overlap(fact, n) for n in range(len(pair.turns))]
    if len(words_of(fact.text)) < 2 or max(overlaps, default=0) < SURELY:
        return []
    said = [n for n, share in enumerate(overlaps) if share >= SAYS]
    if fact.quantities and not any(words.holds_numbers(fact, n) for n in said):
        return []
    return said


def deletions(pair: Pair, most: int, rng: random.Random) -> Iterator[Fault]:
    """`deleted`: all that says a fact is gone. `deleted-similar-left`: the turns with its number are gone, others share
    most of its words. `answer-deleted`: a question stays, its short answer goes."""
    words = _Words(pair.turns)
    found = facts(pair.note)
    rng.shuffle(found)
    counts: Counter[str] = Counter()
    for fact in found:
        said = saying_turns(pair, fact, words)
        if not said:
            continue
        if fact.quantities:
            holding = [n for n in said if words.holds_numbers(fact, n)]
            left = [n for n in said if n not in holding]
            if left and counts["deleted-similar-left"] < most:
                counts["deleted-similar-left"] += 1
                yield _without("deleted-similar-left", pair, fact, holding)
        asked = len(said) == 1 and _asks(pair.turns[said[0]], fact)
        if asked and (answer := _answer(pair, said[0])) is not None and counts["answer-deleted"] < most:
            counts["answer-deleted"] += 1
            yield _without("answer-deleted", pair, fact, [answer])
        if len(said) <= 4 and counts["deleted"] < most:
            counts["deleted"] += 1
            answers = [n + 1 for n in said if _answer(pair, n) is not None]
            yield _without("deleted", pair, fact, sorted({*said, *answers}))


def _asks(turn: Turn, fact: Fact) -> bool:
    """Whether the words of a fact are in the question that ends a turn."""
    question = re.split(r"[.!]\s", turn.text)[-1]
    question = " ".join(question.split()[-25:])
    words = words_of(fact.text)
    return len(words & words_of(question)) >= SURELY * len(words)


def _answer(pair: Pair, n: int) -> int | None:
    """The turn after a question, where it is a short yes or no."""
    if n + 1 >= len(pair.turns) or pair.turns[n + 1].speaker == pair.turns[n].speaker:
        return None
    asks = re.search(r"\?\s*$|\b(?:do you|have you|any|are you|did you|how about|what about)\b", pair.turns[n].text)
    answer = pair.turns[n + 1].text
    short = len(answer.split()) <= _SHORT_ANSWER
    plain = re.match(r"\W*(?:uh |um |well )*(?:no|nope|yes|yeah|yep|i do|i have|not|correct|mm-hmm)\b", answer)
    return n + 1 if asks and short and plain else None


def _without(kind: str, pair: Pair, fact: Fact, gone: Sequence[int]) -> Fault:
    kept = tuple(turn for n, turn in enumerate(pair.turns) if n not in set(gone))
    return Fault(kind, pair.note, kept, fact.start, fact.end, frozenset(gone))


_DOSES = {"mg", "mcg", "g", "ml", "unit", "meq"}
_OTHER_SIDE = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
_DENYING = re.compile(r"\b(?:denies|Denies|denied|No|no)\b")
_AFFIRMING = re.compile(r"\b(?:reports|Reports|endorses|Endorses|reported|admits to|complains of)\b")


def contradictions(pair: Pair, most: int, rng: random.Random) -> Iterator[Fault]:
    """A number, dose, drug, side or negation of a note's fact that the dialogue says, changed in the note."""
    words = _Words(pair.turns)
    found = [fact for fact in facts(pair.note) if _is_said(pair, fact, words)]
    rng.shuffle(found)
    counts: Counter[str] = Counter()
    named = {drug.meaning.name for turn in pair.turns for drug in drug_names().find(turn.text)}
    for fact in found:
        for kind, start, end, text in _changes(pair, fact, named, rng):
            if counts[kind] < most:
                counts[kind] += 1
                note = pair.note[:start] + text + pair.note[end:]
                yield Fault(kind, note, pair.turns, start, start + len(text))


def _is_said(pair: Pair, fact: Fact, words: _Words) -> bool:
    overlaps = [words.overlap(fact, n) for n in range(len(pair.turns))]
    best = max(overlaps, default=0.0)
    near = [n for n, share in enumerate(overlaps) if share >= min(SAYS, best)]
    return best >= SAYS and all(
        any(wanted.same(said) for n in near for said in words.numbers[n]) for wanted in fact.quantities
    )


def _changes(pair: Pair, fact: Fact, named: set[str], rng: random.Random) -> Iterator[tuple[str, int, int, str]]:
    """Changes to one fact: kind, place, new text."""
    text = pair.note[fact.start : fact.end]
    for quantity in quantities(text, tokens(text)):
        span = text[quantity.start : quantity.end]
        digits = re.match(r"\d+(?:\.\d+)?", span)
        if digits and quantity.unit not in ("age", "scale", "calendar_year", "times"):
            kind = "dose" if quantity.unit in _DOSES else "number"
            start = fact.start + quantity.start
            yield kind, start, start + digits.end(), _other_number(quantity, rng)
    for drug in drug_names().find(text):
        others = [
            "lisinopril",
            "metformin",
            "atorvastatin",
            "amoxicillin",
            "prednisone",
            "sertraline",
            "warfarin",
            "gabapentin",
        ]
        other = rng.choice([name for name in others if name not in named and name != drug.meaning.name])
        yield "drug", fact.start + drug.start, fact.start + drug.end, other
    for match in re.finditer(r"\b(?:[Ll]eft|[Rr]ight)\b", text):
        yield "side", fact.start + match.start(), fact.start + match.end(), _OTHER_SIDE[match.group()]
    if match := _DENYING.search(text):
        new = {
            "denies": "reports",
            "Denies": "Reports",
            "denied": "reported",
            "No": "Positive for",
            "no": "positive for",
        }[match.group()]
        yield "negation", fact.start + match.start(), fact.start + match.end(), new
    elif match := _AFFIRMING.search(text):
        yield (
            "negation",
            fact.start + match.start(),
            fact.start + match.end(),
            "Denies" if match.group()[0].isupper() else "denies",
        )


def _other_number(quantity: Quantity, rng: random.Random) -> str:
    value = quantity.value
    if quantity.unit in _DOSES:
        new = value * rng.choice([2, 0.5, 4])
    else:
        new = value + rng.choice([1, 2, 3]) if value < 20 else round(value * rng.choice([0.8, 1.15, 1.3]))
    return f"{new:g}"


_FILLERS = ("um ", "uh ", "you know ", "i mean ", "well ", "so ", "okay so ")
_SYNONYMS = (
    ("doctor", "physician"), ("okay", "all right"), ("yeah", "yes"), ("good", "fine"), ("really", "very"), ("a lot", "lots"),
    ("kids", "children"), ("mom", "mother"), ("dad", "father"), ("started", "began"), ("talk about", "discuss"), ("maybe", "perhaps"),
    ("probably", "likely"), ("wan na", "want to"), ("gon na", "going to"), ("hurts", "is painful"), ("big", "large"), ("begin", "start"),
)  # fmt: skip


def style_edits(pair: Pair, rng: random.Random) -> Iterator[tuple[str, tuple[Turn, ...]]]:
    """The dialogue in another style: `fillers`, `synonyms`, `small-talk` (added, and its order changed)."""
    yield (
        "fillers",
        tuple(Turn(t.speaker, rng.choice(_FILLERS) + t.text if rng.random() < 0.4 else t.text) for t in pair.turns),
    )
    changed = []
    for turn in pair.turns:
        text = turn.text
        for old, new in _SYNONYMS:
            text = re.sub(rf"\b{old}\b", new, text)
        changed.append(Turn(turn.speaker, text))
    yield "synonyms", tuple(changed)
    chat = [
        ("doctor", "did you find parking okay?"),
        ("patient", "yes, it was easy."),
        ("doctor", "nice weather out there."),
        ("patient", "it is lovely."),
    ]
    pairs = [chat[:2], chat[2:]]
    rng.shuffle(pairs)
    yield "small-talk", (*(Turn(*turn) for pair_ in pairs for turn in pair_), *pair.turns)


STATEMENTS = (
    ("doctor", "i'm also going to start you on warfarin five milligrams every evening."),
    ("doctor", "your hemoglobin came back at nine point two."),
    ("doctor", "your potassium was five point eight on the labs."),
    ("patient", "i also had a seizure two weeks ago."),
    ("doctor", "i want you to see a nephrologist about your kidneys."),
    ("doctor", "the ct of your abdomen shows a small kidney stone."),
    ("patient", "i've been having blood in my urine for three days."),
    ("doctor", "let's schedule a colonoscopy in two months."),
    ("doctor", "i'm going to give you an injection of ketorolac today."),
    ("patient", "i had my gallbladder taken out in nineteen ninety five."),
    ("patient", "i'm allergic to penicillin, i get hives."),
    ("doctor", "i do hear some wheezing in both lungs."),
    ("doctor", "your tsh is twelve, so the thyroid is slow."),
    ("patient", "i take digoxin every morning."),
    ("doctor", "i'd like you to come back in ten days to recheck this."),
    ("patient", "my brother died of pancreatic cancer."),
    ("doctor", "there is a new rash over your abdomen."),
    ("doctor", "we'll get an mri of your brain."),
    ("patient", "i smoke two packs of cigarettes a day."),
    ("doctor", "you have glaucoma in both eyes."),
    ("doctor", "take prednisone forty milligrams for five days."),
    ("patient", "i've had a fever of a hundred and three."),
    ("doctor", "your ejection fraction is thirty percent."),
    ("patient", "i fainted at the store last tuesday."),
)  # fmt: skip


def insertions(pair: Pair, most: int, rng: random.Random) -> Iterator[tuple[int, tuple[Turn, ...]]]:
    """A statement that the note does not support, put into the dialogue: its turn, and the turns."""
    words = words_of(pair.note)
    strange = [s for s in STATEMENTS if len(words_of(s[1]) & words) / max(1, len(words_of(s[1]))) < 0.5]
    for statement in rng.sample(strange, min(most, len(strange))):
        at = rng.randrange(2, len(pair.turns))
        yield at, (*pair.turns[:at], Turn(*statement), *pair.turns[at:])
