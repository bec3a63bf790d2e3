"""Names for things: content hashes for artifacts and recipes, stable ids for slots."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from medsynth_assets.errors import UsageError


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: the same text for the same content on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(*parts: object) -> str:
    """24 hex characters (96 bits) over the canonical JSON of the parts."""
    body = _quickly(parts)
    if body is None:
        body = canonical(parts).encode("utf-8", "surrogatepass")
    return blake2b(body, digest_size=12).hexdigest()


def _quickly(parts: object) -> bytes | None:
    """Canonical JSON at a third of its time; None where orjson would write something in another way, or refuses."""
    if not _is_plain(parts):
        return None
    try:
        return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None


def _is_plain(value: object) -> bool:
    """Made of texts and whole numbers: fractions are the one thing that both can write and write in another way."""
    kind = type(value)
    if kind is str or kind is int:
        return True
    if kind is dict:
        return all(map(_is_plain, value.values()))  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    return kind is bool or value is None or isinstance(value, str)


Digest = Callable[
    ..., str
]  # of parts; who checks millions of ids brings a quicker one than `digest`, which is the definition


def artifact_id(kind: str, record_id: str, content: Any, parents: Sequence[str], recipe_id: str) -> str:
    """Name an artifact by everything it is: change anything upstream and the id changes."""
    return digest("artifact:1", kind, record_id, content, list(parents), recipe_id)


def prompt_hash(text: str) -> str:
    """Name a prompt by the lines that a model would see."""
    return digest("prompt:1", [line.rstrip() for line in text.strip().splitlines()])


def schema_hash(schema: Any) -> str:
    """Name the schema of an answer."""
    return digest("schema:1", schema)


def request_hash(
    record_id: str, agent: str, round_: int, recipe_id: str, seed: int, messages: Sequence[Mapping[str, str]],
    by: Digest = digest,
) -> str:  # fmt: skip
    """Name a whole request: the same name is the same question."""
    return by("request:1", record_id, agent, round_, recipe_id, seed, messages)


def request_seed(seed: int, record_id: str, agent: str, round_: int, edition: int = 0, by: Digest = digest) -> int:
    """The seed of one request, from that of its run: 60 bits. edition: how many tries of the same stage went before."""
    return int(by("seed:1", seed, record_id, agent, round_, *([edition] if edition else []))[:15], 16)


def call_id(key: str, attempt: int, started_at: dt.datetime | None, by: Digest = digest) -> str:
    """Name one call of a request. The time is part of it: the same key may be sent again by a later run, and that is
    another call. None for an engine that sends nothing."""
    return by("call:1", key, attempt, *([started_at.isoformat()] if started_at else []))


class Slot(NamedTuple):
    """The place in the dataset that one record fills: a code and an ordinal from 1."""

    code: str
    ordinal: int

    @property
    def record_id(self) -> str:
        """`E11.9/003`: stable for ever."""
        return f"{self.code}/{self.ordinal:03d}"

    @classmethod
    def parse(cls, record_id: str) -> "Slot":
        """Read a record id back. Raises UsageError where it is not one."""
        code, _, ordinal = record_id.partition("/")
        if not code or not ordinal.isdecimal() or int(ordinal) < 1:
            raise UsageError(f"{record_id!r} is not a record id; wanted a code and a number, as in E11.9/003")
        return cls(code.upper(), int(ordinal))
