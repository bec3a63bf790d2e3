"""A release's directory: written under another name beside it, made durable, then renamed. It is there whole or not at all.

What a killed process leaves is the hidden folder beside; whoever writes the same release next takes it over. A lock on that
folder, which the kernel lets go when its holder dies, tells a killed process from one that is still writing.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from medsynth_assets.errors import ReleaseError, UsageError


def check_free(directory: Path) -> None:
    """Raises UsageError where something is there already: a release is never written over."""
    if directory.is_dir() and not any(directory.iterdir()):
        return
    if directory.exists() or directory.is_symlink():
        what = "holds a release" if (directory / "manifest.json").is_file() else "is not empty"
        raise UsageError(
            f"{directory} {what}, and releases are never changed; give --out a directory that is not there yet"
        )


@contextmanager
def written_whole(directory: Path) -> Iterator[Path]:
    """A folder to write in. At the end it is `directory`; on an error it is gone.

    Raises UsageError where another process is writing the same release or the directory is taken, ReleaseError where the
    disk refuses.
    """
    check_free(directory)
    partial = directory.with_name(f".{directory.name}.partial")
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir(exist_ok=True)
        lock = os.open(partial, os.O_RDONLY)
    except OSError as error:
        raise UsageError(
            f"cannot write beside {directory}: {error.strerror}; give --out a place that can be written"
        ) from error
    try:
        _take(lock, partial)
        _empty(partial)
        try:
            yield partial
            _make_durable(partial)
            check_free(directory)
            partial.rename(directory)  # over an empty directory this is one step, too
            _sync(directory.parent)
        except OSError as error:
            raise ReleaseError(f"could not write {directory}: {error.strerror or error}; is the disk full?") from error
    except _Taken as error:
        raise UsageError(f"another process is writing {directory}; wait for it, or give another --out") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        os.close(lock)


class _Taken(Exception):
    """The partial folder belongs to a process that lives."""


def _take(lock: int, partial: Path) -> None:
    try:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_ino != partial.stat().st_ino:  # another process was just done with it
            raise _Taken
    except OSError as error:
        raise _Taken from error


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _make_durable(folder: Path) -> None:
    """Bytes and names are on the disk before the rename says so."""
    for parent, _, files in os.walk(folder):
        for name in files:
            _sync(Path(parent) / name)
        _sync(Path(parent))


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
