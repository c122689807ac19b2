"""Plots that look ahead: limits that are expected are marked, a doubted forecast is dim, a silent one is not drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, SignalForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.history import GroupHistory
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.plots import Moment, draw
from nodescaler_tui.views import Ink, Plot, PlotSize

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
NODES = 10
HOUR = tuple(6.0 + 0.6 * step for step in range(1, 13))
RISING = SignalForecast(
    SignalName.CPU,
    6.0,
    HOUR,
    HOUR,
    HOUR,
    Climbs.of([((load - 0.1, load + 0.1), (1.0, 0.0)) for load in HOUR]),
    SimilarHours.of(()),
    90_000.0,
)
MOMENT = Moment(
    NOW, 6 * 3600.0, 600.0, outlook=GroupOutlook(NOW, GroupForecast("g", ((SignalName.CPU, RISING),))), nodes=NODES
)


def drawn(moment: Moment) -> Plot:
    history = GroupHistory()
    for second in range(6 * 3600, -1, -300):
        history.add(NOW.timestamp() - second, (0.6, 0.6, None, None, None))
    return draw(PlotSize(SignalName.CPU, 120, 16), history, ThresholdMatrix(), moment)


def inks(plot: Plot) -> set[Ink]:
    return {run.ink for row in plot.rows for run in row}


def test_where_each_limit_is_expected_to_be_reached_there_is_a_mark_of_its_own() -> None:
    warning, critical = drawn(MOMENT).marks
    assert (warning.symbol, warning.words) == ("⋄", "warning is expected here")
    assert (critical.symbol, critical.words) == ("◇", "critical is expected here")
    assert NOW < warning.at < critical.at


def test_a_doubted_forecast_is_drawn_dim_and_one_that_is_believed_is_not() -> None:
    believed, doubted = drawn(MOMENT), drawn(replace(MOMENT, doubted=frozenset({SignalName.CPU})))
    assert Ink.EXPECTED in inks(believed)
    assert Ink.DOUBTED not in inks(believed)
    assert Ink.DOUBTED in inks(doubted)
    assert Ink.EXPECTED not in inks(doubted)


def test_of_a_signal_that_is_unknown_now_nothing_is_drawn_ahead() -> None:
    silent = drawn(replace(MOMENT, silent=frozenset({SignalName.CPU})))
    assert not inks(silent) & {Ink.EXPECTED, Ink.DOUBTED, Ink.BAND, Ink.NOW}
    assert silent.marks == ()
