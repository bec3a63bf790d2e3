"""Bringing a warehouse to the schema version of this program, in the transaction that opens it.

schema.sql says what there is; `migrations/NNNN_*.sql` how the tables of version NNNN - 1 become those of NNNN. A
version that only adds tables and views needs no such file. A marker schema names each version that a file went through.
"""

from importlib import resources

import duckdb

from medsynth_assets.errors import WarehouseError

_MARKER = "medsynth_schema_"


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of a warehouse; 0 for a file that holds none."""
    row = connection.execute(
        "select max(try_cast(replace(schema_name, ?, '') as integer)) from duckdb_schemas() "
        "where database_name = current_database() and starts_with(schema_name, ?)",
        [_MARKER, _MARKER],
    ).fetchone()
    return (row and row[0]) or 0


def refuse_newer(found: int, known: int, name: str) -> None:
    """Raises WarehouseError where a newer program wrote the warehouse: what this one would do to it is unknown."""
    if found > known:
        raise WarehouseError(
            f"{name} is of schema version {found}, made by a newer medsynth; this one knows versions up to {known}: "
            "install a newer one, or set MEDSYNTH_WAREHOUSE to another one"
        )


def bring_to(version: int, connection: duckdb.DuckDBPyConnection, name: str, schema: str) -> None:
    """Create or upgrade what is there, of which `schema` is the whole of today, inside the caller's transaction. One cheap query where nothing is to be done.

    Raises WarehouseError for a newer warehouse, and where an upgrade fails; nothing has changed then.
    """
    found = version_of(connection)
    refuse_newer(found, version, name)
    if found == version:
        return
    try:
        if found:
            for step in _steps(found, version):
                connection.execute(step)
        connection.execute(schema)
    except duckdb.Error as error:
        raise WarehouseError(
            f"{name} could not be brought from schema version {found} to {version} and stays as it was: "
            f"{str(error).splitlines()[0]}"
        ) from error
    connection.execute(f"create schema {_MARKER}{version}")


def _steps(found: int, version: int) -> list[str]:
    """The statements of each version after `found`, in order."""
    folder = resources.files("medsynth_assets.warehouse") / "migrations"
    files = sorted(file for file in folder.iterdir() if file.name.endswith(".sql"))  # type: ignore[type-var]
    return [file.read_text("utf-8") for file in files if found < int(file.name[:4]) <= version]
