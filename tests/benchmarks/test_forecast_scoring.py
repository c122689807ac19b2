"""The forecast's scorer, on small traces whose answers are known by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.forecast_rivals import Answer, last_value
from benchmarks.forecast_scoring import Score, average_precision, mean_over_sources, relative, score
from benchmarks.forecast_traces import Cut, Floats, Trace, Window

STEP_S, HOUR, DAY = 300, 12, 288
PEAK_AT = (100, 150, 200)
CALM, PEAK = 10.0, 20.0


def trace_with_peaks(*, bars: int = DAY + 2 * HOUR, lasting: int = 20) -> Trace:
    """Three peaks that make more than a tenth of the trace, so that both thresholds are their height."""
    values = np.full(bars, CALM)
    for begin in PEAK_AT:
        values[begin : begin + lasting] = PEAK
    return Trace("peaks", "by hand", STEP_S, values)


def cut_everywhere(trace: Trace, samples: int = HOUR) -> Cut:
    moments = np.arange(samples - 1, len(trace.values) - HOUR)
    seen = np.stack([trace.values[moment - samples + 1 : moment + 1] for moment in moments])
    came = np.stack([trace.values[moment + 1 : moment + 1 + HOUR] for moment in moments])
    return Cut(trace, Window("by hand", STEP_S, samples, 1), moments, seen, came)


def perfect(cut: Cut) -> Answer:
    return Answer(cut.came, cut.came, cut.came, lambda threshold, ahead: _crosses(cut, threshold, ahead))


def _crosses(cut: Cut, threshold: float, ahead: int) -> Floats:
    return np.asarray((cut.came[:, :ahead] >= threshold).any(1).astype(float))


def warning_when(cut: Cut, when: Callable[[int], bool], odds: float = 1.0) -> Answer:
    """The last value for a point, and a breach with these odds at these moments."""
    still = np.repeat(cut.seen[:, -1:], HOUR, axis=1)
    p = np.array([odds * when(int(moment)) for moment in cut.moments])
    return Answer(still, still, still, lambda _threshold, _ahead: p)


CUT = cut_everywhere(trace_with_peaks())
DAYS = len(CUT.moments) / DAY


def test_a_perfect_forecaster_has_no_error_and_warns_of_everything_for_nothing_never() -> None:
    for horizon_s in (900, 3600):
        found = score(CUT, perfect(CUT), horizon_s)
        assert (found.error, found.pinball, found.covered) == (0.0, 0.0, 1.0)
        assert (found.precision, found.warned, found.false_pages) == (1.0, 1.0, 0.0)


def test_the_last_value_errs_by_what_came_and_never_warns() -> None:
    cut = cut_everywhere(trace_with_peaks(), samples=4 * HOUR)
    found = score(cut, last_value(cut), 3600)
    moved = np.abs(cut.came - cut.seen[:, -1:]).mean()
    assert found.error == pytest.approx(moved)
    # Each of six edges of a peak is ahead of twelve moments, one to twelve steps of the hour wrong: 1 + … + 12.
    assert moved == pytest.approx(6 * (PEAK - CALM) * sum(range(1, HOUR + 1)) / (HOUR * len(cut.moments)))
    assert (found.warned, found.false_pages) == (0.0, 0.0)


@pytest.mark.parametrize(("steps_before", "warned"), [(12, 1.0), (3, 1.0), (2, 0.0), (1, 0.0), (0, 0.0)])
def test_a_crossing_counts_as_warned_of_from_fifteen_minutes_before(steps_before: int, warned: float) -> None:
    at = {begin - steps_before for begin in PEAK_AT}
    found = score(CUT, warning_when(CUT, at.__contains__), 3600)
    assert found.warned == warned
    assert found.false_pages == 0.0


def test_a_third_of_the_crossings_is_a_third() -> None:
    found = score(CUT, warning_when(CUT, lambda moment: moment == PEAK_AT[1] - 6), 3600)
    assert found.warned == pytest.approx(1 / 3)


def test_a_warning_of_nothing_is_one_false_page_at_each_threshold() -> None:
    found = score(CUT, warning_when(CUT, lambda moment: moment == 50), 3600)
    assert found.false_pages == pytest.approx(1 / DAYS)
    assert found.warned == 0.0


def test_the_same_warning_is_false_within_its_quarter_of_an_hour_and_true_within_its_hour() -> None:
    answer = warning_when(CUT, lambda moment: moment == PEAK_AT[0] - 8)
    assert score(CUT, answer, 900).false_pages == pytest.approx(1 / DAYS)
    assert score(CUT, answer, 3600).false_pages == 0.0


def test_crying_wolf_is_heard_for_two_hours_and_then_not_even_when_it_matters() -> None:
    found = score(CUT, warning_when(CUT, lambda _moment: True, odds=0.6), 3600)
    assert 2 / DAYS <= found.false_pages <= 3 / DAYS
    assert found.warned == 0.0
    calm = score(CUT, warning_when(CUT, lambda moment: moment > PEAK_AT[0] - HOUR, odds=0.6), 3600)
    assert calm.warned == 1.0


def test_moments_that_are_not_quiet_are_not_judged() -> None:
    during = {begin + step for begin in PEAK_AT for step in range(20)}
    found = score(CUT, warning_when(CUT, during.__contains__), 3600)
    assert (found.false_pages, found.warned) == (0.0, 0.0)


def test_a_trace_that_never_crosses_from_below_has_nothing_to_be_warned_of() -> None:
    flat = cut_everywhere(Trace("flat", "by hand", STEP_S, np.full(DAY, CALM)))
    found = score(flat, perfect(flat), 3600)
    assert math.isnan(found.warned)
    assert math.isnan(found.precision)


def test_average_precision_is_that_of_the_ranking() -> None:
    crosses = np.array([True, False, True, False])
    assert average_precision(crosses, np.array([0.9, 0.1, 0.8, 0.2])) == 1.0
    assert average_precision(crosses, np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(crosses, np.full(4, 0.5)) == pytest.approx(0.5)
    assert math.isnan(average_precision(np.array([False]), np.array([0.5])))


def scored(source: str, error: float) -> Score:
    return Score(source, error, error, 0.9, math.nan, error, 0.0)


def test_every_source_weighs_the_same_however_many_traces_it_has() -> None:
    ours = [scored("a", 2.0), scored("a", 2.0), scored("a", 2.0), scored("b", 0.5)]
    base = [scored(one.source, 1.0) for one in ours]
    assert relative(ours, base, lambda one: one.error) == pytest.approx(1.0)
    assert mean_over_sources(ours, lambda one: one.error) == pytest.approx(1.25)
    assert math.isnan(mean_over_sources(ours, lambda one: one.precision))
