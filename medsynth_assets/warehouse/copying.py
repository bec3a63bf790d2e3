"""Copying a file that is not being written to, without its bytes where the file system can."""

import contextlib
import os
import shutil
from pathlib import Path

_CHUNK_BYTES = 1 << 30


def share_or_copy(source: Path, copy: Path) -> None:
    """As blocks that both files share where the file system can, else as bytes."""
    if not hasattr(os, "copy_file_range"):  # not Linux
        shutil.copyfile(source, copy)
        return
    with source.open("rb") as old, copy.open("wb") as new:
        with contextlib.suppress(OSError):  # file systems that cannot: what is missing is copied below
            while os.copy_file_range(old.fileno(), new.fileno(), _CHUNK_BYTES):
                pass
        old.seek(new.seek(0, os.SEEK_END))
        shutil.copyfileobj(old, new)
        os.fsync(new.fileno())


def wal_of(path: Path) -> Path:
    """The write-ahead log of a DuckDB file: what a killed writer left belongs to the file."""
    return path.with_name(f"{path.name}.wal")
