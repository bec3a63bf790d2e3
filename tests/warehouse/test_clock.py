"""The machine's clock set back: what is newest stays newest."""

import datetime as dt
import logging

import pytest

from medsynth_assets.records.artifact import Stage
from medsynth_assets.warehouse import clock
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.reference_store import Release, current_release, record_release
from tests.warehouse.test_stores import chain, made, write

NOON = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)


@pytest.fixture
def file(any_warehouse: AnyWarehouse) -> AnyWarehouse:
    return any_warehouse


def set_to(monkeypatch: pytest.MonkeyPatch, time: dt.datetime) -> None:
    monkeypatch.setattr(clock, "machine_time", lambda: time)


def test_a_slot_made_good_after_the_clock_went_back_is_out_of_quarantine(
    file: AnyWarehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its record is later than its failure, whatever the clock says, and one line of the log tells why."""
    verdict, scenario, note = chain("one")
    set_to(monkeypatch, NOON)
    write(file, made(scenario, extra=(verdict,), quarantined=(Stage.NOTES, "refusal", "no")))
    with file.reading() as con:
        assert con.execute("select count(*) from generation.current_quarantine").fetchone() == (1,)
    set_to(monkeypatch, NOON - dt.timedelta(hours=1))
    with caplog.at_level(logging.WARNING, "medsynth"):
        write(file, made(note, stages=(Stage.NOTES,)))
    with file.reading() as con:
        assert con.execute("select count(*) from generation.current_quarantine").fetchone() == (0,)
        times = con.execute("select set_at from generation.heads order by seq").fetchall()
    assert times == sorted(times)
    (said,) = caplog.messages
    assert "2026-03-29 11:00" in said
    assert "2026-03-29 12:00" in said
    assert "nothing is lost" in said


def test_the_newest_target_and_release_win_after_the_clock_went_back(
    file: AnyWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was wanted last is wanted, and the release loaded last is in force."""
    for hour, (count, release) in enumerate([(2, "old"), (5, "new")]):
        set_to(monkeypatch, NOON - dt.timedelta(hours=hour))
        with file.writing() as con:
            store.set_targets(con, {"I10": count}, "run")
            record_release(con, Release(release, "prevalence", release, "", "", 1), "run")
    with file.reading() as con:
        assert store.quota(con, ["I10"], Stage.NOTES) == {"I10": (0, 5)}
        assert current_release(con, "prevalence") == "new"


def test_a_clock_that_goes_on_is_taken_as_it_is(
    file: AnyWarehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Seconds behind, as two machines are, are corrected without a word; ahead nothing is changed."""
    for seconds in (0, -5, 10):
        set_to(monkeypatch, NOON + dt.timedelta(seconds=seconds))
        with file.writing() as con:
            store.set_targets(con, {"I10": 100 + seconds}, "run")
    with file.reading() as con:
        times = con.execute("select set_at from generation.targets order by record_count desc").fetchall()
    microsecond, ten = dt.timedelta(microseconds=1), dt.timedelta(seconds=10)
    assert sorted(time for (time,) in times) == [NOON, NOON + microsecond, NOON + ten]
    assert not caplog.messages
