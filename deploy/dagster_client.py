"""Dagster's webserver, spoken to as the pages of its UI do: GraphQL."""

import json
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import tenacity

STAGES = ("scenarios", "notes", "dialogues")
RUN_ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
BACKFILL_ENDED = frozenset({"COMPLETED_SUCCESS", "COMPLETED_FAILED", "COMPLETED", "FAILED", "CANCELED"})

_READY = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
_LAUNCH = """mutation L($p: ExecutionParams!) { launchPipelineExecution(executionParams: $p) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } } } }"""
_BACKFILL = """mutation B($p: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $p) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_RUN_STATUS = "query R($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_BACKFILL_STATUS = (
    "query S($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
)
_RUNS = """query R($tags: [ExecutionTag!]) { runsOrError(filter: {tags: $tags}) { ... on Runs { results {
    runId status startTime endTime tags { key value } } } } }"""
_FAILURES = """query F($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
    __typename ... on ExecutionStepFailureEvent { failureMetadata { description } error { message } } } } } }"""


class Refused(Exception):
    """Dagster did not do what it was asked; `str()` is what it said."""


class DagsterClient:
    """Of the webserver at `url`. patience_s: for how long a question is put again where the webserver is slow or away.

    Raises Refused where it answers with an error, OSError where it does not answer.
    """

    def __init__(self, url: str, patience_s: float = 60) -> None:
        self.url = url
        self._patiently = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(OSError),
            wait=tenacity.wait_fixed(2),
            stop=tenacity.stop_after_delay(patience_s),
            reraise=True,
        )

    def is_ready(self) -> bool:
        """Whether it has loaded our definitions."""
        try:
            return bool(self._post(_READY, {})["repositoriesOrError"].get("nodes"))
        except OSError:
            return False

    def launch(self, assets: Sequence[str], partition: str = "") -> str:
        """What the Materialize button sends; gives the run's id."""
        tags = [{"key": "dagster/partition", "value": partition}] if partition else []
        selection = {"assetSelection": _paths(assets), "assetCheckSelection": None}
        return self._launched({"pipelineName": "__ASSET_JOB", **selection}, tags)

    def launch_job(self, job: str) -> str:
        """Gives the run's id."""
        return self._launched({"pipelineName": job}, [])

    def run_status(self, run_id: str) -> str:
        return str(self.ask(_RUN_STATUS, id=run_id)["runOrError"]["status"])

    def step_failures(self, run_id: str) -> list[dict[str, Any]]:
        """The events of a run that say why a step failed."""
        events = self.ask(_FAILURES, id=run_id)["logsForRun"]["events"]
        return [event for event in events if event["__typename"] == "ExecutionStepFailureEvent"]

    def launch_backfill(self, assets: Sequence[str], partitions: Sequence[str]) -> str:
        """What the UI sends for many partitions; gives the backfill's id."""
        params = {"assetSelection": _paths(assets), "partitionNames": list(partitions), "tags": []}
        told = self._post(_BACKFILL, {"p": params})["launchPartitionBackfill"]
        if told["__typename"] != "LaunchBackfillSuccess":
            raise Refused(f"the backfill was refused: {told}")
        return str(told["backfillId"])

    def backfill_status(self, backfill_id: str) -> str:
        return str(self.ask(_BACKFILL_STATUS, id=backfill_id)["partitionBackfillOrError"]["status"])

    def runs_of(self, backfill_id: str) -> list[dict[str, Any]]:
        """runId, status, startTime, endTime (seconds of the epoch), tags of each run of a backfill, the retries among them."""
        tags = [{"key": "dagster/backfill", "value": backfill_id}]
        runs: list[dict[str, Any]] = self.ask(_RUNS, tags=tags)["runsOrError"]["results"]
        return runs

    def _launched(self, what: Mapping[str, Any], tags: Sequence[Mapping[str, str]]) -> str:
        selector = {"repositoryLocationName": "medsynth", "repositoryName": "__repository__", **what}
        params = {"mode": "default", "runConfigData": "{}", "selector": selector, "executionMetadata": {"tags": tags}}
        told = self._post(_LAUNCH, {"p": params})["launchPipelineExecution"]
        if told["__typename"] != "LaunchRunSuccess":
            raise Refused(f"the run was refused: {told}")
        return str(told["run"]["runId"])

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What GraphQL answers to a question."""
        return self._patiently(self._post, query, variables)

    def _post(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Once: what is launched twice, runs twice."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as reply:
            answer = json.load(reply)
        if "errors" in answer:
            raise Refused(f"Dagster's webserver says: {answer['errors']}")
        data: dict[str, Any] = answer["data"]
        return data


def _paths(assets: Sequence[str]) -> list[dict[str, list[str]]]:
    return [{"path": [asset]} for asset in assets]
