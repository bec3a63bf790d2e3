"""Refreshes through Dagster: the plan in the UI, the schedule's tick, the sensors, and the runs that follow."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from medsynth_assets.assets.notices import notice_of_failed_run, notice_of_spent_budget
from medsynth_assets.assets.prevalence_sensor import prevalence_release
from medsynth_assets.assets.refresh_schedule import nightly_refresh
from medsynth_assets.assets.run_tags import BUDGET, BUDGET_ENDED, KIND, REFRESH
from medsynth_assets.assets.warehouse_resource import Warehouse
from medsynth_assets.definitions import build_defs
from medsynth_assets.engines.budget import Limits
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.settings import load_settings
from tests.assets.conftest import Platform, metadata


@pytest.fixture
def small(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A top of three codes with one record each; I10/001 is there."""
    settle(monkeypatch, MEDSYNTH_TOP_CODES="3", MEDSYNTH_PER_CODE="1")
    return platform


def settle(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()


def tick(platform: Platform) -> list[Any]:
    """What one tick of the schedule asks for."""
    found = nightly_refresh.evaluate_tick(dg.build_schedule_context(instance=platform.instance))
    return [*found.run_requests, *([found.skip_message] if found.skip_message else [])]


def launch(platform: Platform, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    """As the run queue would, in this process."""
    job = build_defs(warehouse=Warehouse(database=str(platform.warehouse))).resolve_job_def("refresh")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return job.execute_in_process(
        instance=platform.instance, run_config={**quiet, **request.run_config}, tags=dict(request.tags)
    )


def test_a_tick_plans_and_its_runs_make_exactly_that(small: Platform) -> None:
    """The plan in the UI, the tick's runs and what they made agree; the next tick finds nothing."""
    top = small.codes[:3]
    told = metadata(small.materialize("refresh_plan"), "refresh_plan")
    assert told["slots"] == 2
    assert "code entered the top" in told["summary"]
    (request,) = tick(small)
    result = launch(small, request)
    assert {stage: metadata(result, stage)["made_in_run"] for stage in ("scenarios", "notes", "dialogues")} == {
        "scenarios": 2,
        "notes": 2,
        "dialogues": 2,
    }
    assert {record for record, _ in small.heads(*top)} == {f"{code}/001" for code in top}
    assert tick(small) == ["everything is current, or waits for its backoff"]
    assert metadata(small.materialize("refresh_plan"), "refresh_plan")["plan"] == "none"


def test_a_tick_that_finds_the_last_refresh_running_skips_with_that_reason(small: Platform) -> None:
    """Whoever started it; a run of something else does not count."""
    job = build_defs().resolve_job_def("refresh")
    other = small.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert isinstance(tick(small)[0], dg.RunRequest)
    run = small.instance.create_run_for_job(job, tags={KIND: REFRESH}, status=dg.DagsterRunStatus.STARTING)
    assert tick(small) == [f"the previous refresh still runs: {run.run_id[:8]}"]
    assert other.run_id != run.run_id


def test_what_does_not_fit_stays_planned_and_says_so(small: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for one record the more prevalent is made; the run succeeds, is tagged, and the next tick takes the rest."""
    settle(monkeypatch, MEDSYNTH_REFRESH_MAX_RECORDS="1")
    top = small.codes[:3]
    (request,) = tick(small)
    assert launch(small, request).success
    assert {record for record, _ in small.heads(*top)} == {f"{code}/001" for code in top[:2]}
    settle(monkeypatch, MEDSYNTH_REFRESH_UNTIL="")
    (second,) = tick(small)
    assert launch(small, second).success
    assert {record for record, _ in small.heads(*top)} == {f"{code}/001" for code in top}


def test_a_run_beyond_its_budget_leaves_slots_planned(small: Platform) -> None:
    """The whole run is counted, its tag says why, and its metadata how many are left."""
    (request,) = tick(small)
    spent = budget_of(load_settings()).begin(Limits(records=1))
    config = json.loads(json.dumps(request.run_config))
    config["ops"]["generation"]["config"]["budget"] = spent.budget_id
    result = launch(small, dg.RunRequest(run_config=config, tags={**request.tags, BUDGET: spent.budget_id}))
    assert result.success
    assert metadata(result, "scenarios")["left_planned"] == 1
    assert small.instance.get_run_by_id(result.run_id).tags[BUDGET_ENDED] == "the limit of 1 records is reached"


def test_a_new_release_is_loaded_and_its_difference_told(small: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder gains a file: the sensor asks for it once; codes in, out and moved are in the metadata; the plan follows."""
    first, second, third = small.codes[:3]
    folder = small.place.folder / "releases"
    folder.mkdir()
    (folder / "2025.csv").write_text(f"code,count\n{first},50\n{second},30\n{third},20\n")
    settle(monkeypatch, MEDSYNTH_PREVALENCE=str(folder))

    def look(cursor: str | None) -> Any:
        return prevalence_release.evaluate_tick(dg.build_sensor_context(instance=small.instance, cursor=cursor))

    seen = look(None)
    assert len(seen.run_requests) == 1
    small.materialize("icd_prevalence")
    assert look(None).skip_message == "its release is in force already"
    (folder / "2026.csv").write_text(f"code,count\n{second},60\n{first},30\nJ45.909,10\n{third},1\n")
    newer = look(seen.cursor)
    assert len(newer.run_requests) == 1
    assert look(newer.cursor).skip_message == "the prevalence table is the one seen before"
    told = metadata(small.materialize("icd_prevalence", "refresh_plan"), "icd_prevalence")
    assert (told["codes_entered"], told["codes_left"], told["codes_moved"]) == (1, 1, 2)
    assert told["share_moved"] == pytest.approx((60 / 101 - 0.3 + 10 / 101), abs=1e-9)
    assert "| J45.909 |" in told["changes"]
    (folder / "2026.csv").unlink()
    (folder / "2025.csv").unlink()
    assert "put a prevalence table there" in look(newer.cursor).skip_message


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """A server that notices are posted to, and what it got."""
    got: list[dict[str, str]] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not into the test's output."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settle(monkeypatch, MEDSYNTH_NOTIFY="webhook", MEDSYNTH_NOTIFY_URL=f"http://127.0.0.1:{server.server_port}/secret")
    yield got
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_a_failed_run_and_a_spent_budget_are_told_once(small: Platform, webhook: list[dict[str, str]]) -> None:
    """The failure with its reason; of all runs that share a budget, one tells that it ended."""
    budget = budget_of(load_settings()).begin(Limits(records=1))
    tags = {BUDGET: budget.budget_id, BUDGET_ENDED: "the budget of $1.00 is spent"}
    for _ in range(2):
        result = small.materialize("refresh_plan", tags=tags)
        event = result.get_run_success_event()
        context = dg.build_run_status_sensor_context(
            "notice_of_spent_budget", event, small.instance, result.dagster_run
        )
        notice_of_spent_budget(context)
    assert [(notice["kind"], notice["run_id"] != "") for notice in webhook] == [("budget_ended", True)]
    assert "the budget of $1.00 is spent" in webhook[0]["text"]

    small.execute("delete from reference.releases")
    small.instance.add_dynamic_partitions("icd_code", ["I10"])
    failed = small.generate(["I10"])
    event = failed.get_run_failure_event()
    failure = dg.build_run_status_sensor_context("notice_of_failed_run", event, small.instance, failed.dagster_run)
    notice_of_failed_run(failure.for_run_failure())
    assert webhook[-1]["kind"] == "run_failed"
    assert failed.run_id in webhook[-1]["text"]
