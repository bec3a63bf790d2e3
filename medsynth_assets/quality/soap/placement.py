"""Sentences that stand in another section than theirs: an order outside the plan, an examination finding in the history."""

import re
from collections.abc import Iterator, Mapping, Sequence

from medsynth_assets.clinical.drugs import drugs_named
from medsynth_assets.quality.language.lexicon import stop_stems
from medsynth_assets.quality.language.tokens import tokens
from medsynth_assets.quality.reading import Sentence
from medsynth_assets.quality.soap.fault import Fault, FaultType
from medsynth_assets.quality.soap.sentences import SectionModel, section_model
from medsynth_assets.quality.soap.structure import Opened
from medsynth_assets.quality.soap.thresholds import thresholds

_ORDERS = re.compile(
    r"^(?:(?:\d+\.|[-•*])\s*)?(?:i|we)?\s*(?:will|would like to|am going to|are going to|have|did|'ll)?\s*(?:also\s)?"
    r"(?:start|begin|initiate|prescribe|continue|increase|decrease|refill|discontinue|stop|add|order|refer|take|resume|switch|schedule|obtain|repeat|check)\w*\b"
    r"|\b(?:will|should|can|may|is to|are to|advised to|recommend\w*) (?:also )?(?:start|begin|continue|increase|decrease|take|taking|discontinue|stop|use|be (?:started|prescribed|referred|scheduled|ordered))\b"
    r"|\b(?:was|were|is|are|has been|have been) (?:prescribed|ordered|placed|provided) (?:today|for)?|\b(?:prescription|order|referral|refill)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:he|she|patient|mother|father|they|mr|mrs|ms)\b.{0,40}\b(?:takes?|taking|reports?|states?|has been|was|had|denies|uses|tried|continues)\b",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"\b\d+[- ](?:year|month|week|day)s?[- ]old\b|\bpresents?\b|\bhere (?:today )?for\b", re.IGNORECASE
)
_REASONING = re.compile(r"\b(?:reasoning|assessment|impression|summary|discussion|diagnosis)\b", re.IGNORECASE)
_REPORTED = re.compile(
    r"(?:(?:the )?(?:patient|he|she)\s+(?:also |currently )?)?(?:reports?|denies|endorses|complains|states)\b",
    re.IGNORECASE,
)
_REVIEWED = re.compile(
    r"(?:positive|negative|pos|neg)\b", re.IGNORECASE
)  # `Negative for vomiting.` in a review of systems
_RESULT = re.compile(
    r"\b(?:x-?rays?|mri|ct|echo\w*|ekg|labs?|blood (?:work|pressure|sugar)|cmp|cbc|a1c|hemoglobin|study|test\w*|scan|ultrasound|recent\w*|level\w*|today)\b",
    re.IGNORECASE,
)
_EXAMINED = re.compile(
    r"\b(?:auscultation|palpation|palpable|tender(?:ness)?|non-?tender|range of motion|intact|edema|erythema\w*|ecchymosis|murmurs?|gallops?|rubs?|wheez\w+|rales|rhonchi|"
    r"lungs?|breath sounds|bowel sounds|heart sounds|regular rate|soft|distended|non-?distended|normocephalic|supple|lymphadenopathy|thyromegaly|bruits?|strength|reflex\w*|sensation|"
    r"pupils|extraocular|effusion|swelling|gait|alert|oriented|affect|well[- ]healed|incision|pulses?|cyanosis|clubbing|jaundice|masses|organomegaly|hepatosplenomegaly|negative|positive|"
    r"maneuver|test|sign|inspection|bilaterally|distally|exam(?:ination)?|appear\w*|vital signs|temperature|blood pressure|pulse|respirat\w+|saturation)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 3


def misplaced(parts: Sequence[Opened], model: SectionModel | None = None) -> Iterator[Fault]:
    """Sentences of headed parts that clearly belong to another section.

    Assessment and plan sum up what stands before them: what repeats an earlier part, or stands under a label of
    reasoning, is no fault there; a bare report (`Denies chills.`) or examination finding is.
    """
    model = model or section_model()
    told = {section: _told(parts, section) for section in ("subjective", "objective")}
    for part in parts:
        label, end = "", -1
        for sentence in part.sentences:
            label = sentence.label or (label if sentence.start - end <= 2 else "")  # a label holds for its paragraph
            end = sentence.start + len(sentence.text)
            fault = _fault(part, sentence, label, told, model)
            if fault:
                yield fault


def _told(parts: Sequence[Opened], section: str) -> list[set[str]]:
    return [_content(s.text) for part in parts if section in part.sections for s in part.sentences]


def _fault(
    part: Opened, sentence: Sentence, label: str, told: Mapping[str, list[set[str]]], model: SectionModel
) -> Fault | None:
    text = sentence.text[len(sentence.label) :].lstrip(" :") if sentence.label else sentence.text
    if not part.sections or len(text.split()) < _LEAST_WORDS:
        return None
    odds = model.log_odds(text)
    here = max(odds[section] for section in part.sections)
    belongs = max((section for section in odds if section not in part.sections), key=lambda section: odds[section])
    if odds[belongs] - here < _threshold(part, belongs, text):
        return None
    if sentence.part == "symptoms" and _REVIEWED.match(text):
        return None
    if part.sections[0] in ("assessment", "plan") and belongs in told and _sums_up(text, label, belongs, told[belongs]):
        return None
    end = sentence.start + len(sentence.text)
    return Fault(FaultType.MISPLACED, part.sections[0], sentence.text, sentence.start, end, belongs)


def _threshold(part: Opened, belongs: str, text: str) -> float:
    """How much likelier the other section must be; less for a plain order of a drug or test."""
    limits = thresholds()
    if belongs == "plan" and _ORDERS.search(text) and not _TOLD.search(text):
        return limits["order of a drug" if drugs_named(text) else "order"]
    if belongs == "objective" and _EXAMINED.search(text) and not _REPORTED.match(text):
        return limits["examination finding"]
    if belongs == "subjective" and _REPORTED.match(text):
        return limits["report of the patient"]
    return limits.get(f"{'plan' if part.sections[-1] == 'plan' else part.sections[0]} to {belongs}", limits["other"])


def _sums_up(text: str, label: str, belongs: str, earlier: Sequence[set[str]]) -> bool:
    """Whether a sentence of assessment or plan repeats what an earlier section told, or reasons with it."""
    if _SUMMARY.search(text) or _REASONING.search(label):
        return True
    if belongs == "subjective" and _REPORTED.match(text):
        return False
    if belongs == "objective" and not _RESULT.search(text):
        return False
    words = _content(text)
    limits = thresholds()
    best = max((len(words & other) / len(words) for other in earlier), default=0.0) if words else 1.0
    everything = len(words & set().union(*earlier)) / len(words) if words and earlier else 0.0
    return best >= limits["repeats a sentence"] or everything >= limits["repeats a section"]


def _content(text: str) -> set[str]:
    return {t.stem for t in tokens(text) if t.word[0].isalnum() and t.stem not in stop_stems()}
