"""How many calls may be in flight, and when: with a clock that the tests move."""

from __future__ import annotations

import random

import pytest

from syngen.models.pace import LONGEST_DELAY, LONGEST_PAUSE, TRIP, Allowance, Pace


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fill(pace: Pace) -> list[float]:
    """Start as many calls as may be in flight; the moments at which they started."""
    started = []
    while pace.wait() == 0:
        started.append(pace.start())
    return started


def simulate(clock: Clock, pace: Pace, room: int, rounds: int, latency: float = 0.2) -> tuple[float, int]:
    """Against a server that takes `room` calls at once: mean calls it works on, and how many it sends back.

    The first ten rounds are not counted.
    """
    inside: list[tuple[float, float]] = []
    held = sent_back = 0
    for i in range(rounds + 10):
        held, sent_back = (held, sent_back) if i >= 10 else (0, 0)
        for _ in range(20):
            clock.now += latency / 20
            while inside and inside[0][0] <= clock.now:
                inside.pop(0)
                pace.succeeded()
            while pace.wait() == 0:
                started = pace.start()
                if len(inside) < room:
                    inside.append((clock.now + latency, started))
                else:
                    sent_back += 1
                    pace.throttled(started, 1.0)
            held += len(inside)
    return held / rounds / 20, sent_back


def test_it_finds_the_level_a_server_takes_and_stays_near_it(clock: Clock) -> None:
    pace = Pace(256, clock=clock)
    mean, sent_back = simulate(clock, pace, 32, 100)
    assert mean > 0.8 * 32
    assert sent_back < 100  # of some 2,800 calls


def test_it_grows_to_all_that_is_allowed_where_nothing_is_sent_back(clock: Clock) -> None:
    pace = Pace(64, clock=clock)
    assert len(fill(pace)) == 32
    mean, sent_back = simulate(clock, Pace(64, clock=clock), 1_000, 20)
    assert mean > 0.9 * 64
    assert sent_back == 0


def test_one_wave_that_is_sent_back_counts_once(clock: Clock) -> None:
    pace = Pace(64, clock=clock)
    started = fill(pace)
    clock.now += 0.1
    for moment in started[:16]:
        pace.throttled(moment, None)
    assert pace.in_flight == 16
    assert pace.level == 16
    assert pace.wait() == float("inf")


def test_a_second_refusal_right_after_a_drop_holds_everything_as_long_as_asked(clock: Clock) -> None:
    pace = Pace(4, clock=clock)
    pace.throttled(pace.start(), 20.0)
    assert pace.wait() == 0
    clock.now += 0.1
    pace.throttled(pace.start(), 20.0)
    assert pace.wait() == pytest.approx(20)
    clock.now += 20
    pace.start()
    pace.succeeded()
    assert pace.wait() == 0


def test_calls_a_minute_are_not_exceeded_in_any_minute(clock: Clock) -> None:
    pace = Pace(50, per_minute=20, clock=clock)
    starts = []
    for _ in range(400):
        if pace.wait() == 0:
            starts.append(pace.start())
            pace.succeeded()
        clock.now += 0.5
    assert len(starts) > 60
    assert all(later - earlier >= 60 for earlier, later in zip(starts, starts[20:], strict=False))


def test_trial_limits_are_learnt_from_the_first_reply(clock: Clock) -> None:
    pace = Pace(8, clock=clock)
    pace.start()
    pace.succeeded(Allowance(left=19, per_minute=20))
    made = 0
    while pace.wait() == 0:
        pace.start()
        pace.succeeded()
        made += 1
    assert made == 19
    assert pace.wait() == pytest.approx(60)


def test_what_headers_say_is_left_is_not_exceeded(clock: Clock) -> None:
    pace = Pace(8, clock=clock)
    pace.start()
    pace.succeeded(Allowance(left=0, limit=60, resets=60.0))
    assert pace.wait() == pytest.approx(1.0)  # a window of 60 that fills up bit by bit


def test_failures_in_a_row_open_the_circuit_and_a_success_closes_it(clock: Clock) -> None:
    pace = Pace(16, clock=clock, chance=random.Random(1))
    for _ in range(TRIP):
        assert pace.wait() == 0
        pace.failed(pace.start(), overloaded=False, gone=False)
    assert pace.down
    assert 0.2 < pace.wait() <= 0.5
    pauses = []
    for _ in range(9):
        clock.now += pace.wait()
        started = pace.start()
        assert pace.wait() == float("inf")  # one call tries it, no more
        pace.failed(started, overloaded=False, gone=False)
        pauses.append(pace.wait())
    assert pauses[-1] > 4 * pauses[0]
    assert max(pauses) <= LONGEST_PAUSE
    clock.now += pace.wait()
    pace.start()
    pace.succeeded()
    assert not pace.down
    assert pace.trouble == 0
    assert len(fill(pace)) >= 4


def test_failures_among_successes_never_open_it(clock: Clock) -> None:
    pace = Pace(16, clock=clock)
    for i in range(5_000):
        started = pace.start()
        if i % 4:
            pace.succeeded()
        else:
            pace.failed(started, overloaded=False, gone=False)
    assert not pace.down
    assert pace.level >= 8


def test_calls_from_before_the_circuit_opened_do_not_lengthen_the_pause(clock: Clock) -> None:
    pace = Pace(64, clock=clock)
    started = fill(pace)
    clock.now += 1
    for moment in started:
        pace.failed(moment, overloaded=False, gone=True)
    assert pace.wait() <= 0.5


def test_nobody_answering_opens_it_at_once(clock: Clock) -> None:
    pace = Pace(16, clock=clock)
    pace.failed(pace.start(), overloaded=False, gone=True)
    assert pace.down
    assert not pace.answered


def test_an_overloaded_provider_gets_less_and_is_left_alone_as_long_as_it_asks(clock: Clock) -> None:
    pace = Pace(16, clock=clock)
    level = pace.level
    started = [pace.start() for _ in range(8)]
    pace.failed(started[0], 5.0, overloaded=True, gone=False)
    assert pace.level < level


def test_retries_wait_longer_and_longer_but_not_for_ever() -> None:
    pace = Pace(1, chance=random.Random(3))
    first, second, last = (max(pace.delay(tries) for _ in range(200)) for tries in (0, 1, 20))
    assert first < second < last <= LONGEST_DELAY
