"""The files of deploy/: they fit each other, and Dagster takes its own. Containers and Kubernetes themselves are not started."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.workspace.config_schema import process_workspace_config
from dagster_celery.cli import get_validated_config

from deploy.local_cluster import LocalCluster
from medsynth_assets.settings import Settings
from tests.conftest import REPOSITORY

DEPLOY = REPOSITORY / "deploy"


def loaded(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def asked_for(value: Any) -> set[str]:
    """Names of the environment that a configuration takes: {env: NAME} anywhere in it."""
    if isinstance(value, dict):
        return {value["env"]} if set(value) == {"env"} else set().union(*map(asked_for, value.values()))
    return set().union(*map(asked_for, value)) if isinstance(value, list) else set()


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """What a process of the local cluster finds in its environment."""
    return LocalCluster(tmp_path, workers=2).machine("head")


def test_dagster_takes_the_instance_the_workspace_and_the_workers_options(
    machine: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is read by the code that reads it in a cluster; a key that does not exist is refused there."""
    for name, value in machine.items():
        monkeypatch.setenv(name, value)
    ref = InstanceRef.from_dir(machine["DAGSTER_HOME"])
    launcher, coordinator = ref.run_launcher_data, ref.run_coordinator_data
    assert launcher is not None
    assert coordinator is not None
    assert launcher.rehydrate(as_type=object).__class__.__name__ == "AskingRunLauncher"
    assert coordinator.rehydrate(as_type=QueuedRunCoordinator).get_run_queue_config().max_concurrent_runs == 4
    assert ref.settings["run_retries"]["max_retries"] > 0
    assert process_workspace_config(loaded("workspace.yaml")).success
    assert get_validated_config(str(DEPLOY / "celery.yaml"))["broker"] == machine["CELERY_BROKER_URL"]


@pytest.mark.parametrize("name", ["dagster.yaml", "celery.yaml", "workspace.yaml"])
def test_every_variable_asked_for_is_set_in_the_compose_file_and_in_the_local_cluster(
    name: str, machine: dict[str, str]
) -> None:
    """What one of them lacked would be found out only when a container starts."""
    wanted = asked_for(loaded(name))
    assert wanted
    assert wanted <= set(loaded("docker-compose.yaml")["x-medsynth"]["environment"])
    assert wanted <= set(machine)


@pytest.mark.parametrize("where", ["compose", "helm"])
def test_settings_that_a_deployment_gives_exist(where: str) -> None:
    """A misspelt MEDSYNTH_ variable would be ignored in silence."""
    if where == "compose":
        given = set(loaded("docker-compose.yaml")["x-medsynth"]["environment"])
    else:
        (deployment,) = loaded("helm-values.yaml")["dagster-user-deployments"]["deployments"]
        given = {variable["name"] for variable in deployment["env"]}
    ours = {name.removeprefix("MEDSYNTH_").lower() for name in given if name.startswith("MEDSYNTH_")}
    assert {"warehouse", "data_path", "side_files"} <= ours
    assert ours <= set(Settings.model_fields)


def test_compose_starts_what_the_local_cluster_starts() -> None:
    """The same programs; all but servers are of one image, and only the UI is to be reached, from this machine."""
    services = loaded("docker-compose.yaml")["services"]
    assert set(services) == {"postgres", "redis", "tables", "code", "daemon", "ui", "worker"}
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"ui": ["127.0.0.1:3000:3000"]}
    assert services["worker"]["command"][:3] == ["dagster-celery", "worker", "start"]
    for name in ("code", "daemon", "ui", "worker"):
        assert services[name]["image"] == "medsynth"
        assert services[name]["environment"] == services["tables"]["environment"]


def test_files_that_the_image_is_built_from_exist() -> None:
    """COPY of a file that was renamed would fail only at the next build."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text("utf-8").splitlines() if line.startswith("COPY")]
    named = [path for line in lines for path in line.split()[1:-1]]
    assert "deploy/dagster.yaml" in named
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


def test_kubernetes_retries_lost_runs_as_the_instance_does() -> None:
    """The chart writes its dagster.yaml from these values, in camel case."""
    daemon, ours = loaded("helm-values.yaml")["dagsterDaemon"], loaded("dagster.yaml")
    retries = {re.sub("([A-Z])", r"_\1", key).lower(): value for key, value in daemon["runRetries"].items()}
    assert retries == ours["run_retries"]
    assert daemon["runMonitoring"]["enabled"] is ours["run_monitoring"]["enabled"]
    assert daemon["runMonitoring"]["maxResumeRunAttempts"] == ours["run_monitoring"]["max_resume_run_attempts"]
