"""What the demonstration says for people; that it works is the matter of tests/slow/test_cluster.py."""

import subprocess
import sys
from typing import cast

import pytest

from deploy import cluster_demo
from deploy.cluster_demo import Course, summary
from deploy.local_cluster import Run, Worker

NOBODY = cast("subprocess.Popen[bytes]", None)


def test_where_servers_are_missing_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit code 2, before anything is started."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", ["cluster_demo"])
    assert cluster_demo.main() == 2
    assert "apt-get install postgresql redis-server" in capsys.readouterr().err


def course(**changed: object) -> Course:
    done = Course(wanted=10, made=9, quarantined=1, seconds=5.0, status="COMPLETED_SUCCESS")
    for name, value in changed.items():
        setattr(done, name, value)
    return done


@pytest.mark.parametrize(
    ("changed", "whole"),
    [
        pytest.param({}, True, id="a-record-in-quarantine-is-not-lost"),
        pytest.param({"made": 8}, False, id="lost"),
        pytest.param({"twice": 1}, False, id="made-twice"),
        pytest.param({"status": "COMPLETED_FAILED"}, False, id="partitions-failed"),
        pytest.param({"status": "FAILED"}, False, id="backfill-failed"),
    ],
)
def test_a_course_is_whole_where_every_record_is_there_once(changed: dict[str, object], whole: bool) -> None:
    """The exit code hangs on it."""
    assert course(**changed).is_whole is whole


def test_the_summary_tells_who_made_what_and_who_was_killed() -> None:
    """Records of a killed run count for the worker that had made them."""
    workers = [Worker("worker1@here", NOBODY), Worker("worker2@here", NOBODY)]
    runs = [
        Run("aaaaaaaa1", "SUCCESS", 0, 1, "t1", False),
        Run("bbbbbbbb2", "FAILURE", 0, 1, "t2", False),
        Run("cccccccc3", "SUCCESS", 0, 1, "t3", True),
    ]
    told = summary(
        course(
            runs=runs,
            records_by_run={"aaaaaaaa1": 5, "bbbbbbbb2": 1, "cccccccc3": 3},
            worker_by_run={"aaaaaaaa1": "worker1@here", "bbbbbbbb2": "worker2@here", "cccccccc3": "worker1@here"},
            killed=workers[1],
            killed_at_s=2.0,
        ),
        workers,
    )
    lines = [line.split() for line in told.splitlines()]
    assert lines[1] == "worker1@here 2 runs 8 records".split()
    assert lines[2] == "worker2@here 1 runs 1 records killed after 2 s".split()
    assert "cccccccc, by worker1@here" in told
    assert "lost 0" in told
