"""The straight line through the last hour, as Prometheus draws it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.linear import breach_of_band, predict_linear


@given(st.floats(-5, 5), st.floats(-100, 100))
def test_a_line_goes_on_as_a_line(slope: float, start: float) -> None:
    hour = (start + slope * np.arange(12.0))[None]
    point, lower, upper = predict_linear(hour, 12)
    np.testing.assert_allclose(point[0], start + slope * np.arange(12.0, 24.0), atol=1e-6)
    np.testing.assert_allclose(upper - lower, 0, atol=1e-6)


def test_noise_is_least_squares_with_a_band_around_it() -> None:
    hour = np.random.default_rng(0).random((5, 12))
    point, lower, upper = predict_linear(hour, 3)
    for series in range(5):
        slope, start = np.polyfit(np.arange(12.0), hour[series], 1)
        np.testing.assert_allclose(point[series], start + slope * np.arange(12.0, 15.0))
    assert (lower < point).all()
    assert (point < upper).all()


def test_the_probability_is_that_of_the_likeliest_step_under_a_bell() -> None:
    point, half = np.array([[0.5, 0.7, 0.6]]), 1.645 * 0.1
    assert breach_of_band(point, point - half, point + half, 0.7)[0] == pytest.approx(0.5, abs=1e-7)
    assert breach_of_band(point, point - half, point + half, 0.9)[0] == pytest.approx(0.0227501, abs=1e-6)
    assert breach_of_band(point, point, point, np.array([[0.71]]))[0] == pytest.approx(0.0, abs=1e-12)
