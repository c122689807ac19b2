"""The backtest's rules: what is a breach, what was warned of, what was a false page, and that an alert cannot peek."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.backtest import Outcome, Tally, false_pages, lead, outcomes, raised, together
from nodescaler_tui.decide.forecast.bars import Floats
from nodescaler_tui.decide.forecast.retrospect import Limit, Recorded, Said
from nodescaler_tui.decide.signals import Level, SignalName

HOUR = 12
BARS = 96
Flags = list[bool]
FLAGS = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=60)


def at(*bars: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.array(bars, np.intp)


def up(p: Floats, quiet: Flags, false: Flags) -> list[bool]:
    return list(raised(p, np.array(quiet), np.array(false), HOUR, 300.0))


@given(FLAGS, st.integers(0, 59), st.integers(0, 2**32 - 1))
def test_an_alert_knows_nothing_of_what_comes_later(
    moments: list[tuple[float, bool, bool]], now: int, seed: int
) -> None:
    p, quiet, false = (list(part) for part in zip(*moments, strict=True))
    chance = np.random.default_rng(seed)
    other_p = [one if bar <= now else float(chance.random()) for bar, one in enumerate(p)]
    other_false = [one if bar <= now - HOUR else bool(chance.integers(2)) for bar, one in enumerate(false)]
    one, other = up(np.array(p), quiet, false), up(np.array(other_p), quiet, other_false)
    assert one[: now + 1] == other[: now + 1]


@given(FLAGS)
def test_an_alert_is_only_up_at_quiet_moments(moments: list[tuple[float, bool, bool]]) -> None:
    p, quiet, false = (list(part) for part in zip(*moments, strict=True))
    assert all(calm or not alert for alert, calm in zip(up(np.array(p), quiet, false), quiet, strict=True))


def test_an_alert_begins_at_even_odds_and_a_false_claim_raises_its_bar() -> None:
    p = np.full(40, 0.51)
    assert all(up(p, [True] * 40, [False] * 40))
    cried_wolf = up(p, [True] * 40, [True] * 40)
    assert cried_wolf[:HOUR] == [True] * HOUR
    assert not any(cried_wolf[HOUR + 1 :])


def test_an_unknown_probability_is_no_alert() -> None:
    assert not any(up(np.full(5, math.nan), [True] * 5, [False] * 5))


def test_the_lead_is_counted_from_the_first_alert_of_the_hour_before() -> None:
    assert lead(at(3, 18, 19), at(20), HOUR).tolist() == [2]
    assert lead(at(8, 18, 19), at(20), HOUR).tolist() == [12]
    assert lead(at(20, 21), at(20), HOUR).tolist() == [0]
    assert lead(at(), at(20, 30), HOUR).tolist() == [0, 0]


@given(st.sets(st.integers(0, 200)), st.sets(st.integers(0, 200)))
def test_a_lead_is_never_longer_than_the_horizon_and_begins_with_an_alert(alerts: set[int], breaches: set[int]) -> None:
    found = lead(at(*sorted(alerts)), at(*sorted(breaches)), HOUR)
    for breach, steps in zip(sorted(breaches), found.tolist(), strict=True):
        assert 0 <= steps <= HOUR
        assert not steps or breach - steps in alerts
        assert bool(steps) == any(breach - HOUR <= alert < breach for alert in alerts)


def test_one_false_page_is_one_however_long_it_stays_within_its_hour() -> None:
    assert false_pages(at(), HOUR, 3) == 0
    assert false_pages(at(5), HOUR, 3) == false_pages(at(5, 6, 9, 12), HOUR, 3) == 1
    assert false_pages(at(5, 9), HOUR, 3) == 2


def test_a_false_page_that_stands_counts_again_each_hour() -> None:
    assert false_pages(np.arange(36), HOUR, 3) == 3


@given(st.sets(st.integers(0, 300), min_size=1))
def test_more_false_alerts_are_never_fewer_pages_than_hours_or_more_than_alerts(alerts: set[int]) -> None:
    pages = false_pages(at(*sorted(alerts)), HOUR, 3)
    assert len(alerts) / HOUR <= pages <= len(alerts)


def test_a_tally_tells_shares_and_a_median_and_nothing_without_a_breach() -> None:
    tally = Tally((0.0, 300.0, 900.0, 3600.0), 0.5)
    assert (tally.breaches, tally.share_ahead(0), tally.share_ahead(900)) == (4, 0.75, 0.5)
    assert tally.median_lead_s == 900.0
    nothing = Tally((), 0.0)
    assert (nothing.share_ahead(0), nothing.median_lead_s) == (None, None)
    assert Tally((0.0,), 0.0).median_lead_s is None
    assert together([tally, nothing, tally]) == Tally(tally.leads_s * 2, 1.0)


def perfect(value: Floats, limit: float) -> Floats:
    """P = 1 exactly where the next hour reaches the limit."""
    return np.array([float((value[bar + 1 : bar + 1 + HOUR] >= limit).any()) for bar in range(len(value))])


def judged(value: Floats, ours: Callable[[Floats, float], Floats], nodes: Floats | None = None) -> Outcome:
    """Asked at every bar that has an hour after it, quiet or not by its value alone."""
    serving = np.ones(len(value)) if nodes is None else nodes
    recorded = Recorded("g", SignalName.CPU, value, serving, (Limit(Level.CRITICAL, 0.9),))
    asked = np.arange(len(value)) < len(value) - HOUR
    quiet = asked & (value < 0.9)
    p = np.where(quiet, ours(value, 0.9), np.nan)[None]
    return outcomes(Said(recorded, asked, quiet[None], p, np.where(np.isnan(p), p, 0.0)))[0]


def peaks(*bars: int) -> Floats:
    value = np.full(BARS, 0.5)
    value[list(bars)] = 0.95
    return value


def test_a_forecaster_that_knows_the_future_warns_an_hour_ahead_and_never_for_nothing() -> None:
    found = judged(peaks(30, 60), perfect)
    assert found.ours == Tally((3600.0, 3600.0), 0.0)
    assert found.linear == Tally((0.0, 0.0), 0.0)
    assert found.days == (BARS - HOUR) / 288


def test_one_breach_is_one_however_long_it_lasts() -> None:
    assert judged(peaks(30, 31, 32, 33), perfect).ours.breaches == 1


def test_warning_for_nothing_is_a_false_page() -> None:
    found = judged(peaks(60), lambda value, _: (np.arange(len(value)) == 10).astype(float))
    assert found.ours == Tally((0.0,), 1 / found.days)


def test_a_warning_after_which_nodes_were_added_in_time_was_not_wrong() -> None:
    value, nodes = np.full(BARS, 0.5), np.ones(BARS)
    value[20:], nodes[20:] = 0.475, 2.0
    found = judged(value, lambda value, _: (np.arange(len(value)) == 15).astype(float), nodes)
    assert found.ours == Tally((), 0.0)
    as_it_was = judged(value, lambda value, _: (np.arange(len(value)) == 15).astype(float))
    assert as_it_was.ours.false_pages_a_day > 0


def test_a_warning_of_an_hour_with_a_gap_is_neither_right_nor_wrong() -> None:
    value = np.full(BARS, 0.5)
    value[18] = np.nan
    found = judged(value, lambda value, _: (np.arange(len(value)) == 15).astype(float))
    assert found.ours == Tally((), 0.0)


def test_the_limit_itself_is_a_breach() -> None:
    value = np.full(BARS, 0.5)
    value[40] = 0.9
    assert judged(value, perfect).ours.breaches == 1


def test_where_nobody_could_be_asked_nothing_is_told() -> None:
    recorded = Recorded("g", SignalName.CPU, np.full(5, 0.5), np.ones(5), (Limit(Level.CRITICAL, 0.9),))
    nothing = np.full((1, 5), np.nan)
    assert outcomes(Said(recorded, np.zeros(5, bool), np.zeros((1, 5), bool), nothing, nothing)) == ()


@pytest.mark.parametrize("level", [Level.WARNING, Level.CRITICAL])
def test_each_limit_has_an_outcome_of_its_own(level: Level) -> None:
    recorded = Recorded(
        "g", SignalName.CPU, peaks(40), np.ones(BARS), (Limit(Level.WARNING, 0.7), Limit(Level.CRITICAL, 0.96))
    )
    asked = np.arange(BARS) < BARS - HOUR
    p = np.zeros((2, BARS))
    found = {one.limit.level: one for one in outcomes(Said(recorded, asked, np.stack([asked, asked]), p, p))}
    assert found[level].ours.breaches == (1 if level is Level.WARNING else 0)
