"""The raw forecast: whatever a poller brings, it answers with finite numbers in order, or refuses in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nodescaler_tui.decide import forecast as package
from nodescaler_tui.decide.forecast.bars import Floats
from nodescaler_tui.decide.forecast.batch import breach, forecast, forecast_many
from tests.decide.forecast.histories import DAY, daily, times

THRESHOLDS = np.array([0.1, 0.5, 0.9])


def assert_sound(at: Floats, values: Floats, horizon_s: float = 3600, step_s: float = 300) -> None:
    point, lower, upper = forecast(at, values, horizon_s, step_s)
    assert point.shape == (round(horizon_s / step_s),)
    assert np.isfinite([point, lower, upper]).all()
    assert (lower <= point + 1e-9 * np.abs(point)).all()
    assert (point <= upper + 1e-9 * np.abs(upper)).all()
    odds = breach(at, values, horizon_s, step_s, THRESHOLDS)
    assert ((odds >= 0) & (odds <= 1)).all()
    assert (np.diff(odds) <= 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(
    values=arrays.arrays(
        np.float64,
        st.sampled_from([1, 2, 11, 12, 30, 287, 288, 300, 577]),
        elements=st.floats(allow_nan=True, allow_infinity=True, min_value=None, max_value=None, width=32),
    ),
    horizon_s=st.sampled_from([300, 900, 3600]),
)
def test_any_history_gives_finite_numbers_in_order(values: Floats, horizon_s: float) -> None:
    assert_sound(times(len(values)), values, horizon_s)


@settings(max_examples=25, deadline=None)
@given(
    polled_at=arrays.arrays(
        np.float64, st.sampled_from([1, 5, 40, 320]), elements=st.floats(allow_nan=True, allow_infinity=True, width=32)
    )
)
def test_a_clock_may_jump_stand_still_or_be_nonsense(polled_at: Floats) -> None:
    assert_sound(polled_at, daily(len(polled_at)))


@pytest.mark.parametrize("level", [0.0, 1.0, 0.4, 1e12, 1e-9])
def test_what_never_moved_is_expected_to_stay(level: float) -> None:
    for samples in (1, 20, DAY, 3 * DAY):
        point, lower, upper = forecast(times(samples), np.full(samples, level), 3600, 300)
        np.testing.assert_allclose([point, lower, upper], level, rtol=0.02, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(1e-3, 1e6), shift=st.floats(-100, 100))
def test_the_unit_does_not_matter(scale: float, shift: float) -> None:
    values = daily(2 * DAY)
    plain, moved = (forecast(times(len(values)), one, 3600, 300) for one in (values, scale * (values + shift)))
    np.testing.assert_allclose(np.array(moved), scale * (np.array(plain) + shift), rtol=1e-2, atol=2e-2 * scale)


def test_a_rhythm_is_followed_where_the_last_value_would_stay() -> None:
    values = daily(7 * DAY)
    ends = np.arange(6 * DAY, 7 * DAY - 12, 12)
    seen = np.stack([values[end - 5 * DAY : end] for end in ends])
    came = np.stack([values[end : end + 12] for end in ends])
    many = forecast_many(np.broadcast_to(times(seen.shape[1]), seen.shape), seen, 3600, 300)
    assert np.abs(many.point - came).mean() < 0.6 * np.abs(seen[:, -1:] - came).mean()
    assert 0.8 < ((many.lower <= came) & (came <= many.upper)).mean() <= 1


def test_a_batch_says_the_same_as_single_calls_even_where_histories_differ_in_length() -> None:
    values = np.stack([daily(2 * DAY, seed=seed) for seed in range(5)])
    values[1, :-40] = np.nan
    values[2, 100:110] = np.nan
    values[3, -1] = np.nan
    at = np.broadcast_to(times(values.shape[1]), values.shape)
    many = forecast_many(at, values, 3600, 300)
    for row in range(len(values)):
        single = forecast(at[row], values[row], 3600, 300)
        np.testing.assert_allclose((many.point[row], many.lower[row], many.upper[row]), single, rtol=1e-5)


def test_a_threshold_can_be_asked_for_after_the_forecast_and_sooner_is_never_likelier_than_later() -> None:
    values = np.stack([daily(3 * DAY, seed=seed) for seed in range(4)])
    many = forecast_many(np.broadcast_to(times(values.shape[1]), values.shape), values, 3600, 300)
    for threshold in (0.3, 0.5, 0.7):
        odds = [many.breach(np.full(4, threshold), horizon) for horizon in (300, 900, 1800, 3600)]
        assert (np.diff(odds, axis=0) >= -1e-3).all()


def test_minute_polls_are_forecast_minute_by_minute() -> None:
    values = 0.5 + np.random.default_rng(0).normal(0, 0.01, 120)
    assert_sound(times(120, 60), values, 3600, 60)


def test_a_weekend_of_zeros_does_not_make_the_week_before_it_worthless() -> None:
    values = np.concatenate([daily(5 * DAY), np.zeros(2 * DAY)])
    assert_sound(times(len(values)), values)


@pytest.mark.parametrize("bars_since", [1, 3, 11])
@pytest.mark.parametrize("factor", [1.5, 0.1])
def test_at_a_level_that_was_never_seen_the_band_holds_that_it_stays(bars_since: int, factor: float) -> None:
    load = daily(6 * DAY)
    load[-bars_since:] = factor * (load.max() if factor > 1 else load.min())
    point, lower, upper = forecast(times(len(load)), load, 3600, 300)
    assert (lower <= load[-1] + 1e-6).all()
    assert (upper >= load[-1] - 1e-6).all()
    assert ((lower <= point) & (point <= upper)).all()


def test_a_day_that_the_clock_makes_an_hour_shorter_moves_no_bar() -> None:
    values, elapsed = daily(3 * DAY), times(3 * DAY)
    wall = np.where(elapsed > 2 * DAY * 300, elapsed + 3600, elapsed)
    by_elapsed = forecast(elapsed, values, 3600, 300)
    by_wall = forecast(wall, values, 3600, 300)
    assert np.isfinite(by_wall).all()
    assert np.abs(by_wall[0] - by_elapsed[0]).max() < 0.15


@pytest.mark.parametrize(
    ("at", "values", "horizon_s", "step_s"),
    [
        (np.zeros((1, 2)), np.zeros((1, 3)), 3600, 300),
        (np.zeros((1, 0)), np.zeros((1, 0)), 3600, 300),
        (np.zeros((1, 3)), np.zeros((1, 3)), 7200, 300),
        (np.zeros((1, 3)), np.zeros((1, 3)), 3600, 0),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(at: Floats, values: Floats, horizon_s: float, step_s: float) -> None:
    with pytest.raises(ValueError, match=r"must both be|reaches one hour"):
        forecast_many(at, values, horizon_s, step_s)


def test_the_package_offers_its_interface_and_nothing_else() -> None:
    assert package.forecast is forecast
    assert package.BREACH_ALERT_P == 0.5
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = package.nothing_like_it
