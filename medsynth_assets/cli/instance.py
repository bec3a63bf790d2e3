"""The Dagster instance of the command line: the one that the UI opens."""

import os
import shutil
import socket
import warnings
from pathlib import Path

import dagster as dg

from medsynth_assets.errors import ConfigError
from medsynth_assets.process import is_alive
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


_PROCESS = "medsynth/process"


def own_tags() -> dict[str, str]:
    """Tags by which a run of this process is known again."""
    return {_PROCESS: f"{socket.gethostname()}/{os.getpid()}"}


def close_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs as failed whose process was killed: Dagster sees them as under way for ever otherwise."""
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        host, _, pid = run.tags.get(_PROCESS, "").rpartition("/")
        if host == socket.gethostname() and pid.isdigit() and not is_alive(int(pid)):
            instance.report_run_failed(run, "its process was killed; what it had finished is kept")
