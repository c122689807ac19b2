"""History: a gap stays a gap, and a peak never vanishes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.engine.history import segments

SPAN_S = 600.0
VALUES = st.one_of(st.none(), st.floats(0, 1))
TIMES = st.lists(st.floats(0, SPAN_S), unique=True, max_size=60).map(lambda times: sorted(times, reverse=True))


@st.composite
def samples(draw: st.DrawFn) -> list[tuple[float, float | None]]:
    return [(time, draw(VALUES)) for time in draw(TIMES)]


@given(samples(), st.integers(1, 40), st.floats(1, SPAN_S))
def test_the_lowest_and_the_highest_value_are_always_there(
    found: list[tuple[float, float | None]], columns: int, longest_gap_s: float
) -> None:
    bins = [
        each for part in segments(found, columns=columns, span_s=SPAN_S, longest_gap_s=longest_gap_s) for each in part
    ]
    known = [value for _, value in found if value is not None]
    assert max((each.high for each in bins), default=None) == max(known, default=None)
    assert min((each.low for each in bins), default=None) == min(known, default=None)


@given(samples(), st.integers(1, 40))
def test_an_unknown_value_is_never_drawn_over(found: list[tuple[float, float | None]], columns: int) -> None:
    parts = segments(found, columns=columns, span_s=SPAN_S, longest_gap_s=SPAN_S)
    runs, joined = 0, False
    for _, value in found:
        runs += value is not None and not joined
        joined = value is not None
    assert len(parts) == runs


def test_samples_that_are_far_apart_are_not_joined() -> None:
    found = [(600.0, 0.5), (590.0, 0.5), (100.0, 0.5)]
    assert len(segments(found, columns=60, span_s=SPAN_S, longest_gap_s=30.0)) == 2
    assert len(segments(found, columns=60, span_s=SPAN_S, longest_gap_s=500.0)) == 1
