"""Leases in PostgreSQL: of two that want the same code one gets it; it comes free by release, by leaving, or in time."""

import time

import pytest

from medsynth_assets.errors import WarehouseError
from medsynth_assets.warehouse.shared_leases import SharedLeases
from tests.postgres import Postgres


def test_of_two_that_want_a_code_one_gets_it(postgres: Postgres) -> None:
    """What one has, the other does not get; released or left, it can be had."""
    dsn = postgres.database()
    with SharedLeases(dsn, 60) as second:
        with SharedLeases(dsn, 60) as first:
            assert first.take(["I10", "E11.9"]) == {"I10", "E11.9"}
            assert second.take(["I10", "J45"]) == {"J45"}
            assert second.renew() == {"J45"}
            first.release(["I10", "J45"])
            assert second.take(["I10"]) == {"I10"}
            assert second.renew() == {"I10", "J45"}
        assert second.take(["E11.9"]) == {"E11.9"}


def test_what_a_lost_machine_held_is_anothers_once_its_time_is_over(postgres: Postgres) -> None:
    """Nobody renews the lease, so it ends; and its holder learns that it has nothing left."""
    dsn = postgres.database()
    lost = SharedLeases(dsn, 0.3)
    with SharedLeases(dsn, 60) as other:
        assert lost.take(["E11.9"]) == {"E11.9"}  # not entered: no thread renews it, as if its machine had died
        deadline = time.monotonic() + 30
        while not (taken := other.take(["E11.9"])) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert taken == {"E11.9"}
        assert lost.renew() == set()


def test_a_server_that_is_not_there_is_one_line(postgres: Postgres) -> None:
    """The error says what could not be used, and nothing hangs."""
    with pytest.raises(WarehouseError, match="the leases in PostgreSQL") as raised:
        SharedLeases(f"host={postgres.folder} dbname=none user=medsynth", 60).__enter__()
    assert len(str(raised.value).splitlines()) == 1
