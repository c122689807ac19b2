"""The outlook: thresholds and node counts can change after the forecast, and the sentence says why."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.bars import Floats
from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.load import LoadHistory, busy_nodes, enough_history, forecast_groups
from nodescaler_tui.decide.forecast.outlook import Likelihood, NotEnoughHistory, SignalForecast, TimeToBreach
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.forecast.words import (
    breach_words,
    chance,
    evidence_sentence,
    history_sentence,
    track_sentence,
)
from nodescaler_tui.decide.signals import SignalName
from tests.decide.forecast.histories import DAY, daily


def history(load: Floats, group_id: str = "media-eu-1", signal: SignalName = SignalName.CPU) -> LoadHistory:
    return LoadHistory(group_id, signal, load)


def forecast_of(load: Floats) -> SignalForecast:
    found = forecast_groups([history(load)])[0].signal(SignalName.CPU)
    assert isinstance(found, SignalForecast)
    return found


RISING = 10 * daily(6 * DAY + 20)
"""Ten busy nodes' worth of the daily rhythm, on its way up."""


@pytest.mark.parametrize("samples", [1, 5, 8, 20])
def test_too_short_a_history_says_so_and_invents_nothing(samples: int) -> None:
    found = forecast_groups([history(daily(samples))])[0].signal(SignalName.CPU)
    assert found == NotEnoughHistory((samples - 1) * 300.0, 7200.0)


def test_a_history_of_holes_or_without_a_recent_value_is_not_enough() -> None:
    load = daily(DAY)
    load[-13:] = np.nan
    assert enough_history(load) is not None
    assert enough_history(np.full(DAY, np.nan)) == NotEnoughHistory(0.0, 7200.0)
    sparse = np.full(DAY, np.nan)
    sparse[::5] = 0.5
    assert enough_history(sparse) is not None


def test_not_enough_history_is_said_in_words() -> None:
    assert history_sentence(NotEnoughHistory(2400, 7200)) == "not enough history: 40 m of 2 h"


def test_a_group_keeps_its_signals_apart_and_groups_their_order() -> None:
    histories = [history(RISING, "b"), history(daily(3), "a"), history(RISING, "b", SignalName.SESSIONS)]
    groups = forecast_groups(histories)
    assert [group.group_id for group in groups] == ["b", "a"]
    assert isinstance(groups[0].signal(SignalName.SESSIONS), SignalForecast)
    assert groups[0].signal(SignalName.MEMORY) is None
    assert isinstance(groups[1].utilization(SignalName.CPU, 4), NotEnoughHistory)


def test_more_nodes_share_the_same_load() -> None:
    forecast = forecast_of(RISING)
    ten, twenty = forecast.divided(10), forecast.divided(20)
    np.testing.assert_allclose(np.array(twenty.point) * 2, ten.point)
    assert twenty.crossing(0.6).within[2] < ten.crossing(0.6).within[2]
    assert ten.crossing(0.6).within == pytest.approx(forecast.crossing(6.0).within)
    with pytest.raises(ValueError, match="at least one node"):
        forecast.divided(0)


def test_a_threshold_is_judged_again_from_what_is_stored() -> None:
    forecast = forecast_of(RISING).divided(10)
    crossings = [forecast.crossing(threshold) for threshold in np.linspace(0.05, 1.5, 40)]
    for crossing in crossings:
        assert crossing.within[0] <= crossing.within[1] <= crossing.within[2]
        assert all(0 <= p <= 1 for p in crossing.within)
    assert all(low.within[2] >= high.within[2] for low, high in pairwise(crossings))
    assert crossings[0].within[0] > 0.95
    assert crossings[-1].within[2] < 0.02


def test_the_time_to_a_breach_is_a_range() -> None:
    forecast = forecast_of(RISING).divided(10)
    when = forecast.crossing(forecast.point[6]).when
    assert when is not None
    assert when.likelihood is Likelihood.LIKELY
    assert when.earliest_s < 7 * 300
    assert forecast.crossing(1.4).when is None
    assert breach_words(TimeToBreach(720, 1500, Likelihood.LIKELY), "critical") == "critical in 12–25 min, likely"


def test_the_evidence_can_be_counted_and_drawn() -> None:
    forecast = forecast_of(RISING)
    assert 0 < len(forecast.evidence) <= 20
    assert all(len(path) == 12 and ago_s >= 3600 for ago_s, path in forecast.evidence)
    crossing = forecast.crossing(forecast.point[6])
    assert evidence_sentence(forecast, crossing).startswith(
        f"{crossing.crossed} of {crossing.analogs} similar hours crossed"
    )


def test_a_daily_fall_is_told_only_when_every_day_shows_it() -> None:
    falling = 10 * daily(6 * DAY + 100, noise=0.005)
    forecast = forecast_of(falling)
    assert (forecast.fell_on_days, forecast.known_days) == (6, 6)
    assert "every day (6 days known)" in evidence_sentence(forecast, forecast.crossing(9.9))
    rising = forecast_of(RISING)
    assert rising.fell_on_days == 0
    assert "every day" not in evidence_sentence(rising, rising.crossing(9.9))


def test_without_a_day_of_history_no_similar_hour_is_claimed() -> None:
    forecast = forecast_of(daily(40))
    assert len(forecast.evidence) == 0
    assert "no similar hour is known yet" in evidence_sentence(forecast, forecast.crossing(2.0))


def test_a_breach_that_is_there_already_is_not_announced() -> None:
    forecast = forecast_of(RISING)
    crossing = forecast.crossing(forecast.now - 1)
    assert evidence_sentence(forecast, crossing).startswith("CPU is at or above")


def test_load_is_never_forecast_below_zero() -> None:
    load = np.maximum(0, np.random.default_rng(3).normal(0, 0.1, 2 * DAY))
    forecast = forecast_of(load)
    assert min(*forecast.lower, *forecast.point, *(step for _, path in forecast.evidence for step in path)) >= 0


def test_load_without_nodes_is_unknown_and_not_zero() -> None:
    load = busy_nodes(np.array([0.5, 0.5, np.nan]), np.array([4, 0, 4]))
    assert load[0] == 2
    assert np.isnan(load[1:]).all()


def test_a_chance_is_never_certain_and_a_bad_record_is_said() -> None:
    assert (chance(0.0), chance(0.42), chance(1.0)) == ("< 1 %", "42 %", "> 99 %")
    assert track_sentence(Track(0.8, 100)) == track_sentence(None) == ""
    assert track_sentence(Track(1.5, 100)).startswith("has been wrong lately: 1.5 ×")


def certain(*reached: float) -> SignalForecast:
    """A forecast that reaches any threshold with these probabilities by each step."""
    return SignalForecast(SignalName.CPU, 0.0, (), (), (), Climbs.to_any_value(reached), SimilarHours.of(()), 7200.0)


def test_a_crossing_is_expected_when_half_of_the_crossings_have_come() -> None:
    assert certain(0.1, 0.3, 0.5, 0.8).crossing(0.5).expected_s == 2.5 * 300


def test_a_crossing_that_is_less_likely_than_none_is_expected_at_no_time() -> None:
    assert certain(0.1, 0.3, 0.4).crossing(0.5).expected_s is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_expected_time_lies_within_the_range_that_is_told(reached: list[float]) -> None:
    crossing = certain(*sorted(reached)).crossing(0.5)
    if crossing.expected_s is not None:
        assert crossing.when is not None
        assert 0 <= crossing.when.earliest_s <= crossing.expected_s <= crossing.when.latest_s <= 300 * len(reached)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0, 5000), st.floats(0, 5000))
def test_a_longer_wait_is_never_less_likely_to_see_a_crossing(
    reached: list[float], one_s: float, other_s: float
) -> None:
    forecast = certain(*reached)
    assert forecast.chance(0.5, min(one_s, other_s)) <= forecast.chance(0.5, max(one_s, other_s)) + 1e-12
    assert forecast.chance(0.5, 300 * len(reached)) == max(reached)
