"""Pace: limits a minute, as set, as told, or as guessed from 429s."""

from medsynth_assets.engines.flow.pace import Meter, Pace
from tests.engines.flow.clock import Clock


def sent_within(pace: Pace, clock: Clock, seconds: float, tokens: int = 1) -> int:
    """How many requests go out, one after another, each at once when it may."""
    end, count = clock.now + seconds, 0
    while clock.now < end:
        clock.now += pace.book(tokens) or 0.001
        count += 1
    return count


def test_requests_and_tokens_keep_to_what_is_set() -> None:
    """Over two minutes within 5% of the allowed rate, whichever limit binds."""
    clock = Clock()
    assert 1140 <= sent_within(Pace(600, 0, clock), clock, 120) <= 1260
    assert 1140 <= sent_within(Pace(6_000, 60_000, clock), clock, 120, tokens=100) <= 1260


def test_no_limit_is_no_wait() -> None:
    """Where nothing was set, told or refused."""
    assert Pace(0, 0, Clock()).book(1_000_000) == 0.0


def test_a_told_limit_counts_and_a_lower_set_one_more() -> None:
    """Headers of the endpoint; the user may want less than is allowed."""
    clock = Clock()
    told = Pace(0, 0, clock)
    told.learn({"x-ratelimit-limit-requests": "1200", "x-ratelimit-limit-tokens": "not told"})
    assert 1140 <= sent_within(told, clock, 60) <= 1260
    less = Pace(300, 0, clock)
    less.learn({"x-ratelimit-limit-requests": "1200"})
    assert sent_within(less, clock, 60) <= 315


def test_what_was_used_beyond_what_was_expected_is_waited_for() -> None:
    """Tokens are known only afterwards."""
    clock = Clock()
    pace = Pace(0, 60_000, clock)
    pace.book(100)
    pace.answered(100, 3_100)
    assert 2.0 < pace.book(100) < 3.2


def test_an_untold_limit_is_guessed_from_what_was_let_through() -> None:
    """Sent as fast as it goes, of which 20 a second are let through: after some refusals the rate is about that."""
    clock = Clock()
    meter = Meter(0, clock)
    level = 20.0
    passed_late = refused_late = 0
    for _ in range(120_000):
        if clock.now >= 1120:
            break
        waited = meter.book(1) or 0.01
        clock.now += waited
        level = min(level + waited * 20, 20.0)
        late = clock.now > 1060
        if level >= 1:
            level -= 1
            meter.passed(1)
            passed_late += late
        else:
            meter.refused()
            refused_late += late
    assert passed_late >= 0.93 * 20 * 60
    assert refused_late < 0.05 * passed_late


def test_a_known_limit_is_used_less_after_a_429_and_again_fully_later() -> None:
    """Others may use the same key."""
    clock = Clock()
    meter = Meter(600, clock)
    meter.refused()
    meter.refused()  # of the same moment
    assert meter.rate == 9.0
    clock.now += 60
    assert meter.rate == 10.0


def test_a_part_of_a_limit_is_a_part_of_what_was_set_or_told_and_not_of_what_was_guessed() -> None:
    """Machines share the first two; a guess is of what this one was let through."""
    clock = Clock()
    pace = Pace(1200, 0, clock)
    pace.take_part(0.25)
    assert 285 <= sent_within(pace, clock, 60) <= 315
    pace.learn({"x-ratelimit-limit-requests": "600"})
    assert 142 <= sent_within(pace, clock, 60) <= 158
    pace.take_part(1.0)
    assert 570 <= sent_within(pace, clock, 60) <= 630
    guessing = Meter(0, clock)
    for _ in range(30):
        guessing.passed(1)
        clock.now += 0.1
    guessing.refused()
    rate = guessing.rate
    guessing.part = 0.5
    assert 5 < rate < 15
    assert guessing.rate == rate
