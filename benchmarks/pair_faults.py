"""Faults put into real pairs, seeded, each with the place where it should be found.

A fact is taken to be said where the raw words of some turn hold it, by their own rarity: no polarity, no calibration, nothing
of the checks under test decides which facts are tried. All the turns that say it are removed: those that raw words name,
those that the lexicon's phrases name, and those that the checks align it with, so that nothing of it is left by mistake.

Kinds of deletion
- `deleted`: every turn that says most of the fact is gone, in its words or in phrases of the lexicon, with the short answers to it.
- `deleted-similar-left`: the turns that say it wholly are gone; others stay that share at least half of its weighted words
  and lack what makes them say it, its number or its most telling word, in any phrase for it (`heart failure` is left to say
  nothing less than `congestive heart failure`, `hurting finger` than `finger pain`: such turns are gone, too).
- `answer-deleted`: the fact is asked for at the end of one turn and nowhere else; the short yes or no after it is gone.

Kinds of contradiction, all made in the note, where it states the fact once: the dialogue then says otherwise wherever it
speaks of it. A change is left out where the dialogue says the new value of the same fact, too (both knees hurt; doses from
10 to 20 mg), or never said the old one (a side that goes without saying).
"""

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.real_pairs import Pair
from medsynth_assets.clinical.drugs import drug_names
from medsynth_assets.quality.facts.covering import match
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.fact import Fact, Part
from medsynth_assets.quality.facts.hearing import Heard, Turn, hear
from medsynth_assets.quality.language.lexicon import lexicon, stop_stems
from medsynth_assets.quality.language.quantities import Quantity, quantities
from medsynth_assets.quality.language.tokens import tokens

SAYS = 0.5  # of a fact's weighted words: a turn with as many says most of it
SURELY = 0.75  # the best turn of a fact that is taken to be said at all
_SHORT_ANSWER = 8  # words
_MOST_GONE = 6  # turns; what is said more often is the subject of the visit, not one fact
_QUESTION_WORDS = 25  # at the end of a turn


class Fault(NamedTuple):
    """A changed pair; note[start:end] of it is where a check should point."""

    kind: str
    note: str
    turns: tuple[Turn, ...]
    start: int
    end: int
    gone: frozenset[int] = frozenset()  # turns removed, by their number before


class _Words:
    """The raw words of a dialogue's turns, with their rarity in it, and the dialogue as the checks hear it."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = [words_of(turn.text) for turn in turns]
        self.numbers = [quantities(turn.text, tokens(turn.text)) for turn in turns]
        self.heard: Heard = hear(turns)
        counts = Counter(stem for words in self.turns for stem in words)
        self._rarity = {stem: math.log(1 + len(turns) / count) for stem, count in counts.items()}
        self._unheard = math.log(1 + len(turns))

    def overlap(self, fact: Fact, turn: int) -> float:
        words = words_of(fact.text)
        total = sum(self._rarity.get(word, self._unheard) for word in words)
        return sum(self._rarity[word] for word in words if word in self.turns[turn]) / total if total else 0.0

    def in_phrases(self, fact: Fact) -> set[int]:
        """The turns that say most of a fact in phrases of the lexicon, or surely all of it in words of them, whatever their
        polarity."""
        phrases = _weighed(fact, [self._turns_of(part) for part in fact.parts])
        words = _weighed(fact, [self._turns_with({*part.meanings, *part.stems}) for part in fact.parts])
        most = {turn for turn, share in phrases.items() if share >= SAYS}
        return most | {turn for turn, share in words.items() if share >= SURELY}

    def wholly_in_phrases(self, fact: Fact) -> set[int]:
        """The turns that say surely all of a fact in phrases of the lexicon."""
        phrases = _weighed(fact, [self._turns_of(part) for part in fact.parts])
        return {turn for turn, share in phrases.items() if share >= SURELY}

    def _turns_of(self, part: Part) -> set[int]:
        """The turns that say a part by one of its names, or by all of its words or what means as much."""
        worded = [self._turns_with(set(lexicon().meanings(stem))) for stem in part.stems]
        return self._turns_with(set(part.meanings)).union(set.intersection(*worded) if worded else ())

    def _turns_with(self, names: set[str]) -> set[int]:
        return {hit.turn for name in names for hit in self.heard.hits.get(name, ())}

    def holds_numbers(self, fact: Fact, turn: int) -> bool:
        return all(any(wanted.same(said) for said in self.numbers[turn]) for wanted in fact.quantities)

    def holds_telling_word(self, fact: Fact, turn: int) -> bool:
        """Whether a turn says what a fact is about, in any phrase for it: its rarest part, of what people say aloud."""
        return not fact.parts or turn in self._turns_of(max(fact.parts, key=lambda part: part.weight))


def _weighed(fact: Fact, turns: Sequence[set[int]]) -> dict[int, float]:
    """The share of a fact's weight that each turn says. turns: of each part."""
    said: dict[int, float] = {}
    for part, those in zip(fact.parts, turns, strict=True):
        for turn in those:
            said[turn] = said.get(turn, 0.0) + part.weight / (fact.weight or 1.0)
    return said


def words_of(text: str) -> set[str]:
    """The stems of a text that carry content."""
    return {
        t.stem for t in tokens(text) if t.word[0].isalnum() and not t.word[0].isdigit() and t.stem not in stop_stems()
    }


def saying_turns(pair: Pair, fact: Fact, words: _Words) -> list[int]:
    """The turns that say most of a fact, by raw words and numbers; none where it is not surely said."""
    overlaps = [words.overlap(fact, n) for n in range(len(pair.turns))]
    if len(words_of(fact.text)) < 2 or max(overlaps, default=0) < SURELY:
        return []
    said = [n for n, share in enumerate(overlaps) if share >= SAYS]
    if fact.quantities and not any(words.holds_numbers(fact, n) for n in said):
        return []
    return said


def deletions(pair: Pair, most: int, rng: random.Random) -> Iterator[Fault]:
    """Deletions of facts that the dialogue says, at most so many of a kind."""
    words = _Words(pair.turns)
    found = facts(pair.note)
    rng.shuffle(found)
    counts: Counter[str] = Counter()
    for fact in found:
        said = saying_turns(pair, fact, words)
        if not said:
            continue
        everything = {*said, *words.in_phrases(fact), *match(fact, words.heard).turns}
        for kind, gone in (
            ("answer-deleted", _only_answer(pair, fact, everything)),
            ("deleted-similar-left", _whole_tellings(fact, words, said, everything)),
            ("deleted", everything if len(everything) <= _MOST_GONE else set()),
        ):
            if gone and counts[kind] < most:
                counts[kind] += 1
                yield _without(kind, pair, fact, gone | {n + 1 for n in gone if _answer(pair, n) is not None})


def _only_answer(pair: Pair, fact: Fact, everything: set[int]) -> set[int]:
    """The short answer to the one question that names a fact."""
    asking = [n for n in sorted(everything) if _asks(pair.turns[n], fact)]
    answers = {n + 1 for n in asking if _answer(pair, n) is not None}
    return answers if len(asking) == 1 and everything <= {*asking, *answers} else set()


def _whole_tellings(fact: Fact, words: _Words, said: Sequence[int], everything: set[int]) -> set[int]:
    """All that says a fact, but for turns that share most of its words and lack its number or its most telling word, in
    any phrase for it."""
    wholly = words.wholly_in_phrases(fact)
    lacking = {
        n
        for n in said
        if words.overlap(fact, n) < SURELY
        and n not in wholly
        and not (words.holds_telling_word(fact, n) and words.holds_numbers(fact, n))
    }
    return everything - lacking if lacking and everything - lacking else set()


def _asks(turn: Turn, fact: Fact) -> bool:
    """Whether a fact's words are in a question that ends a turn. Findings and plans are told, whoever nods to them."""
    last = re.split(r"[.!]\s", turn.text.strip().removesuffix("."))[-1]
    question = " ".join(last.split()[-_QUESTION_WORDS:])
    asks = re.search(
        r"\b(?:do you|have you|any|are you|did you|how about|what about|is there|does it|you have)\b", question
    )
    words = words_of(fact.text)
    within = question[asks.start() :] if asks else question if "?" in question else ""
    return fact.section not in ("objective", "plan") and len(words & words_of(within)) >= SURELY * len(words)


def _answer(pair: Pair, n: int) -> int | None:
    """The turn after a question, where it is a short yes or no."""
    if n + 1 >= len(pair.turns) or pair.turns[n + 1].speaker == pair.turns[n].speaker:
        return None
    asks = re.search(r"\?\s*$|\b(?:do you|have you|any|are you|did you|how about|what about)\b", pair.turns[n].text)
    answer = pair.turns[n + 1].text
    short = len(answer.split()) <= _SHORT_ANSWER
    plain = re.match(r"\W*(?:uh |um |well )*(?:no|nope|yes|yeah|yep|i do|i have|not|correct|mm-hmm)\b", answer)
    return n + 1 if asks and short and plain else None


def _without(kind: str, pair: Pair, fact: Fact, gone: set[int]) -> Fault:
    kept = tuple(turn for n, turn in enumerate(pair.turns) if n not in gone)
    return Fault(kind, pair.note, kept, fact.start, fact.end, frozenset(gone))


_DOSES = {"mg", "mcg", "g", "ml", "unit", "meq"}
_NOT_MEASURED = {"age", "scale", "calendar_year", "times", "month_of_year", "day_of_month", "clock"}
_OTHER_SIDE = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
_AT_HEAD = r"(?:^|(?<=[.:;] )|(?<=- ))"
_OPPOSITES = (
    (re.compile(r"\b[Dd]enies (?:any |having )?(?!that\b|(?:s?he|they|it)\b)"), {"d": "reports ", "D": "Reports "}),
    (re.compile(r"\bdenied (?:any |having )?(?!that\b|(?:s?he|they|it)\b)"), {"d": "reported "}),
    (re.compile(_AT_HEAD + r"No (?!longer|further|known|other|additional|acute|new|changes?\b|significant)"), {"N": "Positive for "}),
    (re.compile(r"(?<=[a-z,] )no (?!longer|further|known|other|additional|acute|apparent|way|new|changes?\b|significant)"), {"n": ""}),
    (re.compile(r"\bwithout (?=[a-z]+(?:[ ,.;]|$))"), {"w": "with "}),
    (re.compile(r"\b(?:[Rr]eports|[Ee]ndorses|[Cc]omplains of) (?!that\b|no\b|(?:s?he|they|it|being|feeling|his|her|doing)\b)"),
     {"r": "denies ", "R": "Denies ", "e": "denies ", "E": "Denies ", "c": "denies ", "C": "Denies "}),
)  # fmt: skip


def contradictions(pair: Pair, most: int, rng: random.Random) -> Iterator[Fault]:
    """A number, dose, drug, side or negation of a note's fact that the dialogue says, changed in the note."""
    words = _Words(pair.turns)
    found = facts(pair.note)
    rng.shuffle(found)
    counts: Counter[str] = Counter()
    named = {drug.meaning.name for turn in pair.turns for drug in drug_names().find(turn.text)}
    for fact in found:
        near = _saying(fact, words)
        if not near:
            continue
        for kind, start, end, text in _changes(pair, fact, near, words, named, rng):
            if counts[kind] < most:
                counts[kind] += 1
                note = pair.note[:start] + text + pair.note[end:]
                yield Fault(kind, note, pair.turns, start, max(start + len(text), fact.end + start + len(text) - end))


def _saying(fact: Fact, words: _Words) -> list[int]:
    """The turns that say most of a fact, where they hold its numbers; none where it is not said."""
    overlaps = [words.overlap(fact, n) for n in range(len(words.turns))]
    near = [n for n, share in enumerate(overlaps) if share >= SAYS]
    said = all(any(wanted.same(said) for n in near for said in words.numbers[n]) for wanted in fact.quantities)
    return near if said else []


def _changes(
    pair: Pair, fact: Fact, near: Sequence[int], words: _Words, named: set[str], rng: random.Random
) -> Iterator[tuple[str, int, int, str]]:
    """Changes to one fact: kind, place, new text."""
    text = pair.note[fact.start : fact.end]
    own = quantities(text, tokens(text))
    for quantity in own:
        span = text[quantity.start : quantity.end]
        digits = re.match(r"\d+(?:\.\d+)?", span)
        if digits and quantity.unit not in _NOT_MEASURED and not re.match(r"\w", text[quantity.start + digits.end() :]):
            kind = "dose" if quantity.unit in _DOSES else "number"
            start = fact.start + quantity.start
            other = _other_number(quantity, rng)
            said = {number.value for n in near for number in words.numbers[n]} | {number.value for number in own}
            if float(other) not in said:
                yield kind, start, start + digits.end(), other
    for drug in drug_names().find(text):
        others = "lisinopril metformin atorvastatin amoxicillin prednisone sertraline warfarin gabapentin".split()
        other = rng.choice([name for name in others if name not in named and name != drug.meaning.name])
        yield "drug", fact.start + drug.start, fact.start + drug.end, other
    sides = list(re.finditer(r"\b(?:left|right)\b", text, re.IGNORECASE))
    around = " ".join(pair.turns[n].text for at in near for n in range(max(0, at - 1), min(at + 2, len(pair.turns))))
    if len(sides) == 1 and (match_ := sides[0]).group() in _OTHER_SIDE:
        own_side, other_side = match_.group().lower(), _OTHER_SIDE[match_.group()].lower()
        if re.search(rf"\b{own_side}\b", around) and not re.search(rf"\b{other_side}\b", around):
            yield "side", fact.start + match_.start(), fact.start + match_.end(), _OTHER_SIDE[match_.group()]
    for pattern, opposite in _OPPOSITES:
        if (cue := pattern.search(text)) and fact.section != "plan":
            yield "negation", fact.start + cue.start(), fact.start + cue.end(), opposite[cue.group()[0]]
            return


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
