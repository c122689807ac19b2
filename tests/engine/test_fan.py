"""The fan: what is ahead stands right of now, in whole columns, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.engine.curves import axis_for
from nodescaler_tui.engine.fan import Ahead, Fan, ahead_of, ahead_s, fan_of, guess
from nodescaler_tui.engine.outlook_book import GroupOutlook

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
HOUR = tuple(2.0 + 0.2 * step for step in range(1, 13))
LOAD = SignalForecast(
    SignalName.CPU,
    2.0,
    HOUR,
    tuple(value - 0.4 for value in HOUR),
    tuple(value + 0.4 for value in HOUR),
    Climbs.of([((0.0, 10.0), (step / 12, 0.0)) for step in range(1, 13)]),
    SimilarHours.of(()),
    7200.0,
)
SIGNALS = ((SignalName.CPU, LOAD), (SignalName.MEMORY, NotEnoughHistory(60.0, 7200.0)))
OUTLOOK = GroupOutlook(NOW, GroupForecast("g", SIGNALS))


def fan(shown_s: float = 3600.0, columns: int = 60, *, since_s: float = 0.0) -> Fan:
    now_s = NOW.timestamp() + since_s
    axis = axis_for(now_s, shown_s, ahead_s(shown_s, columns), 2 * columns)
    return fan_of(Ahead(LOAD, NOW), axis, columns, now_s)


def test_half_of_what_is_shown_of_the_past_is_looked_ahead_an_hour_at_most() -> None:
    assert [ahead_s(shown_s, 60) for shown_s in (900, 3600, 6 * 3600)] == [450, 1800, 3600]


def test_a_few_minutes_and_a_whole_week_look_nowhere() -> None:
    assert (ahead_s(240, 60), ahead_s(7 * 86_400, 60)) == (0.0, 0.0)


def test_the_fan_has_a_value_for_each_column_that_lies_ahead_and_for_no_other() -> None:
    found = fan()
    ahead = [column for column, value in enumerate(found.expected) if value is not None]
    assert ahead == list(range(ahead[0], 60))
    assert 18 <= len(ahead) <= 21


def test_the_guess_rises_from_what_is_measured_to_what_is_expected() -> None:
    found = [value for value in fan().expected if value is not None]
    assert found == sorted(found)
    assert 2.0 <= found[0] < 2.1
    assert found[-1] == pytest.approx(2.0 + 0.2 * 6, abs=0.1)


@given(st.sampled_from([900.0, 3600.0, 21_600.0, 86_400.0]), st.integers(20, 150), st.floats(0, 900))
def test_the_guess_lies_within_its_band(shown_s: float, columns: int, since_s: float) -> None:
    found = fan(shown_s, columns, since_s=since_s)
    for low, middle, high in zip(found.lowest, found.expected, found.highest, strict=True):
        assert (low is None) == (middle is None) == (high is None)
        assert low is None or middle is None or high is None or low <= middle <= high


def test_nothing_is_drawn_beyond_the_hour_that_is_forecast() -> None:
    found = fan(6 * 3600.0, 140, since_s=800.0)
    assert found.expected[-1] is None


def test_without_a_forecast_there_is_no_fan() -> None:
    axis = axis_for(NOW.timestamp(), 3600.0, 0.0, 120)
    assert fan_of(None, axis, 60, NOW.timestamp()) == Fan()
    assert guess(Fan(), axis, 60) == []


def test_more_nodes_share_the_same_load() -> None:
    four, eight = ahead_of(OUTLOOK, SignalName.CPU, 4), ahead_of(OUTLOOK, SignalName.CPU, 8)
    assert four is not None
    assert eight is not None
    assert eight.forecast.point[0] == pytest.approx(four.forecast.point[0] / 2)


@pytest.mark.parametrize(
    ("signal", "nodes"), [(SignalName.MEMORY, 4), (SignalName.SESSIONS, 4), (SignalName.CPU, None), (SignalName.CPU, 0)]
)
def test_without_enough_history_or_nodes_nothing_is_ahead(signal: SignalName, nodes: int | None) -> None:
    assert ahead_of(OUTLOOK, signal, nodes) is None


def test_where_critical_is_expected_there_is_a_mark() -> None:
    assert Ahead(LOAD, NOW).crossing_mark(Level.CRITICAL, 9.9) is None
    mark = Ahead(LOAD, NOW).crossing_mark(Level.CRITICAL, 2.5)
    assert mark is not None
    assert NOW < mark.at <= NOW + timedelta(hours=1)


def test_what_is_critical_already_is_not_expected_to_be() -> None:
    assert Ahead(LOAD, NOW).crossing_mark(Level.WARNING, 1.5) is None
