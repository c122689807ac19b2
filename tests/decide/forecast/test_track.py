"""The forecast's own record is measured against "it stays where it is"."""

from __future__ import annotations

import math

import pytest

from nodescaler_tui.decide.forecast.track import Track, track

CAME = [float(hour % 5) for hour in range(20)]


def test_a_perfect_forecast_has_no_error_and_a_lazy_one_has_exactly_one() -> None:
    stayed = [value + 1 for value in CAME]
    assert track(CAME, stayed, CAME) == Track(0.0, 20)
    assert track(stayed, stayed, CAME) == Track(1.0, 20)


def test_unknown_outcomes_are_left_out_and_too_few_say_nothing() -> None:
    holes = [math.nan] * 9 + CAME[9:]
    assert track(CAME, [0.5] * 20, holes) is None
    found = track(CAME, [0.5] * 20, [math.nan, *CAME[1:]])
    assert found is not None
    assert found.judged == 19


def test_where_nothing_moved_there_is_nothing_to_be_better_than() -> None:
    assert track([1.0] * 20, [2.0] * 20, [2.0] * 20) is None


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"longer|shorter"):
        track(CAME, CAME[1:], CAME)
