"""How far this host's clock is off the store's: never surer than the round trip allows, and closed when in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.clock_skew import (
    ACTS_WITHIN_S,
    KNOWN_FOR_S,
    SLEWED_S,
    TOLD_OVER_S,
    ClockSample,
    ComparedClock,
    Skew,
    clock_gate,
    clock_warning,
    sampled,
    skew_of,
)

EPOCH_S = 1_800_000_000.0
SLOW = "4.0 s behind the store's, give or take 1.5 s"
ROUNDING_S = 1e-5
"""Seconds since 1970 as a float have some ten decimals before the point, so this much is lost of them."""

offsets = st.one_of(st.floats(-20, 20), st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, -1.0, 5.0, -5.0]))
delays = st.floats(0, 3)
trips = st.tuples(delays, delays)


def trip(offset_s: float, there_s: float, back_s: float, at_s: float = 0.0) -> ClockSample:
    """What is seen when the server looks at its clock so long after it was asked, and the answer takes so long."""
    server_s = EPOCH_S + at_s
    return sampled(
        server_s=server_s,
        answered_s=server_s + back_s + offset_s,
        round_trip_s=there_s + back_s,
        taken_s=at_s + back_s,
    )


def seen(offset_s: float, ways: Sequence[tuple[float, float]]) -> tuple[list[ClockSample], float]:
    """A sample for each trip, one after the other, and the moment after the last."""
    ends = list(accumulate(there + back for there, back in ways))
    samples = [trip(offset_s, there, back, end - back) for (there, back), end in zip(ways, ends, strict=True)]
    return samples, ends[-1]


@given(offset_s=offsets, ways=st.lists(trips, min_size=1, max_size=4))
def test_the_truth_is_within_what_is_said_however_uneven_the_trips_are(
    offset_s: float, ways: list[tuple[float, float]]
) -> None:
    samples, now_s = seen(offset_s, ways)
    skew = skew_of(samples, now_s)
    assert skew is not None
    assert abs(skew.ahead_s - offset_s) <= skew.unsure_s + ROUNDING_S
    assert skew.at_least_s - ROUNDING_S <= abs(offset_s) <= skew.at_most_s + ROUNDING_S


@given(offset_s=offsets, ways=st.lists(trips, min_size=1, max_size=4))
def test_no_gate_is_open_with_a_clock_that_is_too_far_off(offset_s: float, ways: list[tuple[float, float]]) -> None:
    gate = clock_gate(ComparedClock(skew_of(*seen(offset_s, ways))))
    if abs(offset_s) > ACTS_WITHIN_S + ROUNDING_S:
        assert not gate.passed
        assert "set it by NTP" in gate.sentence


@given(offset_s=st.floats(-4.5, 4.5), ways=st.lists(st.tuples(st.floats(0, 0.25), st.floats(0, 0.25)), min_size=1))
def test_a_clock_that_is_near_enough_and_a_store_that_answers_keep_the_gate_open(
    offset_s: float, ways: list[tuple[float, float]]
) -> None:
    samples, now_s = seen(offset_s, ways)
    assert clock_gate(ComparedClock(skew_of(samples, now_s))).passed


@given(offset_s=offsets, ways=st.lists(trips, min_size=1, max_size=4))
def test_nothing_is_said_against_a_clock_that_is_in_step(offset_s: float, ways: list[tuple[float, float]]) -> None:
    skew = skew_of(*seen(offset_s, ways))
    assert skew is not None
    if skew.is_told:
        assert abs(offset_s) > TOLD_OVER_S - ROUNDING_S


@given(
    before_s=st.floats(-1e5, 1e5),
    after_s=st.floats(-1e5, 1e5),
    ways=st.lists(trips, min_size=1, max_size=3),
    last=trips,
)
def test_once_a_clock_was_set_the_next_sample_counts_and_older_ones_do_not(
    before_s: float, after_s: float, ways: list[tuple[float, float]], last: tuple[float, float]
) -> None:
    samples, now_s = seen(before_s, ways)
    newest = trip(after_s, *last, at_s=now_s + last[0])
    skew = skew_of([*samples, newest], now_s + sum(last))
    assert skew is not None
    assert abs(skew.ahead_s - newest.ahead_s) <= skew.unsure_s + newest.unsure_s + SLEWED_S
    furthest_s = max(each.unsure_s for each in samples) + newest.unsure_s
    if abs(before_s - after_s) > 2 * furthest_s + 2 * SLEWED_S:
        assert abs(skew.ahead_s - after_s) <= newest.unsure_s + ROUNDING_S


@given(ways=st.lists(trips, min_size=1, max_size=4).filter(lambda ways: sum(map(sum, ways)) <= KNOWN_FOR_S))
def test_of_samples_that_agree_the_shortest_trip_is_believed(ways: list[tuple[float, float]]) -> None:
    samples, now_s = seen(2.0, ways)
    skew = skew_of(samples, now_s)
    assert skew is not None
    assert skew.unsure_s == pytest.approx(min(sum(way) for way in ways) / 2)


def test_what_was_seen_too_long_ago_is_not_known_any_more() -> None:
    sample = trip(0.0, 0.01, 0.01)
    assert skew_of([sample], sample.taken_s + KNOWN_FOR_S) is not None
    assert skew_of([sample], sample.taken_s + KNOWN_FOR_S + 0.1) is None
    assert skew_of([], 0.0) is None


def test_a_clock_that_nobody_compared_is_not_taken_for_a_good_one() -> None:
    gate = clock_gate(ComparedClock())
    assert not gate.passed
    assert gate.sentence == "it is not known how far this host's clock is off the store's"
    assert clock_warning(ComparedClock()) == ""


@pytest.mark.parametrize(
    ("ahead_s", "unsure_s", "passed", "sentence", "warning"),
    [
        (0.02, 0.001, True, "in step with the store's", ""),
        (-1.04, 0.05, True, "in step with the store's", ""),
        (-3.2, 0.01, True, "3.2 s behind the store's", "This host's clock is 3.2 s behind the store's. Set it by NTP."),
        (
            7.0,
            0.01,
            False,
            "this host's clock is 7.0 s ahead of the store's, 5 s is the most; set it by NTP",
            "Nothing can be approved: this host's clock is 7.0 s ahead of the store's. Set it by NTP.",
        ),
        (
            -4.0,
            1.5,
            False,
            f"this host's clock is {SLOW}, 5 s is the most; set it by NTP",
            f"Nothing can be approved: this host's clock is {SLOW}. Set it by NTP.",
        ),
        (
            -3600.0,
            0.0,
            False,
            "this host's clock is 1 h behind the store's, 5 s is the most; set it by NTP",
            "Nothing can be approved: this host's clock is 1 h behind the store's. Set it by NTP.",
        ),
    ],
)
def test_it_is_told_in_plain_words(ahead_s: float, unsure_s: float, passed: bool, sentence: str, warning: str) -> None:
    clock = ComparedClock(Skew(ahead_s, unsure_s))
    gate = clock_gate(clock)
    assert (gate.name, gate.passed, gate.sentence, gate.overridden) == ("clock", passed, sentence, False)
    assert clock_warning(clock) == warning
