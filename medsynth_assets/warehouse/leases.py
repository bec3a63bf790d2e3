"""Leases: which process makes which code, so that two that plan the same do not both make it.

A SQLite file beside the warehouse, because a lease is taken and renewed far more often than the warehouse can be
opened. It holds nothing worth keeping: without it, codes are merely free.
"""

import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from medsynth_assets.errors import WarehouseError
from medsynth_assets.process import is_alive
from medsynth_assets.sqlite_file import one_transaction, open_shared

T = TypeVar("T")

_SCHEMA = """
create table if not exists leases (
    icd_code text primary key,
    holder text not null,
    host text not null,
    pid integer not null,
    until_s real not null
) strict;
"""
_RENEWALS = 3  # in the life of a lease: two may fail before it ends


def leases_path(warehouse: Path) -> Path:
    """Where the leases of a warehouse lie: beside it."""
    return warehouse.with_suffix(".leases.sqlite")


class Leases:
    """The leases of one run, renewed by a thread until it is left; then, or when the process dies, its codes are free.

    for_s: how long a lease lives without renewal. Time is the machine's own since it started (`time.monotonic`): the
    wall clock may be set back or forth, and after a restart of the machine no old lease counts.
    """

    def __init__(self, path: Path, for_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._for_s, self._clock = path, for_s, clock
        self._holder = uuid.uuid4().hex
        self._host, self._pid = socket.gethostname(), os.getpid()
        self._using = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._left = threading.Event()
        self._renewing = threading.Thread(target=self._renew_in_time, name="leases", daemon=True)

    def __enter__(self) -> "Leases":
        """Raises WarehouseError where the file cannot be used."""
        try:
            self._connection = open_shared(self._path, _SCHEMA, "off")
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error
        self._renewing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._renewing.join()
        try:
            self._do(lambda con: con.execute("delete from leases where holder = ?", [self._holder]))
        except WarehouseError:
            if error is None:
                raise
        finally:
            if self._connection:
                self._connection.close()

    def take(self, codes: Iterable[str]) -> set[str]:
        """Those of the codes that are now ours; the others are another's."""

        def taking(con: sqlite3.Connection) -> set[str]:
            free = set(codes) - self._held_by_others(con)
            until = self._clock() + self._for_s
            con.executemany(
                "insert or replace into leases values (?, ?, ?, ?, ?)",
                [[code, self._holder, self._host, self._pid, until] for code in free],
            )
            return free

        return self._do(taking)

    def renew(self) -> set[str]:
        """Renew what is still ours, and say which codes those are: a machine that slept may have lost some."""

        def renewing(con: sqlite3.Connection) -> set[str]:
            con.execute("update leases set until_s = ? where holder = ?", [self._clock() + self._for_s, self._holder])
            return {row[0] for row in con.execute("select icd_code from leases where holder = ?", [self._holder])}

        return self._do(renewing)

    def release(self, codes: Iterable[str]) -> None:
        """Free these codes, as far as they are ours."""
        ours = [[code, self._holder] for code in codes]
        self._do(lambda con: con.executemany("delete from leases where icd_code = ? and holder = ?", ours))

    def _held_by_others(self, con: sqlite3.Connection) -> set[str]:
        now = self._clock()
        rows = con.execute(
            "select icd_code, host, pid from leases where holder <> ? and until_s between ? and ?",
            # later than any lease can end: it was given before the machine restarted
            [self._holder, now, now + 2 * self._for_s],
        ).fetchall()
        alive = {pid for _, host, pid in rows if host == self._host and is_alive(pid)}
        return {code for code, host, pid in rows if host != self._host or pid in alive}

    def _renew_in_time(self) -> None:
        while not self._left.wait(self._for_s / _RENEWALS):
            try:
                self.renew()
            except WarehouseError:
                continue  # tried again in time; who writes asks what is still ours

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._using, one_transaction(self._opened()) as con:
                return work(con)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("leases are used inside `with`")
        return self._connection

    def _unusable(self, error: Exception) -> WarehouseError:
        return WarehouseError(f"the leases {self._path} cannot be used: {error}; is the disk full, or read-only?")
