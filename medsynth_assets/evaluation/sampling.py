"""How much of a corpus each measure looks at: sampling.toml, and samples that are the same in every run."""

import hashlib
import heapq
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


@cache
def limits() -> dict[str, Any]:
    """The sample sizes by measure; reasons stand in the file."""
    text = (resources.files("medsynth_assets.evaluation") / "sampling.toml").read_text("utf-8")
    return tomllib.loads(text)


class Keyed(NamedTuple):
    """Something with the id that decides whether it is sampled."""

    id: str
    item: Any


def place(id_: str) -> int:
    """Where an id stands in the order of sampling: a seeded hash, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(f"{limits()['seed']}:{id_}".encode(), digest_size=8).digest(), "big")


def lowest(items: Iterable[Keyed], size: int) -> list[Any]:
    """The items whose ids hash lowest, in that order; `size` of them in memory however many there are."""
    chosen = heapq.nsmallest(size, ((place(key.id), n, key.item) for n, key in enumerate(items)))
    return [item for _, _, item in chosen]
