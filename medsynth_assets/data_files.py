"""Reading the YAML data files that ship with the package.

Parsing them takes seconds of CPU, reading the same as JSON hundredths: what was parsed is kept in the user's cache folder, under
the hash of the text it was parsed from, so that an edited file is another file.
"""

import contextlib
import hashlib
import os
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson
import yaml

_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times as fast, where libyaml is
_FORMAT = "1"


def read_yaml(file: Traversable | Path) -> Any:
    """The content of one file. Raises yaml.YAMLError where it is not YAML."""
    text = file.read_text(encoding="utf-8")
    kept = _kept_at(text)
    try:
        return orjson.loads(kept.read_bytes())
    except (OSError, orjson.JSONDecodeError):
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
        as_json = orjson.dumps(content)
        if orjson.loads(as_json) != content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_suffix(f".{os.getpid()}")
        mine.write_bytes(as_json)
        mine.replace(path)
