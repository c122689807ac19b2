"""The outlook as it is shown: under the limits and with the nodes that hold now, and made once for each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.outlook_picture import OutlookPictures, critical_load, outlook_state, warning_load

MADE_AT = datetime(2026, 3, 1, 3, 1, tzinfo=UTC)
BEGINS_AT = datetime(2026, 3, 1, 3, 5, tzinfo=UTC)
LOAD = SignalForecast(
    SignalName.CPU,
    7.2,
    tuple(7.2 + 0.2 * step for step in range(1, 13)),
    (6.0,) * 12,
    (10.0,) * 12,
    Climbs.of([((0.0, 7.0, 9.0, 11.0), (1.0, 1.0, 0.05 * step, 0.0)) for step in range(1, 13)]),
    SimilarHours.of(()),
    86_400.0,
)
OUTLOOK = GroupOutlook(
    MADE_AT,
    GroupForecast("g", ((SignalName.CPU, LOAD), (SignalName.MEMORY, NotEnoughHistory(2400.0, 7200.0)))),
    {SignalName.CPU: Track(1.4, 96)},
    frozenset({SignalName.CPU}),
)
MATRIX = ThresholdMatrix()


def test_values_are_for_each_node_at_the_three_horizons() -> None:
    cpu = outlook_state(OUTLOOK, 10, MATRIX).signals[0]
    assert cpu.expected == pytest.approx((0.78, 0.84, 0.96))
    assert (cpu.lowest, cpu.highest) == ((0.6, 0.6, 0.6), (1.0, 1.0, 1.0))


def test_a_crossing_is_dated_from_the_end_of_the_newest_bar() -> None:
    cpu = outlook_state(OUTLOOK, 10, MATRIX).signals[0]
    assert cpu.critical is not None
    assert cpu.critical.within == pytest.approx((0.15, 0.3, 0.6))
    assert cpu.critical.expected_at == BEGINS_AT + timedelta(minutes=30)
    assert cpu.critical.earliest_at == BEGINS_AT + timedelta(minutes=15)


def test_a_limit_that_is_reached_already_is_told_as_that() -> None:
    eight, ten = (outlook_state(OUTLOOK, nodes, MATRIX).signals[0].critical for nodes in (8, 10))
    assert eight is not None
    assert ten is not None
    assert (eight.reached, ten.reached) == (True, False)


def test_more_nodes_or_another_limit_make_another_picture_of_the_same_forecast() -> None:
    pictures = OutlookPictures()
    first = pictures.of(OUTLOOK, 10, MATRIX)
    assert first is not None
    assert pictures.of(OUTLOOK, 10, MATRIX) is first
    twelve = pictures.of(OUTLOOK, 12, MATRIX)
    assert twelve is not None
    assert twelve.soonest is None
    assert first.soonest is not None
    lower = pictures.of(OUTLOOK, 10, replace(MATRIX, cpu_critical=0.8))
    assert lower is not None
    assert lower.soonest is not None
    assert lower.soonest[0] < first.soonest[0]


@pytest.mark.parametrize("nodes", [None, 0, "ten"])
def test_without_a_node_count_there_is_no_picture(nodes: object) -> None:
    assert OutlookPictures().of(OUTLOOK, nodes, MATRIX) is None


def test_a_signal_without_enough_history_says_so_and_has_no_numbers() -> None:
    memory = outlook_state(OUTLOOK, 10, MATRIX).signals[1]
    assert memory.why == "not enough history: 40 m of 2 h"
    assert (memory.expected, memory.critical, memory.warning) == ((), None, None)


def test_a_forecast_that_was_wrong_lately_says_so() -> None:
    cpu = outlook_state(OUTLOOK, 10, MATRIX).signals[0]
    assert cpu.doubt == "has been wrong lately: 1.4 × the error of assuming no change, over 96 forecasts"
    assert cpu.alert


def test_limits_of_load_grow_with_the_nodes() -> None:
    assert critical_load(SignalName.CPU, MATRIX, 10) == pytest.approx(9.0)
    assert warning_load(SignalName.MEMORY, MATRIX, 10) == pytest.approx(8.0)
    assert critical_load(SignalName.SESSIONS, MATRIX, 10) == pytest.approx(12.0)
    assert warning_load(SignalName.SESSIONS, MATRIX, 10) is None
