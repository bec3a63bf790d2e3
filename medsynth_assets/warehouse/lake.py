"""DuckLake: Parquet on a path that every machine sees, its catalog in PostgreSQL. Many machines may work on it.

Readers are in nobody's way: each sees the newest snapshot as it opened. Writers take turns, by a lock that PostgreSQL
frees when its holder dies, because a transaction is sealed onto the one before it (seals.py). What DuckLake lacks and the
product needs, is answered here and nowhere else:

- sequences: temporary ones of the writing connection, which go on after the highest number in the table;
- `delete ... returning`: not used;
- a read-only connection that reaches nothing else: its directories are allowed before the rest is shut.

Extensions come out of Python packages; nothing is downloaded.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from medsynth_assets.errors import ConfigError, WarehouseError
from medsynth_assets.warehouse.attachments import attachment, kept
from medsynth_assets.warehouse.extensions import load, quoted
from medsynth_assets.warehouse.lake_storage import data_folder, open_storage
from medsynth_assets.warehouse.migrating import bring_to
from medsynth_assets.warehouse.opening import CATALOG, SCHEMA_VERSION, AnyWarehouse
from medsynth_assets.warehouse.shared_leases import SharedLeases

if TYPE_CHECKING:
    import psycopg

PREFIX = "ducklake:postgres:"
_READ_ONLY = "read_only"
_EXTENSIONS = ("ducklake", "postgres_scanner")
_SEQUENCES = {"head_seq": "generation.heads", "quarantine_seq": "generation.quarantine"}
_TURN = 0x6D656473  # the key of the advisory lock: "meds"; a catalog is one warehouse
_KNOWN = "select to_regclass('ducklake_snapshot') is not null"
_PATH = "select value from ducklake_metadata where key = 'data_path'"


class LakeWarehouse(AnyWarehouse):
    """One DuckLake. `given`: `ducklake:postgres:` and a libpq connection string, without a password.

    data_path: a folder, on a network file system where other machines take part, or s3://. path: what belongs to this
    machine lies beside it. timeout_s: how long to wait for the turn to write before WarehouseError.
    """

    def __init__(self, given: str, data_path: str, path: Path, timeout_s: float = 60.0) -> None:
        self.dsn = given.removeprefix(PREFIX)
        if not given.startswith(PREFIX) or not self.dsn.strip():
            raise ConfigError(f"MEDSYNTH_WAREHOUSE is {given!r}; wanted a file, or {PREFIX}dbname=... host=...")
        if _has_password(self.dsn):
            raise ConfigError(
                "MEDSYNTH_WAREHOUSE holds a password, which would be shown; leave it to PGPASSFILE or PGPASSWORD"
            )
        self.data_path = data_folder(data_path)
        self.path, self.name = path, given
        self._timeout_s = timeout_s

    @property
    def exists(self) -> bool:
        with self.catalog() as catalog:
            return bool(_one(catalog, _KNOWN))

    def stamp(self) -> tuple[object, ...]:
        with self.catalog() as catalog:
            return (_one(catalog, "select max(snapshot_id) from ducklake_snapshot"),)

    def size_bytes(self) -> int:
        """Of its Parquet files; rows that still wait in the catalog are not counted."""
        with self.catalog() as catalog:
            live = "select coalesce(sum(file_size_bytes), 0) from ducklake_data_file where end_snapshot is null"
            return int(str(_one(catalog, live)))

    def shut_in(self, con: duckdb.DuckDBPyConnection) -> None:
        con.execute(f"set allowed_directories = [{quoted(self.data_path)}]")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")

    def copy_out(self, con: duckdb.DuckDBPyConnection, copy: Path) -> None:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?", [CATALOG]
        ).fetchall()
        views = con.execute(
            "select schema_name || '.' || view_name, sql from duckdb_views() where database_name = ? and not internal"
            " order by view_oid",
            [CATALOG],
        ).fetchall()
        schema = super()._schema()
        for sequence, table in _SEQUENCES.items():
            schema = schema.replace(f"{sequence};", f"{sequence} start {_next(con, table)};")
        con.execute(f"attach {quoted(str(copy))} as copy")
        con.execute("use copy")
        bring_to(SCHEMA_VERSION, con, str(copy), schema)
        known = "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'copy' union all "
        known += "select schema_name || '.' || view_name from duckdb_views() where database_name = 'copy'"
        ours = {row[0] for row in con.execute(known).fetchall()}
        for (table,) in tables:
            into = f"insert into {table} by name" if table in ours else f"create table {table} as"
            con.execute(f"{into} from {CATALOG}.{table}")
        for view, sql in views:
            if view not in ours:  # DuckDB tells a view without its schema: "CREATE VIEW name AS ..."
                con.execute(f"create view {view} as {sql.partition(' AS ')[2]}")
        con.commit()
        con.execute(f"use {CATALOG}")
        con.execute("detach copy")

    def leases(self, for_s: float) -> SharedLeases:
        return SharedLeases(self.dsn, for_s)

    @contextmanager
    def catalog(self) -> Iterator["psycopg.Connection"]:
        """A connection to PostgreSQL, each statement a transaction. Raises WarehouseError where there is none."""
        import psycopg

        try:
            connection = psycopg.connect(self.dsn, autocommit=True, application_name="medsynth", connect_timeout=10)
        except psycopg.Error as error:
            raise self._unreachable(error) from error
        with connection:
            yield connection

    def maintain(self, keep_days: float) -> dict[str, int]:
        """Merge small files, forget snapshots older than so many days, remove files that no snapshot names: files by step."""
        with self._open(read_only=False) as con:
            done = {}
            for step, call in (
                ("flushed", f"ducklake_flush_inlined_data('{CATALOG}')"),
                ("merged", f"ducklake_merge_adjacent_files('{CATALOG}')"),
                (
                    "expired",
                    f"ducklake_expire_snapshots('{CATALOG}', older_than => now() - to_seconds({keep_days * 86400}))",
                ),
                (
                    "removed",
                    f"ducklake_cleanup_old_files('{CATALOG}', older_than => now() - to_seconds({keep_days * 86400}))",
                ),
            ):
                try:
                    done[step] = len(con.execute(f"call {call}").fetchall())
                except duckdb.Error as error:
                    raise self._unwritten(error) from error
            return done

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        if read_only:
            yield from self._attached(_READ_ONLY)
            return
        with self._turn():
            yield from self._attached(f"data_path {quoted(self.data_path)}")

    @contextmanager
    def staying_open(self) -> Iterator[None]:
        with kept(self._identity):
            yield

    @property
    def _identity(self) -> tuple[str, str]:
        return self.dsn, self.data_path

    def _attached(self, options: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with attachment(self._identity, options, self._attach) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"use {CATALOG}")
            if options != _READ_ONLY:
                self._count_on(connection)
            yield connection

    def _attach(self, options: str) -> duckdb.DuckDBPyConnection:
        with ExitStack() as unless_attached:
            connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
            unless_attached.callback(connection.close)
            load(connection, *_EXTENSIONS)
            open_storage(connection, self.data_path)
            try:
                connection.execute(f"attach {quoted(f'{PREFIX}{self.dsn}')} as {CATALOG} ({options})")
            except duckdb.Error as error:
                raise self._unreachable(error) from error
            unless_attached.pop_all()
        return connection

    def _count_on(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The sequences that DuckLake has not, for the one who writes."""
        there = connection.execute("select count(*) from duckdb_tables() where table_name = 'heads'").fetchone()
        for sequence, table in _SEQUENCES.items():
            start = _next(connection, table) if there and there[0] else 1
            connection.execute(f"create temp sequence {sequence} start {start}")

    def _schema(self) -> str:
        """schema.sql with its sequences where DuckLake finds them: in the connection."""
        lines = super()._schema().splitlines()
        kept = "\n".join(line for line in lines if not line.startswith("create sequence"))
        return kept.replace("nextval('generation.", "nextval('temp.main.")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The one writer of all machines; given up when left, or when this process dies."""
        import psycopg

        with self.catalog() as line:
            began = time.monotonic()
            try:
                line.execute(f"set lock_timeout = {int(self._timeout_s * 1000)}")
                line.execute("select pg_advisory_lock(%s)", [_TURN])
            except psycopg.errors.LockNotAvailable as error:
                raise WarehouseError(
                    f"{self.name} was being written to by others for {time.monotonic() - began:.0f} s; see who in "
                    "pg_stat_activity (application_name medsynth), or raise MEDSYNTH_LOCK_TIMEOUT_S"
                ) from error
            yield

    def _unreachable(self, error: Exception) -> WarehouseError:
        said = " ".join(str(error).split())
        return WarehouseError(
            f"cannot open {self.name}: {said}; is PostgreSQL up, and are MEDSYNTH_WAREHOUSE and MEDSYNTH_DATA_PATH right?"
        )


def _has_password(dsn: str) -> bool:
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise ConfigError(
            f"a lake wants psycopg ({error}); it comes with: pip install medsynth-assets[cluster]"
        ) from error
    try:
        return "password" in conninfo_to_dict(dsn)
    except ProgrammingError as error:
        raise ConfigError(f"MEDSYNTH_WAREHOUSE: after {PREFIX} comes dbname=... host=..., found: {error}") from error


def _one(catalog: "psycopg.Connection", query: str) -> object:
    row = catalog.execute(query.encode()).fetchone()
    return row[0] if row else None


def _next(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """The number after the highest `seq` of a table."""
    row = connection.execute(f"select coalesce(max(seq), 0) + 1 from {table}").fetchone()
    return int(row[0]) if row else 1
