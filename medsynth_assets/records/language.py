"""Languages of dialogues, by BCP 47 tag. Notes are English: so are the codes, the knowledge and the tasks."""

from collections.abc import Mapping

ENGLISH = "en"

# Those that reviews of synthetic dialogue corpora count, for prompts; another tag is passed on as it is
NAMES: Mapping[str, str] = {
    "en": "English", "fr": "French", "de": "German", "zh": "Chinese", "nl": "Dutch", "ar": "Arabic",
}  # fmt: skip


def is_english(tag: str) -> bool:
    """`en`, and any English of a place, as `en-GB`."""
    return tag.lower().partition("-")[0] == ENGLISH


def language_name(tag: str) -> str:
    """`French`; `French (fr-CA)`; for a language not named here, its tag."""
    name = NAMES.get(tag.lower().partition("-")[0], "")
    return f"{name} ({tag})" if name and "-" in tag else name or tag
