"""Reading the YAML data files that ship with the package.

Parsing them takes seconds of CPU, reading the same as JSON hundredths: what was parsed is kept in the user's cache folder, under
the hash of the text it was parsed from, so that an edited file is another file. JSON has no dates: beside the content stands where
it has some.
"""

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson
import yaml

_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times as fast, where libyaml is
_FORMAT = "2"
_Path = tuple[str | int, ...]


def read_yaml(file: Traversable | Path) -> Any:
    """The content of one file. Raises yaml.YAMLError where it is not YAML."""
    text = file.read_text(encoding="utf-8")
    kept = _kept_at(text)
    try:
        return _unpacked(kept.read_bytes())
    except (OSError, ValueError, LookupError, TypeError):  # not there, cut off, or something else
        content = yaml.load(text, Loader=_SAFE)  # noqa: S506  a safe loader
        _keep(kept, content)
        return content


def _kept_at(text: str) -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache")
    name = hashlib.blake2b(f"{_FORMAT}\0{text}".encode(), digest_size=16).hexdigest()
    return folder / "medsynth" / "yaml" / f"{name}.json"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a user without one: then nothing can be kept
        return Path(os.devnull)


def _keep(path: Path, content: Any) -> None:
    """As far as that is possible: JSON cannot hold everything that YAML can, and not every folder can be written."""
    with contextlib.suppress(OSError, TypeError):
        packed = orjson.dumps({"content": content, "dates": list(_dates(content))})
        if _unpacked(packed) != content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_suffix(f".{os.getpid()}")
        mine.write_bytes(packed)
        mine.replace(path)


def _dates(content: Any, at: _Path = ()) -> Iterator[_Path]:
    """Where the content has a date: the keys and positions that lead to it."""
    if type(content) is dt.date:  # a time of day is another type, and not kept
        yield at
    elif isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from _dates(value, (*at, key))


def _unpacked(packed: bytes) -> Any:
    """Raises ValueError, LookupError or TypeError for anything that was not packed here."""
    whole = orjson.loads(packed)
    for at in whole["dates"]:
        holder: Any = whole
        path = ["content", *at]
        for key in path[:-1]:
            holder = holder[key]
        last = path[-1]
        holder[last] = dt.date.fromisoformat(holder[last])
    return whole["content"]
