"""The warehouse as the explorer sees it: opened read-only for one request, closed before the page is drawn."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import duckdb

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.opening import AnyWarehouse

T = TypeVar("T")


class Reading:
    """Short read-only looks at one warehouse, and what was computed from it while it has not changed."""

    def __init__(self, file: AnyWarehouse) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._kept: dict[Hashable, object] = {}
        self._kept_of: tuple[object, ...] = ()

    @property
    def exists(self) -> bool:
        return self._file.exists

    @property
    def name(self) -> str:
        return self._file.name

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that can neither write nor reach another file. Raises WarehouseError."""
        try:
            with self._file.reading() as con:
                self._file.shut_in(con)
                yield con
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise WarehouseError(
                f"{self._file.name} lacks tables that the explorer reads ({str(error).splitlines()[0]});"
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

    def stamp(self) -> tuple[object, ...]:
        """The same for as long as the warehouse has not changed."""
        return self._file.stamp()
