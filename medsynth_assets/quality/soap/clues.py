"""What speaks for and against a sentence standing in the wrong section."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from medsynth_assets.clinical.drugs import drugs_named
from medsynth_assets.quality.language.lexicon import stop_stems
from medsynth_assets.quality.language.tokens import tokens
from medsynth_assets.quality.reading import SOAP, Sentence
from medsynth_assets.quality.soap.sentences import SectionModel
from medsynth_assets.quality.soap.structure import Opened

LEAST_WORDS = 3  # shorter sentences say too little of where they belong
_FAR = 6.0  # natural logarithm of the odds; what is beyond counts as much
_NEAR = 2  # sentences on either side that show what the place is like
_MOST_KEPT = 4_096  # sentences: notes of one engine repeat more than half of theirs
# The patterns below are of lower case: to search a text for them so takes a third of the time of ignoring its case.
_ORDERS = re.compile(
    r"^(?:(?:\d+\.|[-•*])\s*)?(?:i|we)?\s*(?:will|would like to|am going to|are going to|have|did|'ll)?\s*(?:also\s)?"
    r"(?:start|begin|initiate|prescribe|continue|increase|decrease|refill|discontinue|stop|add|order|refer|take|resume|switch|schedule|obtain|repeat|check)\w*\b"
    r"|\b(?:will|should|can|may|is to|are to|advised to|recommend\w*) (?:also )?(?:start|begin|continue|increase|decrease|take|taking|discontinue|stop|use|be (?:started|prescribed|referred|scheduled|ordered))\b"
    r"|\b(?:prescri\w+|order|orders|referral|refills?)\b",
)
_FLAGS = {
    "told": re.compile(
        r"\b(?:he|she|patient|mother|father|they|mr|mrs|ms)\b.{0,40}\b(?:takes?|taking|reports?|states?|has been|was|had|denies|uses|tried|continues)\b",
    ),
    "past": re.compile(
        r"\b(?:had|was|were|has been|have been|underwent|previous(?:ly)?|prior|ago|last|since|recently|history of|status post|s/p|diagnosed)\b",
    ),
    "ahead": re.compile(
        r"\b(?:will|should|would like|recommend\w*|advised?|going to|due for|encouraged?)\b"
    ),
    "reports first": re.compile(
        r"(?:(?:the )?(?:patient|he|she|mom|mother|dad|father)\s+(?:also |currently )?)?(?:reports?|denies|endorses|complains|states|describes)\b"
        r"|(?:the patient|he|she)\s+(?:has been |also |is )?experienc\w+",
    ),
    "reports": re.compile(
        r"\b(?:report|denie|endorse|complain|state|describe|feel|experience|rate)(?:s|d|ed|ing)?\b"
    ),
    "reviewed": re.compile(r"(?:positive|negative|pos|neg|pertinent|otherwise negative)\b"),  # `Negative for vomiting.`
    "result": re.compile(
        r"\b(?:x-?rays?|mri|ct|echo\w*|ekg|labs?|blood (?:work|sugar)|cmp|cbc|a1c|hemoglobin|study|studies|scan|ultrasound|mammogra\w+|levels?|results?|patholog\w+|margins?|nodes? removed|showed|revealed|demonstrated|came back)\b",
    ),
    "measured": re.compile(r"\d+/\d+|\d+(?:\.\d+)? ?(?:%|degrees|mmhg|bpm|mm|cm)\b"),
    "on examination": re.compile(r"\b(?:exam(?:ination|ined)?|inspection|palpa\w+|auscult\w+|percuss\w+)\b"),
    "body": re.compile(
        r"\b(?:lungs?|breath sounds|bowel sounds|heart sounds|regular rate|rhythm|abdomen|pupils|extraocular|ears?|skin|cervix|labia|vagina\w*|uterus|testic\w+|prostate|"
        r"breasts?|neck|throat|tonsils?|thyroid|scalp|nails?|scar|incision|wound|joints?|knees?|hips?|shoulders?|elbows?|wrists?|fingers?|ankles?|foot|feet|spine|calf|extremit\w+|gait|"
        r"mucosa\w*|conjunctiva\w*|sclera\w*|tympanic|nodes?|pulses?|reflex\w*|strength|sensation|motor|mood|affect|speech|vision|visual|hearing)\b",
    ),
    "sign": re.compile(
        r"\b(?:tender\w*|non-?tender|range of motion|flexion|extension|rotation|dorsiflexion|plantarflexion|abduction|intact|edema|erythema\w*|ecchymos\w+|murmurs?|gallops?|rubs?|wheez\w+|"
        r"rales|rhonchi|crackles|soft|distended|non-?distended|normocephalic|supple|lymphadenopathy|thyromegaly|bruits?|effusion|swelling|swollen|alert|oriented|distress|nourished|appear\w*|"
        r"well[- ]healed|healed|warm\w*|cyanosis|clubbing|jaundice|masses|organomegaly|hepatosplenomegaly|maneuver|signs?|lesions?|rash|nodules?|plaques?|moles?|patchy|clear|symmetric\w*|"
        r"normal|bilaterally|distally|medial\w*|lateral\w*|anterior|posterior|palpable|exudate|unremarkable|resisted|passive|negative|positive|visible|touch)\b",
    ),
    "ill": re.compile(r"\b(?:pain\w*|headaches?|nausea|vomiting|cough|fever|chills|fatigue|dizz\w+|sleep\w*|symptoms?)\b"),
    "person": re.compile(r"\b(?:he|she|his|her|patient|they|mr|mrs|ms|mother|mom|father)\b"),
    "we": re.compile(r"\b(?:i|we|my|our)\b"),
    "verb": re.compile(r"\b(?:is|was|are|were|has|have|had|be|will|den(?:y|ies)|reports?|states?)\b"),
}  # fmt: skip
_BY_SECTION = ("sign", "body", "result", "reports", "past")  # weigh differently from section to section
_EXAMINATION = re.compile(r"\bexam")
_CONDITIONS = (
    "failure",
    "disease",
    "disorder",
    "syndrome",
    "infection",
    "infections",
    "gain",
    "loss",
    "enzymes",
    "breath",
    "pain",
    "dysfunction",
    "regurgitation",
    "deficiency",
)
_COUNTED, _MOST = ("sign", "body"), 3  # several say more than one
_AT_THE_HEAD = ("reports first", "reviewed")
_SUMMARY = re.compile(r"\ban? \d+[- ](?:year|month|week|day)s?[- ]old\b|\bpresents\b|\bhere (?:today )?for\b")
_AGREES = re.compile(r"\bagree\w*\b|\bunderst(?:an|oo)d\w*\b|\bverbali[sz]e\w*\b|\bconsent\w*\b|\bquestions\b")
_REASONING = re.compile(r"\b(?:reasoning|assessment|impression|summary|discussion|diagnosis)\b")


class Doubt(NamedTuple):
    """A sentence, the section where it might belong instead of the one where it stands, and the clues: name and amount."""

    part: Opened
    sentence: Sentence
    belongs: str
    clues: Mapping[str, float]


class _Placed(NamedTuple):
    part: Opened
    sentence: Sentence
    label: str  # of its paragraph
    is_above_label: bool
    odds: Mapping[str, float]
    words: frozenset[str]
    is_personal: bool

    def leaning(self, belongs: str) -> float:
        """How much likelier the sentence alone is of that section than of where it stands: logarithm of the odds."""
        here = max(self.odds[section] for section in self.part.sections)
        return max(-_FAR, min(_FAR, self.odds[belongs] - here))


def doubts(parts: Sequence[Opened], model: SectionModel) -> Iterator[Doubt]:
    """Every sentence of the headed parts that is not in place beyond doubt, once for each other section."""
    placed = list(_placed(parts, model))
    by_section: dict[tuple[str, ...], list[_Placed]] = {}
    for one in placed:
        by_section.setdefault(one.part.sections, []).append(one)
    told = {s: [p.words for p in placed if s in p.part.sections] for s in ("subjective", "objective")}
    for sections, same in by_section.items():
        doubted = [
            n for n, one in enumerate(same) if len(one.sentence.text.split()) >= LEAST_WORDS and not _is_in_place(one)
        ]
        own = {n: _own_clues(same[n]) for n in doubted}
        impersonal = {n: _impersonal(n, same) for n in doubted}
        for belongs in SOAP:
            if belongs in sections:
                continue
            leanings = [one.leaning(belongs) for one in same]
            everything = frozenset[str]().union(*told.get(belongs, []))
            for n in doubted:
                repeats = _repeats(same[n].words, told.get(belongs, []), everything)
                clues = {**own[n], **_leanings(n, leanings), **impersonal[n], **repeats}
                yield Doubt(same[n].part, same[n].sentence, belongs, clues)


def _is_in_place(one: _Placed) -> bool:
    """Complaints; and in assessment and plan reasons labelled as such, the age and complaint once more, an agreement."""
    if one.sentence.part == "complaint":
        return True
    if one.part.sections[-1] not in ("assessment", "plan"):
        return False
    bare = one.sentence.bare.lower()
    return bool(_REASONING.search(one.sentence.label.lower()) or _SUMMARY.search(bare) or _AGREES.search(bare))


def _placed(parts: Sequence[Opened], model: SectionModel) -> Iterator[_Placed]:
    for part in parts:
        label, end = "", -1
        for n, sentence in enumerate(part.sentences if part.sections else ()):
            label = sentence.label or (label if sentence.start - end <= 2 else "")  # a label holds for its paragraph
            end = sentence.start + len(sentence.text)
            following = part.sentences[n + 1 : n + 2]
            yield _Placed(
                part,
                sentence,
                label,
                bool(following and following[0].label),
                model.log_odds(sentence.bare),
                frozenset(_content(sentence.text)),
                bool(_FLAGS["person"].search(sentence.text.lower())),
            )


@lru_cache(maxsize=_MOST_KEPT)
def _flags(text: str, bare: str) -> Mapping[str, float]:
    """The flags of a sentence, and of its text without the label, each with how often it counts."""
    text, bare = text.lower(), bare.lower()
    found = {
        name: 1.0
        for name, pattern in _FLAGS.items()
        if (pattern.match(bare) or pattern.match(text) if name in _AT_THE_HEAD else pattern.search(bare))
    }
    return found | {name: float(min(_MOST, len(_FLAGS[name].findall(bare)))) for name in _COUNTED if name in found}


def _own_clues(one: _Placed) -> dict[str, float]:
    text, part = one.sentence.bare, one.part
    found = dict(_flags(one.sentence.text, text))
    if _EXAMINATION.search(one.sentence.label.lower()):
        found["on examination"] = 1.0
    if one.sentence.part == "symptoms" and found.keys() & {"reviewed", "reports first"}:
        found["answers a review of systems"] = 1.0
    if part.sections[-1] == "plan" and "verb" not in found and text.rstrip(".").endswith(_CONDITIONS):
        found["names a condition"] = 1.0
    if _ORDERS.search(text.lower()):
        found["order of a drug" if drugs_named(text) else "order"] = 1.0
    if _REASONING.search(one.label.lower()):
        found["follows reasoning"] = 1.0
    if one.is_above_label and not one.sentence.label and "verb" not in found and part.sections[0] in SOAP[2:]:
        found["titles a problem"] = 1.0
    if one.sentence.label:
        found["labelled"] = 1.0
    if len(text.split()) <= 6:
        found["short"] = 1.0
    place = f"in {' and '.join(part.sections)}"
    found |= {place: 1.0} | {f"{name} {place}": found[name] for name in _BY_SECTION if name in found}
    if one.sentence.part not in SOAP:
        found[f"under {one.sentence.part}"] = 1.0
    return found


def _leanings(n: int, leanings: Sequence[float]) -> dict[str, float]:
    """How the sentence, its neighbours and the rest of its section lean."""
    around = [*leanings[max(0, n - _NEAR) : n], *leanings[n + 1 : n + 1 + _NEAR]]
    return {
        "leans there": max(0.0, leanings[n]),
        "leans here": min(0.0, leanings[n]),
        "neighbours lean there": sum(around) / max(1, len(around)),
        "section leans there": (sum(leanings) - leanings[n]) / max(1, len(leanings) - 1),
    }


def _impersonal(n: int, same: Sequence[_Placed]) -> dict[str, float]:
    around = [*same[max(0, n - _NEAR) : n], *same[n + 1 : n + 1 + _NEAR]]
    return {"impersonal among persons": sum(p.is_personal - same[n].is_personal for p in around) / max(1, len(around))}


def _repeats(words: frozenset[str], earlier: Sequence[frozenset[str]], everything: frozenset[str]) -> dict[str, float]:
    """Shares (0 to 1) of its words that one sentence, and all sentences, of the other section have."""
    if not words or not earlier:
        return {}
    return {
        "repeats a sentence": max(len(words & other) for other in earlier) / len(words),
        "repeats the section": len(words & everything) / len(words),
    }


def _content(text: str) -> set[str]:
    return {t.stem for t in tokens(text) if t.word[0].isalnum() and t.stem not in stop_stems()}
