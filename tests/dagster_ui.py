"""Dagster's webserver and daemon as a person starts them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence

from deploy.dagster_client import BACKFILL_ENDED, RUN_ENDED, DagsterClient
from tests.conftest import REPOSITORY, Place


class Ui(DagsterClient):
    """`dagster dev` on a port of its own, until `stop`."""

    def __init__(self, place: Place) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        super().__init__(f"http://127.0.0.1:{port}")
        (place.folder / "dagster").mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "dagster.yaml", place.folder / "dagster")
        self._log = (place.folder / "ui.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", str(REPOSITORY / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)],
            cwd=place.folder, env=place.environment, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "dagster dev ended"
            if self.is_ready():
                return
            time.sleep(0.5)
        raise AssertionError("the UI did not come up")

    def wait_for(self, run_id: str, timeout: float = 180) -> str:
        """How a run ended."""
        return _settled(lambda: self.run_status(run_id), RUN_ENDED, timeout)

    def backfill(self, assets: Sequence[str], partitions: Sequence[str]) -> str:
        """How a backfill ended."""
        backfill_id = self.launch_backfill(assets, partitions)
        return _settled(lambda: self.backfill_status(backfill_id), BACKFILL_ENDED, 240)

    def failure(self, run_id: str) -> str:
        return json.dumps(self.step_failures(run_id))

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._log.close()


def _settled(status: Callable[[], str], ended: Collection[str], timeout: float) -> str:
    deadline = time.monotonic() + timeout
    while (now := status()) not in ended:
        assert time.monotonic() < deadline, f"still {now} after {timeout} s"
        time.sleep(0.5)
    return now
