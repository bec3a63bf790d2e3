"""A cluster on this machine: each of its parts is a process, and each worker has a folder of its own, as a machine would.

PostgreSQL (Dagster's storage, the lake's catalog, leases), Redis (the broker), Dagster's code server, daemon and webserver, and
dagster-celery workers. They share sockets, the lake's Parquet and nothing else.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from deploy.dagster_client import BACKFILL_ENDED, RUN_ENDED, STAGES, DagsterClient
from deploy.servers import Postgres, Redis

HERE = Path(__file__).resolve().parent
_BINARIES = Path(sys.executable).parent
_OURS = ("MEDSYNTH_", "OPENAI_", "DAGSTER_", "CELERY_")


class ClusterFailed(Exception):
    """A part of the cluster did not do what it should; `str()` says which, and where its log is."""


class Run(NamedTuple):
    """A run of Dagster. began_at, ended_at: seconds of the epoch, 0 where it has not; task_id: Celery's."""

    run_id: str
    status: str
    began_at: float
    ended_at: float
    task_id: str
    is_retry: bool


class Worker(NamedTuple):
    """A dagster-celery worker: `name` as Celery has it."""

    name: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """kill -9 of the worker and of the run that it is making."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class LocalCluster:
    """`with LocalCluster(folder) as cluster`: everything runs but workers. `folder`: empty, with a short name (sockets lie in it).

    variables: settings of all parts, over the defaults. workers: for how many it is made. Raises ServersMissing, ClusterFailed.
    """

    def __init__(self, folder: Path, workers: int, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        folder.chmod(0o711)  # the user postgres comes through
        self.postgres, self.redis = Postgres(folder / "pg"), Redis(folder)
        self.workers: list[Worker] = []
        self._at_once = 2 * workers
        self._variables = dict(variables or {})
        self._code_port, self._ui_port = _free_ports(2)
        self._dagster = DagsterClient(self.url, patience_s=300)  # a machine that is busy makes its webserver slow
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    # What it is made of

    @property
    def url(self) -> str:
        """Of Dagster's UI."""
        return f"http://127.0.0.1:{self._ui_port}"

    @property
    def broker(self) -> str:
        return self.redis.url

    def machine(self, name: str) -> dict[str, str]:
        """The environment of a machine: its own instance folder and side files, what all share."""
        own = self.folder / name
        home = own / "dagster"
        if not home.exists():
            home.mkdir(parents=True)
            shutil.copy(HERE / "dagster.yaml", home)
        clean = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        return {
            **clean,
            "PATH": f"{_BINARIES}{os.pathsep}{os.environ.get('PATH', '')}",
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "DAGSTER_STORAGE_URL": self.postgres.url("dagster"),
            "DAGSTER_EVENT_BATCH_SIZE": "500",
            "DAGSTER_RUNS_AT_ONCE": str(self._at_once),
            "DAGSTER_CODE_HOST": "127.0.0.1",
            "DAGSTER_CODE_PORT": str(self._code_port),
            "CELERY_BROKER_URL": self.broker,
            "GX_ANALYTICS_ENABLED": "false",
            "MEDSYNTH_WAREHOUSE": f"ducklake:postgres:{self.postgres.dsn('medsynth')}",
            "MEDSYNTH_DATA_PATH": str(self.folder / "parquet"),
            "MEDSYNTH_SIDE_FILES": str(own),
            "MEDSYNTH_LEASE_S": "15",
            "MEDSYNTH_MAX_PARTITIONS_PER_RUN": "10",
            "COLUMNS": "100",
            **self._variables,
        }

    def _start(self) -> None:
        self._closing.callback(self.postgres.stop)
        self.postgres.start()
        for database in ("dagster", "medsynth"):
            self.postgres.create(database)
        self._closing.callback(self.redis.stop)
        self.redis.start()
        self.call(
            "head",
            "dagster",
            "asset",
            "materialize",
            "-m",
            "medsynth_assets.definitions",
            "--select",
            "group:reference",
        )
        workspace = ["-w", str(HERE / "workspace.yaml")]
        code = ["-h", "127.0.0.1", "-p", str(self._code_port), "-m", "medsynth_assets.definitions"]
        self._spawn("code", "head", "dagster", "code-server", "start", *code)
        self._wait_for(lambda: _is_open(self._code_port), "code")
        self._spawn("daemon", "head", "dagster-daemon", "run", *workspace)
        self._spawn("ui", "head", "dagster-webserver", "-h", "127.0.0.1", "-p", str(self._ui_port), *workspace)
        self._wait_for(self._dagster.is_ready, "ui")

    def call(self, machine: str, program: str, *arguments: str) -> str:
        """Run a command to its end on a machine: what it printed. Raises ClusterFailed."""
        done = subprocess.run(
            [_BINARIES / program, *arguments], cwd=self.folder, env=self.machine(machine),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ClusterFailed(f"{program} {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    def _spawn(self, name: str, machine: str, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A process in a group of its own, stopped when the cluster is."""
        with self.log(name).open("wb") as log:
            process = subprocess.Popen(
                [_BINARIES / program, *arguments], cwd=self.folder, env=self.machine(machine),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip
        self._closing.callback(_end, process)
        return process

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _wait_for(self, is_there: Any, name: str, seconds: float = 600) -> None:
        deadline = time.monotonic() + seconds
        while not is_there():
            if time.monotonic() > deadline:
                raise ClusterFailed(f"{name} was not there after {seconds:.0f} s; see {self.log(name)}")
            time.sleep(0.3)

    # Workers

    def start_workers(self, count: int) -> list[Worker]:
        """So many more; back when all answer."""
        started = []
        for _ in range(count):
            name = f"worker{len(self.workers) + 1}"
            options = ["-A", "dagster_celery.app", "-y", str(HERE / "celery.yaml"), "-n", name, "-l", "WARNING"]
            process = self._spawn(name, name, "dagster-celery", "worker", "start", *options)
            started.append(Worker(f"{name}@{socket.gethostname()}", process))
            self.workers.append(started[-1])
        for worker in started:
            self._wait_for(lambda name=worker.name: self.celery(name).ping(), worker.name.partition("@")[0])
        return started

    def celery(self, *workers: str) -> Any:
        """Celery's own means of asking workers; all where none is named."""
        return self._app().control.inspect(destination=list(workers) or None, timeout=2, limit=len(workers) or None)

    def _app(self) -> Any:
        from celery import Celery

        return Celery(broker=self.broker, backend=self.broker)

    def worker_of(self, run: Run) -> str:
        """The worker that had a run, '' where none has had it yet."""
        task = self._app().AsyncResult(run.task_id) if run.task_id else None
        if task is None or task.state == "PENDING":
            return ""
        return str(task.worker or task.info["hostname"])

    # What Dagster is asked

    def backfill(self, codes: Sequence[str]) -> str:
        """Of these partitions of the generation assets: its id."""
        return self._dagster.launch_backfill(STAGES, codes)

    def backfill_ended(self, backfill_id: str) -> str:
        """How it ended, '' while it has not."""
        status = self._dagster.backfill_status(backfill_id)
        return status if status in BACKFILL_ENDED else ""

    def runs(self, backfill_id: str) -> list[Run]:
        """Of a backfill, the retries among them."""
        return [_run(told) for told in self._dagster.runs_of(backfill_id)]

    def build_marts(self) -> None:
        """The job `marts`, on a worker."""
        run_id = self._dagster.launch_job("marts")
        self._wait_for(lambda: self._dagster.run_status(run_id) in RUN_ENDED, "marts", 600)
        if (status := self._dagster.run_status(run_id)) != "SUCCESS":
            raise ClusterFailed(f"the job marts ended with {status}: {self.url}/runs/{run_id}")


def _run(told: dict[str, Any]) -> Run:
    tags = {tag["key"]: tag["value"] for tag in told["tags"]}
    return Run(
        told["runId"], told["status"], told["startTime"] or 0.0, told["endTime"] or 0.0,
        tags.get("dagster-celery/task_id", ""), "dagster/retry_number" in tags,
    )  # fmt: skip


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group: gently, then not."""
    for signal_, patience_s in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, signal_)
        except ProcessLookupError:
            return
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
