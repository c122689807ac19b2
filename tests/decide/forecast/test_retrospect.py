"""Retrospect: at each past moment only what was complete by then is seen, and what is said is what was said live."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.bars import BARS_AHEAD, Floats
from nodescaler_tui.decide.forecast.batch import breach
from nodescaler_tui.decide.forecast.load import enough_history
from nodescaler_tui.decide.forecast.retrospect import Limit, Recorded, Said, askable, quiet_before, retrospect
from nodescaler_tui.decide.signals import Level, SignalName
from tests.decide.forecast.histories import DAY, daily, times

NODES = 10.0


def recorded(value: Floats, *limits: float, nodes: Floats | None = None) -> Recorded:
    serving = np.full(len(value), NODES) if nodes is None else nodes
    return Recorded("g", SignalName.CPU, value, serving, tuple(Limit(Level.WARNING, limit) for limit in limits))


def said_of(value: Floats, *limits: float, first: int = 0, nodes: Floats | None = None) -> Said:
    return retrospect([recorded(value, *limits, nodes=nodes)], first)[0]


@settings(max_examples=15, deadline=None)
@given(st.integers(DAY, 2 * DAY - 20), st.integers(0, 2**32 - 1))
def test_whatever_comes_later_changes_nothing_that_was_said_before(moment: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    value = daily(2 * DAY, seed=seed)
    value[chance.random(len(value)) < 0.03] = np.nan
    other = value.copy()
    other[moment + 1 :] = np.where(chance.random(len(value) - moment - 1) < 0.2, np.nan, chance.random())
    one, another = (said_of(series, 0.7, 0.8, first=DAY) for series in (value, other))
    for before, after in ((one.ours, another.ours), (one.linear, another.linear)):
        np.testing.assert_allclose(before[:, : moment + 1], after[:, : moment + 1], atol=1e-4)


@pytest.mark.parametrize("missing", [(), (-5, -6), (-100, -101, -102)])
def test_what_is_said_of_the_past_is_what_a_live_forecast_would_have_said(missing: tuple[int, ...]) -> None:
    value = daily(DAY + 20)
    moment = DAY - 1
    for bar in missing:
        value[moment + bar] = np.nan
    said = said_of(value, 0.6, first=moment)
    live = breach(times(DAY), NODES * value[:DAY], 3600, 300, np.array([6.0]))
    assert moment % 3 != 0
    assert said.ours[0, moment] == pytest.approx(live[0], abs=1e-4)


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_a_forecast_was_possible_exactly_where_a_live_one_has_enough_history(known: list[bool]) -> None:
    load = np.where(known, 1.0, np.nan)
    for bar, asked in enumerate(askable(load, 0)):
        over = bar + BARS_AHEAD < len(load)
        assert asked == (known[bar] and over and enough_history(load[: bar + 1]) is None)


def test_nobody_is_asked_before_the_span_begins() -> None:
    said = said_of(daily(DAY), 0.6, first=200)
    assert not said.asked[:200].any()
    assert said.asked[200 : DAY - BARS_AHEAD].all()
    assert np.isnan(said.ours[:, :200]).all()


def test_quiet_is_fifteen_known_minutes_below_the_limit() -> None:
    value = np.array([0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, np.nan, 0.1, 0.1, 0.1])
    assert np.flatnonzero(quiet_before(value, 0.9)).tolist() == [2, 6, 10]


def test_at_a_moment_that_is_over_the_limit_already_nobody_is_asked() -> None:
    value = daily(2 * DAY)
    said = said_of(value, 0.6, first=DAY)
    assert np.isnan(said.ours[0, value >= 0.6]).all()
    assert np.isnan(said.linear[0, value >= 0.6]).all()


def test_a_limit_is_held_against_the_load_with_the_nodes_of_that_moment() -> None:
    value = daily(2 * DAY)
    twice = said_of(value, 0.7, first=DAY, nodes=np.full(2 * DAY, 2 * NODES))
    once = said_of(value, 0.7, first=DAY)
    np.testing.assert_allclose(twice.linear, once.linear, atol=1e-9)
    np.testing.assert_allclose(twice.ours, once.ours, atol=1e-4)
    grown = np.where(np.arange(2 * DAY) < DAY, NODES, 2 * NODES)
    same_load = said_of(value * NODES / grown, 0.35, first=DAY, nodes=grown)
    np.testing.assert_allclose(same_load.ours, once.ours, atol=1e-4)


def test_without_nodes_in_service_nobody_is_asked() -> None:
    said = said_of(daily(DAY), 0.6, nodes=np.zeros(DAY))
    assert not said.asked.any()
    assert np.isnan(said.ours).all()


def test_a_day_with_a_rhythm_is_asked_about_mostly_while_a_breach_is_near() -> None:
    value = daily(4 * DAY, noise=0.005)
    said = said_of(value, 0.75, first=2 * DAY)
    answered = np.isfinite(said.ours[0])
    assert answered.sum() < 0.3 * said.quiet.sum()
    before = np.flatnonzero(said.quiet[0][:-1] & (value[1:] >= 0.75))
    assert len(before)
    assert answered[before].all()
    assert np.isfinite(said.linear[said.quiet]).all()


def test_signals_with_one_limit_and_with_two_are_answered_together() -> None:
    two, one = recorded(daily(2 * DAY), 0.6, 0.7), recorded(daily(2 * DAY, seed=1), 0.65)
    both = retrospect([two, one], DAY)
    for together, alone in zip(both, (retrospect([each], DAY)[0] for each in (two, one)), strict=True):
        np.testing.assert_allclose(together.ours, alone.ours, atol=1e-4)
    assert [said.ours.shape[0] for said in both] == [2, 1]
