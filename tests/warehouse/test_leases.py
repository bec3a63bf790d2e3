"""Leases: of two that want the same code one gets it; it comes free by release, by death, or in time."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.leases import Leases

_HOLDER = """
import sys, time
from pathlib import Path
from medsynth_assets.warehouse.leases import Leases
with Leases(Path(sys.argv[1]), 600) as leases:
    print(len(leases.take(["I10"])), flush=True)
    sys.stdin.readline()
"""


class Clock:
    """Seconds since the machine started, moved by hand."""

    def __init__(self) -> None:
        self.now_s = 5000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(tmp_path: Path, clock: Clock) -> Callable[[], Leases]:
    """Leases of 60 s on one file; their thread renews in real time, so not within a test."""
    return lambda: Leases(tmp_path / "new" / "leases.sqlite", 60, clock)


def test_of_two_that_want_a_code_one_gets_it(leases: Callable[[], Leases]) -> None:
    """What one has, the other does not get; released, it can be had."""
    with leases() as first, leases() as second:
        assert first.take(["I10", "E11.9"]) == {"I10", "E11.9"}
        assert second.take(["I10", "J45"]) == {"J45"}
        assert second.renew() == {"J45"}
        first.release(["I10", "J45"])
        assert second.take(["I10"]) == {"I10"}
        assert second.renew() == {"I10", "J45"}


def test_leaving_frees_what_was_held(leases: Callable[[], Leases]) -> None:
    """At the end of a run, also one that fails, nothing stays taken."""
    with pytest.raises(RuntimeError, match="the run failed"), leases() as first:  # noqa: PT012
        first.take(["I10"])
        raise RuntimeError("the run failed")
    with leases() as second:
        assert second.take(["I10"]) == {"I10"}


def test_a_lease_that_is_not_renewed_ends(leases: Callable[[], Leases], clock: Clock) -> None:
    """Renewed it lives on; silent for longer than its time it is given away, and its old holder learns of it."""
    with leases() as silent, leases() as other:
        silent.take(["I10"])
        clock.now_s += 50
        silent.renew()
        clock.now_s += 50
        assert other.take(["I10"]) == set()
        clock.now_s += 11
        assert other.take(["I10"]) == {"I10"}
        assert silent.renew() == set()


def test_a_lease_from_before_a_restart_of_the_machine_is_void(leases: Callable[[], Leases], clock: Clock) -> None:
    """The machine's time starts anew with it; a lease that would end hours from now was given before."""
    with leases() as before, leases() as after:
        before.take(["I10"])
        clock.now_s = 20.0
        assert after.take(["I10"]) == {"I10"}


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    """While it lives another process gets nothing; killed, its codes are free at once, long before their time."""
    path = tmp_path / "leases.sqlite"
    root = Path(__file__).parents[2]
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "1\n"
    with Leases(path, 600) as other:
        assert other.take(["I10"]) == set()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert other.take(["I10"]) == {"I10"}


def test_a_file_that_holds_no_leases_is_named(tmp_path: Path) -> None:
    """A foreign file in the place of the leases is one line."""
    (tmp_path / "leases.sqlite").write_text("not a database " * 1000)
    with pytest.raises(WarehouseError, match=r"leases\.sqlite cannot be used"), Leases(tmp_path / "leases.sqlite", 60):
        pass
