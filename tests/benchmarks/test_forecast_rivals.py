"""The rivals are what the reference defines: each against a plain loop over its definition."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from benchmarks.forecast_rivals import (
    RIVALS,
    double_exponential_smoothing,
    last_value,
    predict_linear,
    product,
    seasonal_naive,
)
from benchmarks.forecast_traces import Cut, Trace, Window
from nodescaler_tui.decide.forecast import forecast_many
from tests.decide.forecast.histories import DAY, daily

HOUR = 12


def cut_of(samples: int, step_s: int = 300, moments: int = 4) -> Cut:
    values = daily(samples + moments + HOUR)
    trace = Trace("daily", "by hand", step_s, values)
    at = np.arange(samples - 1, samples - 1 + moments)
    seen = np.stack([values[moment - samples + 1 : moment + 1] for moment in at])
    came = np.stack([values[moment + 1 : moment + 1 + HOUR] for moment in at])
    return Cut(trace, Window("by hand", step_s, samples, 1), at, seen, came)


DAYS = cut_of(2 * DAY + 50)


def test_the_rivals_are_what_engineers_use_and_the_plainest_guess() -> None:
    assert list(RIVALS) == [
        "last value",
        "predict_linear[1h]",
        "double exponential smoothing",
        "seasonal naive 24 h",
    ]


def test_the_last_value_stays_with_a_band_from_how_far_it_moved() -> None:
    answer = last_value(DAYS)
    assert (answer.point == DAYS.seen[:, -1:]).all()
    for row, step in ((0, 1), (2, 7)):
        moves = [later - earlier for earlier, later in zip(DAYS.seen[row], DAYS.seen[row][step:], strict=False)]
        low, high = np.quantile(moves[20:][-600:], [0.05, 0.95])
        assert answer.lower[row, step - 1] == pytest.approx(DAYS.seen[row, -1] + low)
        assert answer.upper[row, step - 1] == pytest.approx(DAYS.seen[row, -1] + high)


@pytest.mark.parametrize(("step_s", "samples_an_hour"), [(300, 12), (60, 60)])
def test_predict_linear_is_least_squares_over_the_last_hour(step_s: int, samples_an_hour: int) -> None:
    cut = cut_of(2 * DAY, step_s)
    answer = predict_linear(cut)
    for row in range(len(cut.seen)):
        at = np.arange(1.0 - samples_an_hour, 1.0)
        slope, now = np.polyfit(at, cut.seen[row, -samples_an_hour:], 1)
        np.testing.assert_allclose(answer.point[row], now + slope * np.arange(1.0, HOUR + 1))
        errors = cut.seen[row, -samples_an_hour:] - now - slope * at
        deviation = math.sqrt((errors**2).sum() / (samples_an_hour - 2))
        spread = ((at - at.mean()) ** 2).sum()
        half = 1.645 * deviation * math.sqrt(1 + 1 / samples_an_hour + (HOUR - at.mean()) ** 2 / spread)
        assert answer.upper[row, -1] - answer.point[row, -1] == pytest.approx(half)


def test_double_exponential_smoothing_is_the_recursion_of_prometheus() -> None:
    answer = double_exponential_smoothing(DAYS)
    for row, values in enumerate(DAYS.seen.tolist()):
        before, level, trend = 0.0, values[0], values[1] - values[0]
        for number in range(1, len(values)):
            if number > 1:
                trend = 0.1 * (level - before) + 0.9 * trend
            before, level = level, 0.3 * values[number] + 0.7 * (level + trend)
        trend = 0.1 * (level - before) + 0.9 * trend
        np.testing.assert_allclose(answer.point[row], level + trend * np.arange(1.0, HOUR + 1))


def test_seasonal_naive_says_what_came_a_day_ago_and_nothing_without_a_day() -> None:
    answer = seasonal_naive(DAYS)
    assert answer is not None
    values = DAYS.trace.values
    for row, moment in enumerate(DAYS.moments.tolist()):
        np.testing.assert_array_equal(answer.point[row], values[moment + 1 - DAY : moment + 1 - DAY + HOUR])
    assert seasonal_naive(cut_of(DAY - 1)) is None


@pytest.mark.parametrize("name", list(RIVALS))
def test_a_probability_is_that_of_the_likeliest_step_under_a_bell_as_wide_as_the_band(name: str) -> None:
    answer = RIVALS[name](DAYS)
    assert answer is not None
    threshold = float(np.quantile(DAYS.trace.values, 0.9))
    for ahead in (3, HOUR):
        for row, p in enumerate(answer.breach(threshold, ahead)):
            spreads = np.maximum((answer.upper[row] - answer.lower[row]) / (2 * 1.645), 1e-12)
            tails = [
                1 - NormalDist(point, spread).cdf(threshold)
                for point, spread in zip(answer.point[row, :ahead], spreads[:ahead], strict=True)
            ]
            assert p == pytest.approx(max(tails), abs=1e-6)


def test_the_product_is_asked_as_it_is_shipped() -> None:
    answer = product()(DAYS)
    assert answer is not None
    many = forecast_many(DAYS.times_s, DAYS.seen, 3600, 300)
    np.testing.assert_array_equal(answer.point, many.point)
    np.testing.assert_array_equal(answer.breach(0.8, 3), many.breach(np.full(len(DAYS.seen), 0.8), 900))
