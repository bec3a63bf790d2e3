"""Dagster's webserver and daemon as a person starts them, spoken to as the pages of the UI do: GraphQL."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from typing import Any

from tests.conftest import REPOSITORY, Place

STAGES = ["scenarios", "notes", "dialogues"]
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
BACKFILL_ENDED = {"COMPLETED_SUCCESS", "COMPLETED_FAILED", "COMPLETED", "FAILED", "CANCELED"}
_READY = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
_LAUNCH = """
mutation Launch($executionParams: ExecutionParams!) {
  launchPipelineExecution(executionParams: $executionParams) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}"""
_BACKFILL = """
mutation Backfill($backfillParams: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $backfillParams) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
_RUN_STATUS = "query R($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_BACKFILL_STATUS = (
    "query B($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
)
_RUNS = """query R($tags: [ExecutionTag!]) { runsOrError(filter: {tags: $tags}) { ... on Runs { results {
    runId status startTime endTime } } } }"""
_FAILURES = """query L($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
    __typename ... on ExecutionStepFailureEvent { failureMetadata { description } error { message } } } } } }"""


class Ui:
    """`dagster dev` on a port of its own, until `stop`."""

    def __init__(self, place: Place) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        (place.folder / "dagster").mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "dagster.yaml", place.folder / "dagster")
        self._log = (place.folder / "ui.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", str(REPOSITORY / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(self.port)],
            cwd=place.folder, env=place.environment, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "dagster dev ended"
            try:
                if self.ask(_READY)["repositoriesOrError"].get("nodes"):
                    return
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError("the UI did not come up")

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            answer = json.load(reply)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def launch(self, assets: Sequence[str], partition: str = "") -> str:
        """What the Materialize button sends; gives the run id."""
        tags = [{"key": "dagster/partition", "value": partition}] if partition else []
        params = {
            "mode": "default",
            "executionMetadata": {"tags": tags},
            "runConfigData": "{}",
            "selector": {
                "repositoryLocationName": "medsynth",
                "repositoryName": "__repository__",
                "pipelineName": "__ASSET_JOB",
                "assetSelection": [{"path": [asset]} for asset in assets],
                "assetCheckSelection": None,
            },
        }
        launched = self.ask(_LAUNCH, executionParams=params)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def status(self, run_id: str) -> str:
        return str(self.ask(_RUN_STATUS, id=run_id)["runOrError"]["status"])

    def wait_for(self, run_id: str, timeout: float = 180) -> str:
        """How a run ended."""
        return self._settled(lambda: self.status(run_id), ENDED, timeout)

    def launch_backfill(self, assets: Sequence[str], partitions: Sequence[str]) -> str:
        """What the UI sends for many partitions; gives the backfill's id."""
        params = {"assetSelection": [{"path": [a]} for a in assets], "partitionNames": list(partitions), "tags": []}
        launched = self.ask(_BACKFILL, backfillParams=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return str(launched["backfillId"])

    def backfill_status(self, backfill_id: str) -> str:
        return str(self.ask(_BACKFILL_STATUS, id=backfill_id)["partitionBackfillOrError"]["status"])

    def backfill(self, assets: Sequence[str], partitions: Sequence[str]) -> str:
        """How a backfill ended."""
        backfill_id = self.launch_backfill(assets, partitions)
        return self._settled(lambda: self.backfill_status(backfill_id), BACKFILL_ENDED, 240)

    def runs_of(self, backfill_id: str) -> list[dict[str, Any]]:
        """runId, status, startTime, endTime (seconds of the epoch) of each run of a backfill."""
        found = self.ask(_RUNS, tags=[{"key": "dagster/backfill", "value": backfill_id}])
        runs: list[dict[str, Any]] = found["runsOrError"]["results"]
        return runs

    def _settled(self, status: Any, ended: set[str], timeout: float) -> str:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            now = str(status())
            if now in ended:
                return now
            time.sleep(0.5)
        raise AssertionError(f"still {now} after {timeout} s")

    def failure(self, run_id: str) -> str:
        events = self.ask(_FAILURES, id=run_id)["logsForRun"]["events"]
        return json.dumps([event for event in events if event["__typename"] == "ExecutionStepFailureEvent"])

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._log.close()
