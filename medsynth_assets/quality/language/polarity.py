"""Which words can be so or not so: findings and events, but not the places where they are looked for (data/neutral.yaml)."""

from collections.abc import Sequence
from functools import cache
from importlib import resources

from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.language.tokens import stem

_DATA = resources.files("medsynth_assets.quality.language") / "data"


@cache
def _neutral() -> frozenset[str]:
    tables: dict[str, str] = read_yaml(_DATA / "neutral.yaml")
    return frozenset(stem(word) for words in tables.values() for word in words.split())


def bears(stems: Sequence[str]) -> bool:
    """Whether a phrase of these stems is itself affirmed or denied: `edema`, not the `lower leg` that has none."""
    return not stems or not _neutral().issuperset(stems)
