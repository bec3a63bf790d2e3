"""Dagster's SQLite event log with connections that stay open and events in batches, for runs that hold hundreds of partitions.

Dagster's own opens and closes a file for every event, some ten times, which took a quarter of a run over 200 codes; the last
connection to leave a SQLite file in WAL mode even writes the whole log back. Named in dagster.yaml.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from dagster import Field, StringSource
from dagster._core.events import ASSET_EVENTS
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import DynamicPartitionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

_MOST_OPEN = 16  # files; one for each run, and the index of all
_BATCH = 500  # events


class OpenEventLog(SqliteEventLogStorage):
    """base_dir: where the files lie; as Dagster has it under DAGSTER_HOME where none is given.

    A transaction is in the file when it is committed, and on the disk soon after (`synchronous = normal`): a killed process loses no event,
    a power failure the newest ones.
    """

    def __init__(self, base_dir: str = "", inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        self._tables: set[str] = set()
        self._partitions: dict[str, tuple[Any, Sequence[str]]] = {}  # by definition: as of which stamp, the keys
        # where Dagster looks for whether its log takes batches
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(_BATCH))
        super().__init__(base_dir or str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {"base_dir": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> sa.Engine:
        """The one of this file, newest last; what was used longest ago is closed."""
        if not Path(self.path_for_shard(shard)).exists():  # new, or wiped by another process
            self._initialized_dbs.discard(shard)
            if shard in self._engines:
                self._engines.pop(shard).dispose()
        if shard not in self._engines:
            engine = sa.create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            sa.event.listen(engine, "connect", _relax)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > _MOST_OPEN:
            oldest = next(name for name in self._engines if name != INDEX_SHARD_NAME)
            self._engines.pop(oldest).dispose()
        return self._engines[shard]

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Partitions of a run that are planned or made, in two transactions; an asset's entry shows the last of them, as it would one by one."""
        of_assets = [event for event in events if event.dagster_event_type in ASSET_EVENTS]
        if of_assets:
            self._store_of_assets(of_assets)
        super().store_event_batch([event for event in events if event.dagster_event_type not in ASSET_EVENTS])

    def _store_of_assets(self, events: Sequence[EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        table = SqlEventLogStorageTable
        with self.index_transaction() as connection:
            added = table.insert().returning(table.c.id, sort_by_parameter_order=True)
            ids = connection.execute(added, rows).scalars().all()
            self._store_asset_event_tags(connection, events, ids)
            numbered = zip(events, ids, strict=True)
            last = {event.get_dagster_event().asset_key: (event, number) for event, number in numbered}
            for event, number in last.values():
                self._store_asset_event(connection, event, number)
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(table.insert(), rows)

    def has_table(self, table_name: str) -> bool:
        """Dagster asks for every partition of a run; what is there, stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """Dagster asks for all keys as often as a run has partitions: they are read again where one came or went."""
        rows = sa.select(sa.func.count(), sa.func.max(DynamicPartitionsTable.c.id)).where(
            DynamicPartitionsTable.c.partitions_def_name == partitions_def_name
        )
        with self.index_connection() as connection:
            stamp = tuple(connection.execute(rows).one())
        known, keys = self._partitions.get(partitions_def_name, (None, ()))
        if stamp != known:
            keys = super().get_dynamic_partitions(partitions_def_name)
            self._partitions[partitions_def_name] = (stamp, keys)
        return list(keys)

    def wipe(self) -> None:
        self._close()
        super().wipe()

    def dispose(self) -> None:
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()
            self._initialized_dbs.clear()


def _relax(connection: Any, _: object) -> None:
    connection.execute("pragma synchronous = normal")
