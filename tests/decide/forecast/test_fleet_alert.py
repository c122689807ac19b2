"""The alert of a fleet: what a claim is judged by, whom a series' own bar shuts out, and what waits for a verdict."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.fleet_alert import LEAST_MEASURED, Claim, OwnBar, Verdict, is_raised

DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
MANY = 300
CLAIM = Claim(1_000_000.0, 0.8, 3.6)
chances = st.floats(0, 1)


@given(st.lists(st.floats(0, 10), max_size=12), st.booleans())
def test_a_claim_is_false_only_when_the_hour_was_measured_and_nothing_reached_the_limit(
    loads: list[float], breached: bool
) -> None:
    false = len(loads) >= LEAST_MEASURED and not breached and max(loads) < CLAIM.limit_load
    assert (CLAIM.verdict(loads, breached=breached) is Verdict.NEVER_CAME) == false


@given(st.floats(1e9, 2e9))
def test_the_bars_of_a_claim_are_the_hour_after_it(at_s: float) -> None:
    bars = Claim(at_s, 0.8, 3.6).bars
    assert len(bars) == 12
    assert abs(bars.start * 300 - at_s) <= 150


def test_a_series_that_cries_wolf_is_shut_out_and_forgiven_within_days() -> None:
    bar = OwnBar()
    assert bar.raises(0.05)
    for _ in range(3):
        bar = bar.after_verdict(0.8, Verdict.NEVER_CAME)
    assert not bar.raises(0.97)
    assert not bar.after(DAY_S, 1.0, MANY).raises(0.9)
    assert bar.after(2 * WEEK_S, 1.0, MANY).raises(0.5)


def test_one_broken_promise_is_forgiven_within_a_week() -> None:
    assert OwnBar().after_verdict(1.0, Verdict.NEVER_CAME).after(WEEK_S, 1.0, MANY) == OwnBar()


def test_even_certainty_has_to_wait_once_it_was_wrong_often() -> None:
    bar = OwnBar()
    for _ in range(10):
        bar = bar.after_verdict(1.0, Verdict.NEVER_CAME)
    assert not bar.after(6 * DAY_S, 1.0, MANY).raises(1.0)
    assert bar.after(8 * DAY_S, 1.0, MANY).raises(1.0)


@given(st.integers(1, 9))
def test_a_series_that_keeps_to_its_probabilities_stays_where_it_is(tenths: int) -> None:
    p, bar = tenths / 10, OwnBar(1.0)
    for verdict in [Verdict.NEVER_CAME] + [Verdict.CAME] * tenths + [Verdict.NEVER_CAME] * (9 - tenths):
        bar = OwnBar(bar.log_odds + (OwnBar(0.0).after_verdict(p, verdict).log_odds))
    assert bar.log_odds == pytest.approx(1.0)


@given(st.floats(-3, 9), chances)
def test_what_was_not_measured_teaches_nothing(log_odds: float, p: float) -> None:
    assert OwnBar(log_odds).after_verdict(p, Verdict.NOT_MEASURED) == OwnBar(log_odds)


@given(st.floats(-3, 9), st.floats(0, 1e7), st.integers(1, 7))
def test_few_series_may_use_the_whole_budget_between_them(log_odds: float, seconds: float, series: int) -> None:
    few, alone = OwnBar(log_odds).after(seconds, 1.0, series), OwnBar(log_odds).after(seconds / series, 1.0, 1)
    assert few.log_odds == pytest.approx(alone.log_odds)


@given(chances, st.floats(-3, 6), st.floats(-3, 9))
def test_an_alert_is_over_both_bars(p: float, fleet: float, own: float) -> None:
    assert is_raised(p, AlertBar(fleet), OwnBar(own), ()) == AlertBar(max(fleet, own)).raises(p)


def test_an_unknown_probability_is_no_alert() -> None:
    assert not is_raised(math.nan, AlertBar(-3.0), OwnBar(), ())


def test_many_doubtful_breaches_at_one_moment_are_not_all_announced() -> None:
    """As after a quiet month, when the bar is at its lowest."""
    bar, claims = AlertBar(-3.0), list[Claim]()
    for _ in range(300):
        if is_raised(0.3, bar, OwnBar(), claims):
            claims.append(Claim(0.0, 0.3, 1.0))
    assert 5 <= len(claims) <= 15


def test_many_certain_breaches_at_one_moment_are_all_announced() -> None:
    claims = list[Claim]()
    for _ in range(300):
        if is_raised(0.995, AlertBar(), OwnBar(), claims):
            claims.append(Claim(0.0, 0.995, 1.0))
    assert len(claims) == 300
