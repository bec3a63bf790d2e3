"""dagster-celery's run launcher, for a cluster where workers may vanish. Named in deploy/dagster.yaml, needs the extra `cluster`."""

from typing import Any

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

_PATIENCE_S = (5.0, 15.0)  # a worker answers in milliseconds; one on a busy machine is asked again


class AskingRunLauncher(CeleryRunLauncher):
    """Asks the worker itself how a run is.

    Celery's result backend says STARTED for ever of a task whose whole worker was killed, or whose machine was lost, and so
    does dagster-celery 0.29 (dagster pull request 33493). With this, Dagster's run monitoring finds such a run and fails it, and
    its run retries make another of it. Drop it when dagster-celery does the same.
    """

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        if DAGSTER_CELERY_TASK_ID_TAG not in run.tags:
            return CheckRunHealthResult(
                WorkerStatus.RUNNING, "was not launched through Celery, as `medsynth run` is not"
            )
        found = super().check_run_worker_health(run)
        if found.status is not WorkerStatus.RUNNING:
            return found
        task = self.celery.AsyncResult(run.tags[DAGSTER_CELERY_TASK_ID_TAG])
        worker = str((task.info or {}).get("hostname", ""))
        if not worker or self._is_at(worker, task.id):
            return found
        again = super().check_run_worker_health(run)  # it may have ended meanwhile
        if again.status is not WorkerStatus.RUNNING:
            return again
        return CheckRunHealthResult(WorkerStatus.FAILED, f"worker {worker} is gone, and its run with it")

    def _is_at(self, worker: str, task_id: str) -> bool:
        """Whether the worker answers that it has the task; one of the same name that was started since has not."""
        for patience_s in _PATIENCE_S:
            asked = self.celery.control.inspect(destination=[worker], timeout=patience_s, limit=1)
            answers: dict[str, dict[str, Any]] = asked.query_task(task_id) or {}
            if worker in answers:
                return task_id in answers[worker]
        return False
