"""Which words can be so or not so: findings and events, but not the places where they are looked for (data/neutral.yaml)."""

from functools import cache, lru_cache
from importlib import resources

from medsynth_assets.data_files import read_yaml
from medsynth_assets.quality.language.lexicon import stop_stems
from medsynth_assets.quality.language.tokens import stem

_DATA = resources.files("medsynth_assets.quality.language") / "data"


@cache
def _neutral() -> frozenset[str]:
    return frozenset(stem(word) for words in _tables().values() for word in words.split())


@cache
def _reporting() -> frozenset[str]:
    return frozenset(stem(word) for word in _tables()["reporting"].split())


@cache
def _tables() -> dict[str, str]:
    tables: dict[str, str] = read_yaml(_DATA / "neutral.yaml")
    return tables


@lru_cache(maxsize=32_768)
def bears(stems: tuple[str, ...]) -> bool:
    """Whether a phrase of these stems is itself affirmed or denied: `edema`, not the `lower leg` that has none, nor
    `on the right`."""
    telling = [one for one in stems if one not in stop_stems()]
    return not telling or not _neutral().issuperset(telling)


@lru_cache(maxsize=32_768)
def reports(stems: tuple[str, ...]) -> bool:
    """Whether these are words of reporting alone: with `evidence of` as without, the same is told."""
    telling = [one for one in stems if one not in stop_stems()]
    return bool(telling) and _reporting().issuperset(telling)
