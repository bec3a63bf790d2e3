"""Where the prevalence table comes from: the shipped one, a file, the newest file of a folder, or a URL.

Anything that universal_pathlib opens (https, s3 and others with their fsspec packages) is fetched into a folder beside
the warehouse; what is there stands in when the source cannot be reached.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from upath import UPath

from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.records.identity import digest
from medsynth_assets.reference.prevalence import DEFAULT
from medsynth_assets.settings import Settings

_KINDS = (".csv", ".parquet")


def prevalence_file(settings: Settings) -> Path:
    """The table as a local file, fetched anew where it lies elsewhere.

    Raises ReferenceInputError where a folder holds no table, or a source that was never fetched cannot be reached.
    """
    if not settings.prevalence:
        return DEFAULT
    source = _newest(UPath(settings.prevalence))
    if source.protocol in ("", "file", "local"):
        return Path(source.path)
    return _fetched(source, settings.warehouse.parent / "fetched")


def fingerprint(settings: Settings) -> str:
    """What changes when the table does, as cheaply as its place allows: size and time, or a server's ETag.

    Raises ReferenceInputError where it cannot be told.
    """
    if not settings.prevalence:
        return digest("source:1", "shipped", DEFAULT.stat().st_size)
    source = _newest(UPath(settings.prevalence))
    try:
        told = source.fs.info(source.path if source.protocol in ("", "file", "local") else str(source))
    except Exception as error:  # every filesystem has errors of its own
        raise _unreachable(source, error) from error
    marks = {name: str(told[name]) for name in ("size", "mtime", "ETag", "etag", "LastModified") if told.get(name)}
    return digest("source:1", str(source), marks)


def _newest(source: UPath) -> UPath:
    """The file itself; of a folder, the table with the last name: releases are named by their dates."""
    try:
        if not source.is_dir():
            return source
        tables = [path for path in source.iterdir() if path.suffix.lower() in _KINDS]
    except Exception as error:  # every filesystem has errors of its own
        raise _unreachable(source, error) from error
    if not tables:
        raise ReferenceInputError(f"{_shown(source)} holds no .csv or .parquet; put a prevalence table there")
    return max(tables, key=lambda path: path.name)


def _fetched(source: UPath, folder: Path) -> Path:
    """A copy, swapped in whole."""
    copy = folder / digest("source:1", str(source))[:8] / Path(source.path).name
    part = copy.with_name(f"{copy.name}.{os.getpid()}.part")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(source.read_bytes())
        part.replace(copy)
    except Exception as error:  # every filesystem has errors of its own
        part.unlink(missing_ok=True)
        if not copy.exists():
            raise _unreachable(source, error) from error
    return copy


def _unreachable(source: UPath, error: Exception) -> ReferenceInputError:
    said = " ".join(str(error).split()) or type(error).__name__
    return ReferenceInputError(f"the prevalence table {_shown(source)} cannot be read: {said}; set MEDSYNTH_PREVALENCE")


def _shown(source: UPath) -> str:
    """Without user and password, and without a query, where a signature may be."""
    parts = urlsplit(str(source))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
