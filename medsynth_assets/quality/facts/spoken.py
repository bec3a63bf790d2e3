"""A fact in the words in which the knowledge about its code says it aloud."""

from collections.abc import Iterator, Mapping

from medsynth_assets.quality.facts.extracting import parts_of
from medsynth_assets.quality.facts.fact import Fact


def respoken(fact: Fact, lay: Mapping[str, str]) -> Iterator[Fact]:
    """The fact with its charted phrases put as they are spoken; nothing where it holds none. `lay`: lower case."""
    text = fact.text.lower()
    said = text
    for charted, spoken in lay.items():
        if charted in said:
            said = said.replace(charted, spoken)
    if said != text:
        if _is_denied(text):
            yield fact._replace(parts=parts_of(said), is_denied=_is_denied(said))
        else:  # what denies it stands at the head of its list
            parts = (part._replace(is_denied=fact.is_denied) for part in parts_of(said))
            yield fact._replace(parts=tuple(parts))


def _is_denied(said: str) -> bool:
    return any(word in said.split() for word in ("no", "not", "without", "never")) or "n't" in said
