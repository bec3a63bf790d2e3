"""The warehouse as the explorer sees it: opened read-only for one request, closed before the page is drawn."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.file import WarehouseFile

T = TypeVar("T")


class Reading:
    """Short read-only looks at one warehouse, and what was computed from it while it has not changed."""

    def __init__(self, file: WarehouseFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._kept: dict[Hashable, object] = {}
        self._kept_of: tuple[tuple[int, int], ...] = ()

    @property
    def path(self) -> Path:
        return self._file.path

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that can neither write nor reach another file. Raises WarehouseError."""
        try:
            with self._file.reading() as con:
                con.execute("set enable_external_access = false")
                con.execute("set lock_configuration = true")
                yield con
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise WarehouseError(
                f"{self.path} lacks tables that the explorer reads ({str(error).splitlines()[0]});"
                " bring it up to date with: medsynth run --top 20"
            ) from error

    def kept(self, key: Hashable, compute: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """The answer for `key`, computed again only after the file has changed."""
        with self._lock:
            stamp = self.stamp()
            if stamp != self._kept_of:
                self._kept, self._kept_of = {}, stamp
            if key not in self._kept:
                with self.open() as con:
                    self._kept[key] = compute(con)
            return self._kept[key]  # type: ignore[return-value]  # stored under this key by the same `compute`

    def stamp(self) -> tuple[tuple[int, int], ...]:
        """The same for as long as the file has not changed."""
        files = (self.path, self.path.with_name(self.path.name + ".wal"))
        found = (file.stat() for file in files if file.exists())
        return tuple((seen.st_mtime_ns, seen.st_size) for seen in found)
