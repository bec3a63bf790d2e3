"""Congestion: fewer places when the server says slow down, one more for each round that goes well."""

from medsynth_assets.engines.flow.congestion import Congestion
from tests.engines.flow.clock import Clock


def rounds(congestion: Congestion, count: int, latency_s: float = 1.0) -> None:
    for _ in range(count):
        for _ in range(congestion.places):
            congestion.answered("note_writer", latency_s)


def test_a_429_takes_a_third_and_the_others_of_the_same_moment_nothing_more() -> None:
    """Sixty requests refused at once are one congestion; one refused after a usual latency is another."""
    clock = Clock()
    congestion = Congestion(64, clock)
    rounds(congestion, 1)
    for _ in range(60):
        congestion.slow_down()
    assert congestion.places == 44
    clock.now += 1.1
    congestion.slow_down()
    assert congestion.places == 31


def test_it_recovers_by_one_a_round_and_no_further_than_it_was_set() -> None:
    """Additive increase."""
    clock = Clock()
    congestion = Congestion(8, clock)
    congestion.slow_down()
    assert congestion.places == 5
    rounds(congestion, 1)
    assert congestion.places == 6
    rounds(congestion, 10)
    assert congestion.places == 8


def test_one_place_is_always_left() -> None:
    """However often the server complains."""
    clock = Clock()
    congestion = Congestion(4, clock)
    for _ in range(20):
        clock.now += 10
        congestion.slow_down()
    assert congestion.places == 1


def test_a_server_that_becomes_slow_is_asked_less_but_not_below_a_quarter() -> None:
    """Answers five times as slow as usual, over rounds."""
    clock = Clock()
    congestion = Congestion(40, clock)
    rounds(congestion, 3, 1.0)
    clock.now += 10
    for _ in range(40):
        congestion.answered("note_writer", 9.0)
    assert congestion.places == 36
    for n in range(2, 30):
        clock.now += 10**n
        rounds(congestion, 1, 9.0 * 10**n)  # slower and slower, lest it become usual
    assert congestion.places == 10


def test_no_more_places_than_are_ours_and_those_are_lowered_from_where_they_are() -> None:
    """Of a limit that machines share; what was learned stays, and what comes back is there at once."""
    congestion = Congestion(64, Clock())
    congestion.cap = 16
    assert congestion.places == 16
    rounds(congestion, 2)
    congestion.cap = 32
    assert congestion.places == 32
    congestion.cap = 16
    congestion.slow_down()
    assert congestion.places == 11
    congestion.cap = 0
    assert congestion.places == 0
