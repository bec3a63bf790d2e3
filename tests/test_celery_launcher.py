"""Whether a run's worker is still there, asked of real Redis and real Celery."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus

pytest.importorskip("dagster_celery")

from celery.contrib.testing.worker import start_worker

from deploy.servers import Redis, ServersMissing
from medsynth_assets import celery_launcher
from medsynth_assets.celery_launcher import AskingRunLauncher


@pytest.fixture
def launcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[AskingRunLauncher]:
    """With a Redis of its own; less patient than in earnest."""
    monkeypatch.setattr(celery_launcher, "_PATIENCE_S", (0.2, 2.0))
    with tempfile.TemporaryDirectory(prefix="redis") as folder:  # a socket's name is short
        redis = Redis(Path(folder))
        try:
            redis.start()
        except ServersMissing as missing:
            pytest.skip(str(missing))
        try:
            yield AskingRunLauncher("dagster", redis.url, redis.url)
        finally:
            redis.stop()


def run_of(task_id: str = "") -> dg.DagsterRun:
    return dg.DagsterRun("job", tags={"dagster-celery/task_id": task_id} if task_id else {})


def test_a_run_whose_worker_is_gone_has_failed(launcher: AskingRunLauncher) -> None:
    """The result backend still says STARTED, as it does for ever after a kill -9."""
    launcher.celery.backend.store_result("t1", {"pid": 1, "hostname": "worker1@gone"}, "STARTED")
    found = launcher.check_run_worker_health(run_of("t1"))
    assert found.status is WorkerStatus.FAILED
    assert "worker1@gone is gone" in str(found.msg)


def test_a_run_that_its_worker_has_goes_on_until_it_ends(launcher: AskingRunLauncher) -> None:
    """The worker is asked while it works at the task, and the backend afterwards."""
    begun, may_end = threading.Event(), threading.Event()

    @launcher.celery.task(name="waits", track_started=True)
    def waits() -> int:
        begun.set()
        assert may_end.wait(30)
        return 0

    with start_worker(launcher.celery, pool="threads", perform_ping_check=False):
        task = waits.apply_async(queue="dagster")
        assert begun.wait(30)
        assert launcher.check_run_worker_health(run_of(task.id)).status is WorkerStatus.RUNNING
        forgotten = run_of("t2")  # of an earlier worker of that name
        hostname = launcher.celery.AsyncResult(task.id).info["hostname"]
        launcher.celery.backend.store_result("t2", {"pid": 1, "hostname": hostname}, "STARTED")
        assert launcher.check_run_worker_health(forgotten).status is WorkerStatus.FAILED
        may_end.set()
        task.get(timeout=30)
        assert launcher.check_run_worker_health(run_of(task.id)).status is WorkerStatus.SUCCESS


def test_a_run_of_the_command_line_is_left_alone(launcher: AskingRunLauncher) -> None:
    """`medsynth run` makes its runs in its own process; dagster-celery's launcher would fail to find their task."""
    assert launcher.check_run_worker_health(run_of()).status is WorkerStatus.RUNNING
