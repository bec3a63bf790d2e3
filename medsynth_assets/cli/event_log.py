"""Dagster's SQLite event log, kept open while a run of ours writes to it.

Dagster opens and closes the log for every event. The last connection to leave a SQLite file in WAL mode writes the whole log
back and deletes it, which took a third of the time of a run over many partitions; while another connection stays, it does not.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage


@contextmanager
def kept_open(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Hold the logs of the run and of all runs; does nothing where the instance keeps its events elsewhere."""
    storage = instance.event_log_storage
    with ExitStack() as stack:
        if isinstance(storage, SqliteEventLogStorage):
            for shard in (INDEX_SHARD_NAME, run_id):
                connection = stack.enter_context(closing(sqlite3.connect(storage.path_for_shard(shard))))
                connection.execute("pragma journal_mode").fetchone()  # touches the file: only then does it count
        yield
