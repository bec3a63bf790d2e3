"""Where a lake's Parquet lies: a folder, or an object store, with the keys of the environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from medsynth_assets.errors import ConfigError
from medsynth_assets.warehouse.extensions import load, quoted

_KEYS = {"key_id": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "session_token": "AWS_SESSION_TOKEN"}
# httpfs reads the environment into settings that any query sees
_SHOWN = ("s3_access_key_id", "s3_secret_access_key", "s3_session_token")


def data_folder(data_path: str) -> str:
    """Whole, with a slash at its end. Raises ConfigError where none was given, or one of an unknown kind."""
    if not data_path:
        raise ConfigError("MEDSYNTH_DATA_PATH is not set: a folder that all machines see, or s3://bucket/folder")
    if "://" not in data_path:
        return f"{Path(data_path).absolute()}/"
    if urlsplit(data_path).scheme != "s3":
        raise ConfigError(f"MEDSYNTH_DATA_PATH is {data_path!r}; wanted a folder or s3://bucket/folder")
    return data_path.rstrip("/") + "/"


def open_storage(connection: duckdb.DuckDBPyConnection, data_path: str) -> None:
    """Make the folder, or hand the connection the keys of an object store: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL where it is not Amazon's. They live as long as the connection."""
    if not data_path.startswith("s3://"):
        try:
            Path(data_path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"MEDSYNTH_DATA_PATH {data_path} cannot be made: {error.strerror}") from error
        return
    load(connection, "httpfs")
    for setting in _SHOWN:
        connection.execute(f"set {setting} = ''")
    options = {name: os.environ[variable] for name, variable in _KEYS.items() if os.environ.get(variable)}
    options["region"] = os.environ.get("AWS_REGION", "us-east-1")
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint.netloc:
        options |= {"endpoint": endpoint.netloc, "url_style": "path", "use_ssl": str(endpoint.scheme == "https")}
    listed = ", ".join(f"{name} {quoted(value)}" for name, value in options.items())
    connection.execute(f"create secret medsynth_storage (type s3, scope {quoted(data_path)}, {listed})")
