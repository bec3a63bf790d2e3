"""DuckDB's extensions, out of the Python packages that carry them: nothing is downloaded."""

from importlib import import_module
from pathlib import Path

import duckdb

from medsynth_assets.errors import ConfigError


def load(connection: duckdb.DuckDBPyConnection, *extensions: str) -> None:
    """Load extensions out of the packages that carry them. Raises ConfigError where one is not installed."""
    for extension in extensions:
        try:
            package = import_module(f"duckdb_extension_{extension}")
        except ImportError as error:
            raise ConfigError(
                f"DuckDB's extension {extension} is not installed; it comes with: pip install medsynth-assets[cluster]"
            ) from error
        (file,) = Path(str(package.__file__)).parent.rglob(f"{extension}.duckdb_extension")
        connection.execute(f"load {quoted(str(file))}")


def quoted(text: str) -> str:
    """A literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
