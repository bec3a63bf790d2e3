"""What the integrity checks say: which check, which sentence, why. And whom a note is about."""

from typing import NamedTuple

from medsynth_assets.clinical.family import Sex


class Finding(NamedTuple):
    """One contradiction. `reason` says what was found and what was expected."""

    check: str
    sentence: str
    reason: str


class Subject(NamedTuple):
    """Whom a note is about, as far as known: without a code only what a note says of itself is judged."""

    code: str = ""
    description: str = ""
    age_years: float | None = None
    sex: Sex | None = None
