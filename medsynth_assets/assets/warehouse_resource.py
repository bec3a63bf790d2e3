"""The warehouse as a Dagster resource: dagster-duckdb's, opened per call and never in a reader's way."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb
from dagster_duckdb import DuckDBResource

from medsynth_assets.settings import Settings, load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.opening import AnyWarehouse


class Warehouse(DuckDBResource):
    """A DuckDB file, or a lake where one is given. `lock_timeout_s`: how long a call waits while another process holds it."""

    lock_timeout_s: float = 60.0
    lake: str = ""
    data_path: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Warehouse":
        """The one that the settings name."""
        return cls(
            database=str(settings.warehouse), lock_timeout_s=settings.lock_timeout_s, lake=settings.lake,
            data_path=settings.data_path,
        )  # fmt: skip

    @property
    def settings(self) -> Settings:
        """The settings of this process, with this warehouse."""
        names = {"warehouse": Path(self.database), "lake": self.lake, "data_path": self.data_path}
        return load_settings().model_copy(update={**names, "lock_timeout_s": self.lock_timeout_s})

    @property
    def file(self) -> AnyWarehouse:
        return warehouse_of(self.settings)

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
