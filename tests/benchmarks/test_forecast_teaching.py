"""What the learned voice is taught from: never the days that it is scored on."""

from __future__ import annotations

import numpy as np

from benchmarks.forecast_teaching import taught_from
from benchmarks.forecast_traces import WINDOWS, Trace, cut
from tests.decide.forecast.histories import DAY

TRACES = [Trace(name, name, 300, np.arange(12.0 * DAY) + start) for name, start in (("a", 0), ("b", 1e6))]


def test_no_day_that_is_scored_is_taught_from() -> None:
    for trace, taught in zip(TRACES, taught_from(TRACES, 0), strict=True):
        for window in WINDOWS[1:]:
            scored = cut(trace, window, 1)
            assert scored is not None
            assert taught.values.max() < trace.values[scored.moments[0]]


def test_a_mixture_names_every_source_that_is_in_it() -> None:
    mixed = [series for series in taught_from(TRACES, 30) if series.mixed]
    assert len(mixed) == 30
    assert {series.sources for series in mixed} == {frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"})}
    assert max(len(series.values) for series in mixed) <= 7 * DAY - 60
