"""History: a gap stays a gap, a peak never vanishes, and a week costs no more than an hour."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.engine.curves import Axis, axis_for, pieces, readings
from nodescaler_tui.engine.history import BINS, SPARE_BINS, Bin, Series, Tier

SPAN_S = 600.0
VALUES = st.one_of(st.none(), st.floats(0, 1, width=32))
TIMES = st.lists(st.floats(0, SPAN_S - 0.001), unique=True, max_size=60).map(sorted)


@st.composite
def samples(draw: st.DrawFn) -> list[Bin]:
    return [Bin(time, value, value) for time in draw(TIMES) for value in (draw(VALUES),)]


def axis(columns: int = 60) -> Axis:
    return Axis(SPAN_S, SPAN_S, columns)


def everything(cpu: float | None) -> tuple[float | None, ...]:
    return (cpu, cpu, cpu, cpu, cpu)


@given(samples(), st.integers(1, 40), st.floats(1, SPAN_S))
def test_the_lowest_and_the_highest_value_are_always_there(found: list[Bin], columns: int, gap_s: float) -> None:
    drawn = [entry for piece in pieces(found, axis(columns), gap_s) for entry in piece]
    known = [entry.low for entry in found if entry.low is not None]
    assert max((entry.high for entry in drawn if entry.high is not None), default=None) == max(known, default=None)
    assert min((entry.low for entry in drawn if entry.low is not None), default=None) == min(known, default=None)


@given(samples(), st.integers(1, 40))
def test_an_unknown_value_is_never_drawn_over(found: list[Bin], columns: int) -> None:
    runs, joined = 0, False
    for entry in found:
        runs += entry.low is not None and not joined
        joined = entry.low is not None
    assert len(pieces(found, axis(columns), SPAN_S)) == runs


def test_samples_that_are_far_apart_are_not_joined() -> None:
    found = [Bin(at_s, 0.5, 0.5) for at_s in (0.0, 10.0, 500.0)]
    assert len(pieces(found, axis(), 30.0)) == 2
    assert len(pieces(found, axis(), 500.0)) == 1


@given(
    st.lists(st.tuples(st.floats(0, 3600), VALUES), max_size=200).map(lambda found: sorted(found, key=lambda e: e[0]))
)
def test_bins_keep_both_extremes_of_what_was_polled(polled: list[tuple[float, float | None]]) -> None:
    tier = Tier(3600)
    for at_s, value in polled:
        tier.add(at_s, everything(value))
    bins = list(tier.bins(Series.CPU, 0))
    known = [value for _, value in polled if value is not None]
    assert max((entry.high for entry in bins if entry.high is not None), default=None) == max(known, default=None)
    assert min((entry.low for entry in bins if entry.low is not None), default=None) == min(known, default=None)


def test_a_week_of_polls_costs_no_more_than_the_bins_that_can_be_shown() -> None:
    tier = Tier(900)
    for second in range(0, 86400, 10):
        tier.add(float(second), everything(0.5))
    assert BINS < len(list(tier.bins(Series.MEMORY, 0))) <= BINS + SPARE_BINS
    assert len(list(tier.bins(Series.MEMORY, 86400 - 900))) >= 900 // 10 - 1


@given(st.floats(0, 59), st.floats(0.1, 5), st.sampled_from([0.0, 20.0, 30.0]))
def test_the_columns_stand_still_from_one_poll_to_the_next(now_s: float, later_s: float, ahead_s: float) -> None:
    """A plot over ssh costs bytes for what moves: the left edge moves by whole columns only."""
    first, second = (axis_for(10_000 + moment, 60, ahead_s, 120) for moment in (now_s, now_s + later_s))
    moved = (second.left_s - first.left_s) / first.column_s
    assert abs(moved - round(moved)) < 1e-6


def test_a_column_without_a_sample_reads_as_unknown() -> None:
    found = pieces([Bin(5.0, 0.2, 0.4), Bin(595.0, 0.6, 0.6)], axis(), 30.0)
    values = readings(found, axis(), 60)
    assert values[0] == 0.4
    assert values[-1] == 0.6
    assert set(values[1:-1]) == {None}
