"""The clinical knowledge base: families read from `knowledge/*.yaml`, merged for one code.

Put here: loading, indexing and inheritance. Not here: what a family may state (family.py).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from medsynth_assets.clinical.family import Family
from medsynth_assets.data_files import read_yaml
from medsynth_assets.errors import MedsynthError


class KnowledgeError(MedsynthError):
    """The knowledge base contradicts itself or its schema; names the file and the family."""


class Cover(NamedTuple):
    """A range of ICD-10-CM codes: one prefix (`S52.5`), or categories from first to last (`J40-J47`)."""

    first: str
    last: str

    @classmethod
    def parse(cls, text: str) -> "Cover":
        first, _, last = text.partition("-")
        return cls(first, last or first)

    def contains(self, code: str) -> bool:
        if self.first == self.last:
            return code.startswith(self.first)
        return _ordinal(self.first) <= _ordinal(code) <= _ordinal(self.last)

    @property
    def narrowness(self) -> tuple[int, int]:
        """Sorts covers from broad to narrow."""
        return len(self.first), _ordinal(self.first) - _ordinal(self.last)


def _ordinal(code: str) -> int:
    """Position of a code's category. A letter in third place (`M1A`) sorts with its decade's first,
    one in second place (`QA0`) with the last of its letter."""
    if not code[1].isdigit():
        return ord(code[0]) * 100 + 99
    last = code[2] if code[2].isdigit() else "0"
    return ord(code[0]) * 100 + int(code[1]) * 10 + int(last)


class Raw(NamedTuple):
    """One family as written, before inheritance."""

    source: str
    body: dict[str, Any]
    digest: str

    @property
    def id(self) -> str:
        return str(self.body["id"])


class Knowledge(NamedTuple):
    """What is known for one code: the merged family, and which family each field came from."""

    family: Family
    chain: tuple[str, ...]  # family ids, broadest first
    digest: str  # hash of the families used: part of a record's recipe
    origin: Mapping[str, tuple[str, ...]]


class KnowledgeBase:
    """All families, indexed by cover. A code reads only the files of its letter; merging is done once a chain.

    Raises KnowledgeError on reading a file that is not a list of families, a family without id or covers,
    a repeated id, or two families that cover the same range.
    """

    def __init__(self, folder: Traversable) -> None:
        self._files = {path.name: path for path in folder.iterdir() if path.name.endswith(".yaml")}
        self._read_files: dict[str, list[Raw]] = {}
        self._by_letter: dict[str, list[tuple[Cover, Raw]]] = {}
        self._by_chain: dict[tuple[str, ...], Knowledge] = {}
        self._by_code: dict[str, tuple[Raw, ...]] = {}

    def __iter__(self) -> Iterator[Raw]:
        """Every family, each once; reads all files."""
        for name in sorted(self._files):
            yield from self._file(name)

    def _file(self, name: str) -> list[Raw]:
        if name not in self._read_files:
            self._read_files[name] = list(_read(self._files[name]))
        return self._read_files[name]

    def _index(self, letter: str) -> list[tuple[Cover, Raw]]:
        """Covers of the letter's files, broad before narrow."""
        if letter not in self._by_letter:
            names = sorted(name for name in self._files if letter in name.partition("_")[0])
            self._by_letter[letter] = _covers([raw for name in names for raw in self._file(name)])
        return self._by_letter[letter]

    def chain(self, code: str) -> tuple[Raw, ...]:
        """Families that cover the code, broadest first; empty where nothing is known."""
        if code not in self._by_code:
            found = {raw.id: raw for cover, raw in self._index(code[:1]) if cover.contains(code)}
            self._by_code[code] = tuple(found.values())
        return self._by_code[code]

    def narrowest_cover(self, code: str) -> Cover | None:
        """The range by which the narrowest family covers the code."""
        covers = [cover for cover, _ in self._index(code[:1]) if cover.contains(code)]
        return covers[-1] if covers else None

    def lookup(self, code: str) -> Knowledge:
        """What is known for one code.

        Raises KnowledgeError where no family covers it, or the merged families are not valid.
        """
        chain = self.chain(code)
        if not chain:
            raise KnowledgeError(f"no family of the knowledge base covers {code}")
        ids = tuple(raw.id for raw in chain)
        if ids not in self._by_chain:
            self._by_chain[ids] = _merge(chain)
        return self._by_chain[ids]


def _covers(families: list[Raw]) -> list[tuple[Cover, Raw]]:
    covers: list[tuple[Cover, Raw]] = []
    ids: dict[str, str] = {}
    seen: dict[Cover, str] = {}
    for raw in families:
        if raw.id in ids:
            raise KnowledgeError(f"{raw.source}: family {raw.id} is also in {ids[raw.id]}")
        ids[raw.id] = raw.source
        written = raw.body["covers"]
        for text in [written] if isinstance(written, str) else written:
            cover = Cover.parse(str(text))
            if cover in seen:
                raise KnowledgeError(f"{raw.source}: {raw.id} and {seen[cover]} both cover {text}")
            seen[cover] = raw.id
            covers.append((cover, raw))
    return sorted(covers, key=lambda pair: (pair[0].narrowness, pair[0]))  # not by their order in the file


def _read(path: Traversable) -> Iterator[Raw]:
    try:
        families = read_yaml(path)
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{path.name}: not readable as YAML: {error}") from error
    if not isinstance(families, list):
        raise KnowledgeError(f"{path.name}: wanted a list of families")
    for body in families:
        if not isinstance(body, dict) or not {"id", "covers"} <= body.keys():
            raise KnowledgeError(f"{path.name}: a family needs id and covers")
        canonical = json.dumps(body, sort_keys=True, default=str)
        yield Raw(path.name, body, hashlib.blake2b(canonical.encode(), digest_size=12).hexdigest())


def _merge(chain: tuple[Raw, ...]) -> Knowledge:
    """Lay narrower families over broader ones: a field replaces, a field written `field+` adds."""
    merged: dict[str, Any] = {}
    origin: dict[str, tuple[str, ...]] = {}
    for raw in chain:
        for key, value in raw.body.items():
            field = key.removesuffix("+")
            if key.endswith("+"):
                merged[field] = [*merged.get(field, []), *value]
                origin[field] = (*origin.get(field, ()), raw.id)
            else:
                merged[field] = value
                origin[field] = (raw.id,)
    try:
        family = Family.model_validate(merged)
    except ValidationError as error:
        narrowest = chain[-1]
        raise KnowledgeError(f"{narrowest.source}: family {narrowest.id}: {error}") from error
    digest = hashlib.blake2b("".join(raw.digest for raw in chain).encode(), digest_size=12).hexdigest()
    return Knowledge(family, tuple(raw.id for raw in chain), digest, origin)


@cache
def knowledge_base() -> KnowledgeBase:
    """The knowledge base that ships with the package, read once a process."""
    return KnowledgeBase(resources.files("medsynth_assets.clinical") / "knowledge")
