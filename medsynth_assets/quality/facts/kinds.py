"""What kind of fact a clause states, from where it stands and what it says."""

import re
from collections.abc import Sequence

from medsynth_assets.clinical.drugs import drugs_named
from medsynth_assets.quality.facts.fact import Kind, Part
from medsynth_assets.quality.language.quantities import Quantity
from medsynth_assets.quality.reading import Sentence

# Of lower case: to search a text for them so takes a third of the time of ignoring its case.
_REFERRAL = re.compile(r"\b(?:refer(?:red|ral|rals)?|consult(?:ation)?|evaluat(?:ed|ion) by)\b")
_FOLLOW_UP = re.compile(
    r"\b(?:follow(?:ing)?[- ]?up|f/u|return(?:s|ing)?|recheck|see (?:him|her|the patient) (?:back|again)|contact (?:me|us)|call (?:me|us|the))\b",
)
_ORDER = re.compile(
    r"\b(?:order(?:ed|s)?|obtain|check|repeat|schedule[ds]?|x-?rays?|mri|ct|labs?|panel|ultrasound|echocardiogram|colonoscopy|biopsy|test(?:ing)?|scan)\b",
)
_ADVICE = re.compile(
    r"\b(?:advis\w+|encourag\w+|recommend\w*|counsel\w*|educat\w+|avoid\w*|instruct\w*|should|continue (?:to|with)|monitor\w*|limit\w*|ice|rest|exercise|diet)\b",
)
_PARTS = {
    "history": Kind.HISTORY, "family": Kind.HISTORY, "social": Kind.HISTORY, "allergies": Kind.HISTORY,
    "medications": Kind.MEDICATION, "results": Kind.RESULT, "assessment": Kind.DIAGNOSIS, "differential": Kind.DIAGNOSIS,
}  # fmt: skip


def kind_of(sentence: Sentence, text: str, is_denied: bool, numbers: Sequence[Quantity], parts: Sequence[Part]) -> Kind:
    """The kind of the clause `text` of a sentence."""
    if sentence.part in ("medications",):
        return Kind.MEDICATION
    if sentence.section == "plan":
        return _planned(text)
    if sentence.section == "objective":
        if sentence.part == "results":
            return Kind.RESULT
        return Kind.NUMBER if numbers else Kind.FINDING
    if is_denied:
        return Kind.NEGATION
    if drugs_named(text):
        return Kind.MEDICATION
    if sentence.part in _PARTS:
        return _PARTS[sentence.part]
    if sentence.section == "assessment":
        return Kind.DIAGNOSIS
    return Kind.NUMBER if numbers and not parts else Kind.SYMPTOM


def _planned(text: str) -> Kind:
    lower = text.lower()
    if _REFERRAL.search(lower):
        return Kind.REFERRAL
    if drugs_named(text):
        return Kind.MEDICATION
    if _FOLLOW_UP.search(lower):
        return Kind.FOLLOW_UP
    if _ORDER.search(lower):
        return Kind.ORDER
    return Kind.ADVICE if _ADVICE.search(lower) else Kind.DIAGNOSIS
