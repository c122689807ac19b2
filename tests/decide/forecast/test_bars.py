"""Histories as they were polled become regular bars, and nothing that is no number gets into one."""

from __future__ import annotations

import numpy as np

from nodescaler_tui.decide.forecast.bars import MOST_BARS, batches, regular


def test_a_gap_is_bridged_by_a_straight_line_and_a_missing_end_stays_as_last_seen() -> None:
    series, known = regular(np.array([0, 300, 1200, 1500.0]), np.array([1, 2, 5, np.nan]), 300)
    assert known
    np.testing.assert_allclose(series, [1, 2, 3, 4, 5, 5])


def test_of_two_polls_in_one_step_the_later_counts() -> None:
    series, _ = regular(np.array([0, 300, 310, 600.0]), np.array([1, 9, 2, 3.0]), 300)
    np.testing.assert_allclose(series, [1, 2, 3])


def test_a_poll_from_the_future_of_the_newest_is_left_out() -> None:
    series, _ = regular(np.array([0, 9e9, 300, 600.0]), np.array([1, 77, 2, 3.0]), 300)
    np.testing.assert_allclose(series, [1, 2, 3])


def test_nothing_usable_is_known_as_such() -> None:
    assert regular(np.array([np.nan, 0]), np.array([1, np.inf]), 300)[1] is False


def test_minutes_become_bars_that_end_with_the_newest_poll() -> None:
    values = np.arange(12.0)[None]
    (bars,) = batches(np.arange(12.0)[None] * 60, values, 60)
    np.testing.assert_allclose(bars.values, [[4, 9]])
    assert bars.newest[0, 0] == 11
    assert bars.polls_a_bar == 5


def test_ten_minute_polls_become_bars_of_five_minutes_between_them() -> None:
    (bars,) = batches(np.arange(4.0)[None] * 600, np.array([[0, 2, 4, 6.0]]), 600)
    np.testing.assert_allclose(bars.values, [[0, 1, 2, 3, 4, 5, 6]])


def test_at_most_eight_days_are_looked_at() -> None:
    values = np.arange(3000.0)[None]
    (bars,) = batches(np.arange(3000.0)[None] * 300, values, 300)
    assert bars.values.shape == (1, MOST_BARS)
    assert bars.values[0, -1] == 2999
