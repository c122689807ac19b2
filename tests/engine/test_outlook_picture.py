"""The outlook as it is shown: under the limits and with the nodes that hold now, and made once for each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Assessment, Rules, assess
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.outlook_measured import NOT_KNOWN_NOW
from nodescaler_tui.engine.outlook_picture import OutlookPictures, critical_load, outlook_state, warning_load
from nodescaler_tui.facts import GroupKind, GroupReading, Reading
from nodescaler_tui.outlook_state import CrossingState, SignalOutlook

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
READ_AT = datetime(2026, 3, 1, 3, 6, tzinfo=UTC)


def assessed(nodes: int | None, matrix: ThresholdMatrix = MATRIX, *, cpu: float | None = 0.72) -> Assessment:
    """A group whose CPU was read a moment after the forecast's hour began."""
    known = Reading(0.3, "edge", READ_AT)
    reading = GroupReading(
        id="g",
        name="g",
        site="",
        kind=GroupKind.EDGE,
        managed=False,
        current_nodes=Reading(nodes, "edge", READ_AT),
        cpu=Reading(cpu, "edge", READ_AT),
        memory=known,
        sessions=Reading(3, "edge", READ_AT),
        cpu_worst=None,
        memory_worst=None,
        fresh_nodes=nodes or 0,
        nodes=(),
    )
    return assess(reading, matrix, Ledger(), Rules(90.0, 300.0), READ_AT)


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
    first = pictures.of(OUTLOOK, assessed(10), READ_AT)
    assert first is not None
    assert pictures.of(OUTLOOK, assessed(10), READ_AT) == first
    twelve = pictures.of(OUTLOOK, assessed(12, cpu=0.6), READ_AT)
    assert twelve is not None
    assert twelve.soonest is None
    assert first.soonest is not None
    lower = pictures.of(OUTLOOK, assessed(10, replace(MATRIX, cpu_critical=0.8)), READ_AT)
    assert lower is not None
    assert lower.soonest is not None
    assert lower.soonest[0] < first.soonest[0]


@pytest.mark.parametrize("nodes", [None, 0])
def test_without_a_node_count_there_is_no_picture(nodes: int | None) -> None:
    assert OutlookPictures().of(OUTLOOK, assessed(nodes), READ_AT) is None


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


def held(cpu: float | None, *, nodes: int = 10, matrix: ThresholdMatrix = MATRIX) -> SignalOutlook:
    """What is said of CPU once this was measured."""
    shown = OutlookPictures().of(OUTLOOK, assessed(nodes, matrix, cpu=cpu), READ_AT)
    assert shown is not None
    return shown.signals[0]


def test_nothing_is_said_of_a_signal_that_is_unknown_now() -> None:
    cpu = held(None)
    assert (cpu.why, cpu.critical, cpu.expected, cpu.alert) == (NOT_KNOWN_NOW, None, (), False)


def test_a_limit_that_is_reached_now_is_certain_and_has_no_time_whatever_was_forecast() -> None:
    cpu = held(0.93)
    assert cpu.critical == CrossingState(0.9, (1.0, 1.0, 1.0), None, None, None, None, reached=True)
    assert cpu.warning is not None
    assert cpu.warning.reached
    assert cpu.why == "CPU is at or above 90 % already"


def test_a_limit_that_was_reached_and_is_not_any_more_is_not_told_as_reached() -> None:
    forecast, now = outlook_state(OUTLOOK, 8, MATRIX).signals[0].critical, held(0.85, nodes=8).critical
    assert forecast is not None
    assert now is not None
    assert (forecast.reached, now.reached) == (True, False)


@pytest.mark.parametrize("cpu", [0.6, 0.72, 0.9])
def test_what_lies_within_the_band_is_no_surprise(cpu: float) -> None:
    assert not held(cpu).doubt.startswith("did not see")


@pytest.mark.parametrize("cpu", [0.02, 1.0])
def test_what_has_left_the_band_by_more_than_its_width_is_doubted_and_announces_nothing(cpu: float) -> None:
    narrow = replace(LOAD, lower=(7.1,) * 12, upper=(7.5,) * 12)
    made = replace(OUTLOOK, forecast=GroupForecast("g", ((SignalName.CPU, narrow),)))
    shown = OutlookPictures().of(made, assessed(10, cpu=cpu), READ_AT)
    assert shown is not None
    found = shown.signals[0]
    assert found.doubt == f"did not see this coming: {cpu * 100:.0f} % where it expected 71 % to 75 %"
    assert not found.alert
