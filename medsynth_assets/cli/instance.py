"""The Dagster instance of the command line: the one that the UI opens."""

import os
import shutil
import warnings
from pathlib import Path

import dagster as dg

from medsynth_assets.errors import ConfigError
from medsynth_assets.settings import PROJECT


def dagster_home() -> Path:
    """DAGSTER_HOME where set, else `.dagster` under the project; made and configured on first use.

    Raises ConfigError where the folder cannot be written.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or PROJECT / ".dagster").absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        shipped = PROJECT / "dagster.yaml"
        if not (home / "dagster.yaml").exists() and shipped.exists():
            shutil.copyfile(shipped, home / "dagster.yaml")
    except OSError as error:
        raise ConfigError(f"cannot write {home}: {error.strerror}; set DAGSTER_HOME to a writable folder") from error
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def open_instance() -> dg.DagsterInstance:
    """The instance at dagster_home()."""
    dagster_home()
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    return dg.DagsterInstance.get()
