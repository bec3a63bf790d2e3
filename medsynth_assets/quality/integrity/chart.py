"""What a note states, read once for all checks: drugs with their doses, conditions held, allergies."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from medsynth_assets.clinical.conditions import Condition, conditions_named
from medsynth_assets.clinical.drugs import Drug, allergy_labels, drugs_named
from medsynth_assets.quality.integrity.finding import Subject
from medsynth_assets.quality.integrity.holding import is_held
from medsynth_assets.quality.reading import Sentence, read

_NOT_TAKEN = re.compile(
    r"\b(?:stop(?:ped)?|discontinu\w+|off|hold|held|avoid\w*|no|not|never|without|instead|switch(?:ed)? from|allerg\w+|"
    r"intoleran\w+|consider\w*|discuss\w*|declin\w+|refus\w+|previous(?:ly)?|prior|former(?:ly)?|tried|failed|could|may|"
    r"might|if|or|alternative\w*|versus|reaction|caused|denies|limit|taper\w*|such as|used to|in the past|would)\b",
    re.IGNORECASE,
)
_ORDERED = re.compile(
    r"\b(?:start\w*|begin\w*|initiat\w+|prescri\w+|continu\w+|add\w*|increas\w+|decreas\w+|refill\w*|remain\w* on|"
    r"keep|stay\w* on|resum\w+|rx|give\w*|titrate\w*|take\w*|new prescription|unchanged|no change)\b|\bdispense\b|\bqty\b|\bdisp\b|\bquantity\b",
    re.IGNORECASE,
)
_ALLERGIC = re.compile(r"\b(?:allerg(?:ic|y) to|allerg(?:ic|y):)\s*", re.IGNORECASE)
_NO_ALLERGY = re.compile(r"\b(?:no known|nkda|nka|none|denies|no drug|no medication)\b", re.IGNORECASE)
_LABEL_SYNONYMS = {"sulfa": "sulfonamides", "pcn": "penicillin", "ace inhibitor": "ace inhibitors", "nsaid": "nsaids"}


@dataclass(frozen=True)
class Mention:
    """A drug in a sentence, with the words that follow it up to the next drug."""

    drug: Drug
    sentence: Sentence
    start: int
    tail: str

    @property
    def is_order(self) -> bool:
        """Whether the plan gives it at this visit."""
        text = self.sentence.text
        said = self.sentence.section == "plan" and bool(_ORDERED.search(text))
        return said and not _NOT_TAKEN.search(text[: self.start]) and not _NOT_TAKEN.search(self.tail[:40])

    @property
    def is_current(self) -> bool:
        """Whether it stands in a list of what the patient takes."""
        text = self.sentence.text
        return self.sentence.part == "medications" and not _NOT_TAKEN.search(text[: self.start])


@dataclass
class Chart:
    """A note with its subject. Everything is derived from the text."""

    note: str
    subject: Subject
    sentences: tuple[Sentence, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sentences = read(self.note)

    @cached_property
    def mentions(self) -> list[Mention]:
        found = []
        for sentence in self.sentences:
            named = drugs_named(sentence.text) if sentence.part != "allergies" else ()
            for n, drug in enumerate(named):
                end = named[n + 1].start if n + 1 < len(named) else len(sentence.text)
                found.append(Mention(drug.meaning, sentence, drug.start, sentence.text[drug.end : end]))
        return found

    @property
    def orders(self) -> list[Mention]:
        return [mention for mention in self.mentions if mention.is_order]

    @property
    def taken(self) -> list[Mention]:
        """Ordered today or on the list of what is taken."""
        return [mention for mention in self.mentions if mention.is_order or mention.is_current]

    @cached_property
    def conditions(self) -> list[tuple[Condition, Sentence]]:
        """Conditions that the note holds of the patient, each where it is first said."""
        found: dict[str, tuple[Condition, Sentence]] = {}
        for sentence in self.sentences:
            if sentence.part in ("family", "differential", "allergies"):
                continue
            for named in conditions_named(sentence.text):
                condition = named.meaning
                if condition.name not in found and is_held(sentence.text, named.start):
                    found[condition.name] = (condition, sentence)
        return list(found.values())

    @cached_property
    def spans(self) -> list[str]:
        """Code ranges that the patient is known to fall into: the note's code and the conditions it holds."""
        own = [self.subject.code] if self.subject.code else []
        return own + [span for condition, _ in self.conditions for span in condition.codes]

    @cached_property
    def allergens(self) -> dict[str, Sentence]:
        """Allergy labels and drug names, lower case, that the patient must not get."""
        found: dict[str, Sentence] = {}
        for sentence in self.sentences:
            text = self._allergy_text(sentence)
            if not text or _NO_ALLERGY.search(text):
                continue
            for word in re.findall(r"[A-Za-z][A-Za-z-]+", text):
                label = _LABEL_SYNONYMS.get(word.lower(), word.lower())
                if label in allergy_labels():
                    found.setdefault(label, sentence)
            for named in drugs_named(text):
                for label in (named.meaning.name, *named.meaning.allergy):
                    found.setdefault(label.lower(), sentence)
        return found

    def _allergy_text(self, sentence: Sentence) -> str:
        if sentence.part == "allergies":
            return sentence.text
        match = _ALLERGIC.search(sentence.text)
        return sentence.text[match.end() :] if match and is_held(sentence.text, match.start()) else ""
