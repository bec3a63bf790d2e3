"""A full disk: how it shows itself, and a reserve of space to give up when it comes to that."""

import errno
import os
from pathlib import Path

_RESERVE_BYTES = 8 * 2**20  # the answers of 256 requests under way, several times over
_SIGNS = ("no space left", "disk is full", "disk full", "disk quota exceeded", "file too large")
_SQLITE = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE")  # the last two say "disk I/O error"
_CODES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_disk_full(error: BaseException | None) -> bool:
    """Whether this error, or what it came of, is a disk, a quota or a file-size limit that is used up."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _CODES:
            return True
        if getattr(error, "sqlite_errorname", "") in _SQLITE:
            return True
        if any(sign in str(error).lower() for sign in _SIGNS):
            return True
        error = error.__cause__ or error.__context__
    return False


class Reserve:
    """A file that takes up space until the space is needed for something dearer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        """Take up the space, where it is not taken up already. Raises OSError where there is none."""
        if self._path.exists() and self._path.stat().st_size >= _RESERVE_BYTES:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _fill(file)
        except OSError:
            self.give_up()
            raise
        finally:
            os.close(file)

    def give_up(self) -> None:
        """Free the space. Several processes may do so."""
        self._path.unlink(missing_ok=True)


def _fill(file: int) -> None:
    """With blocks of its own: a file with holes would reserve nothing."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, _RESERVE_BYTES)
        return
    zeros = bytes(2**20)  # macOS, Windows
    for _ in range(_RESERVE_BYTES // len(zeros)):
        os.write(file, zeros)
