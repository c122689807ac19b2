"""The alert bar: it keeps to a budget of false pages, and one number is all its memory."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.alert import AlertBar

POLL_S = 300.0


def false_pages_a_day(chance_of: float, budget: float, days: int) -> float:
    """Pages that never come true, from probabilities that are always too high."""
    draw, bar, pages, last = np.random.default_rng(0), AlertBar(), 0, -math.inf
    for poll in range(int(days * 86_400 / POLL_S)):
        bar = bar.after(POLL_S, budget)
        if bar.raises(float(draw.beta(2, 2 / chance_of))) and poll * POLL_S - last >= 3600:
            bar, pages, last = bar.after_false_claim(), pages + 1, poll * POLL_S
    return pages / days


def test_false_pages_settle_at_the_budget() -> None:
    for budget in (0.5, 1.0, 3.0):
        assert abs(false_pages_a_day(1.0, budget, 150) - budget) < 0.35 * budget


@given(st.floats(-3, 6), st.floats(0, 1e7), st.floats(0, 50))
def test_the_bar_sinks_with_time_and_stays_within_its_ends(log_odds: float, seconds: float, budget: float) -> None:
    bar = AlertBar(log_odds)
    assert -3 <= bar.after(seconds, budget).log_odds <= log_odds
    assert log_odds <= bar.after_false_claim().log_odds <= 6
    assert 0 < bar.probability < 1


@given(st.floats(-3, 6), st.floats(0, 1), st.floats(0, 1))
def test_what_is_likelier_is_raised_first(log_odds: float, one: float, other: float) -> None:
    bar = AlertBar(log_odds)
    assert bar.raises(max(one, other)) or not bar.raises(min(one, other))


def test_an_unknown_probability_pages_nobody_and_a_clock_that_goes_back_changes_nothing() -> None:
    assert not AlertBar(-3.0).raises(math.nan)
    assert AlertBar(1.0).after(-100, 1.0) == AlertBar(1.0)


def test_it_starts_at_even_odds() -> None:
    assert AlertBar().raises(0.5)
    assert not AlertBar().raises(0.49)
