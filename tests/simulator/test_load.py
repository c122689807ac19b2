"""Load: surges rise, hold and fall; the day goes up and down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.simulator.load import DAY_S, LoadCurve, Surge

SURGES = st.builds(
    Surge,
    start_s=st.floats(0, 1000),
    rise_s=st.floats(1, 500),
    hold_s=st.floats(0, 500),
    factor=st.floats(1, 5),
)


@given(SURGES, st.floats(-100, 5000))
def test_a_surge_never_leaves_the_room_between_the_usual_load_and_its_factor(surge: Surge, now_s: float) -> None:
    assert 1 - 1e-9 <= surge.at(now_s) <= surge.factor + 1e-9


@given(SURGES, st.floats(0, 1), st.floats(0, 1))
def test_a_surge_only_rises_until_it_has_risen(surge: Surge, one: float, other: float) -> None:
    early, late = sorted((one, other))
    at = [surge.at(surge.start_s + share * surge.rise_s) for share in (early, late)]
    assert at[0] <= at[1] + 1e-9


@given(SURGES)
def test_a_surge_begins_with_the_usual_load_and_ends_with_it(surge: Surge) -> None:
    end_s = surge.start_s + surge.rise_s + surge.hold_s + 2 * surge.rise_s
    assert surge.at(surge.start_s) == 1.0
    assert surge.at(surge.start_s + surge.rise_s + surge.hold_s / 2) == pytest.approx(surge.factor)
    assert surge.at(end_s + 1) == pytest.approx(1.0)


def test_the_day_has_its_peak_a_quarter_after_it_began_and_its_low_at_three_quarters() -> None:
    at = {start: LoadCurve(100, daily_share=0.2, day_start=start).at(0) for start in (0.0, 0.25, 0.5, 0.75)}
    assert at == pytest.approx({0.0: 100, 0.25: 120, 0.5: 100, 0.75: 80})


@given(st.floats(0, 1), st.floats(0, DAY_S))
def test_a_day_later_the_load_is_the_same(day_start: float, now_s: float) -> None:
    curve = LoadCurve(50, day_start=day_start)
    assert curve.at(now_s) == pytest.approx(curve.at(now_s + DAY_S))


def test_surges_multiply() -> None:
    curve = LoadCurve(10, daily_share=0).with_surge(Surge(0, 1, 100, 2)).with_surge(Surge(0, 1, 100, 3))
    assert curve.at(50) == pytest.approx(60)


@given(SURGES, st.integers(-9, 9), st.floats(0, 5000))
def test_a_surge_of_every_day_is_the_same_on_each_of_them(surge: Surge, days: int, since_s: float) -> None:
    daily = replace(surge, every_s=DAY_S)
    at = [daily.at(surge.start_s + since_s + day * DAY_S) for day in (0, days)]
    assert at == pytest.approx([surge.at(surge.start_s + since_s)] * 2, rel=1e-6)
