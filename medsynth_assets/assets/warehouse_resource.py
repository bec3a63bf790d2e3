"""The warehouse as a Dagster resource: dagster-duckdb's, opened per call and never in a reader's way."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import duckdb
from dagster_duckdb import DuckDBResource

from medsynth_assets.warehouse.file import WarehouseFile


class Warehouse(DuckDBResource):
    """One DuckDB file. `lock_timeout_s`: how long a call waits while another process holds it."""

    lock_timeout_s: float = 60.0

    @property
    def file(self) -> WarehouseFile:
        return WarehouseFile(self.database, self.lock_timeout_s)

    def reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A read-only connection for a moment."""
        return self.file.reading()

    def writing(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """One transaction."""
        return self.file.writing()

    @contextmanager
    def get_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """DuckDBResource's own verb, with our patience for locks."""
        with self.file.writing() as connection:
            yield connection
