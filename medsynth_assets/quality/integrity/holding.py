"""Whether what a sentence names is held of the patient, or denied, considered, or a relative's."""

import re

_NOT_HELD = re.compile(
    r"\b(?:no|denies|denied|negative for|never|not|nor|free of|absence of|rule[sd]? out|ruling out|unlikely|history of no|"
    r"risk of|risks? for|screen(?:ing|ed)? for|prevent(?:s|ion of)?|in case of|if|versus|vs)\b"
    r"(?:(?!\b(?:but|however|has|reports|takes|endorses)\b)[^.;:]){0,250}$"
    r"|\b(?:without|resolved)\b[^.;:,]{0,40}$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:mother|father|brother|sister|aunt|uncle|grand\w+|son|daughter|parents?|family|relatives?|wife|husband|cousins?|dad|mom)\b",
    re.IGNORECASE,
)


_DOUBTED = re.compile(
    r"\b(?:considered|less likely|were considered|waitlist|waiting|transplant list|awaiting|failed|evaluation|transplant center|differential|worr(?:y|ied|ying))\b",
    re.IGNORECASE,
)


def is_held(sentence: str, start: int) -> bool:
    """Whether a term at a place of a sentence is said of the patient as present: not denied, considered or a relative's."""
    before = sentence[:start]
    return not _NOT_HELD.search(before) and not _OTHERS.search(before) and not _DOUBTED.search(sentence)
