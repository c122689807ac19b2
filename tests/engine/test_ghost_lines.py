"""Ghost lines: each similar hour is drawn ahead of now and only there; where none can be drawn, the plot says why."""

from __future__ import annotations

from datetime import UTC, datetime

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, SignalForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.curves import Axis, axis_for
from nodescaler_tui.engine.fan import Ahead, ahead_s
from nodescaler_tui.engine.ghost_lines import ghost_lines
from nodescaler_tui.engine.history import GroupHistory
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.plots import Moment, draw
from nodescaler_tui.views import Ink, Plot, PlotSize

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
COLUMNS, NODES = 60, 4
ALIKE = SimilarHours.of([(3600 * ago, tuple(2.0 + 0.1 * ago * step for step in range(1, 13))) for ago in (1, 2, 3)])


def load(evidence: SimilarHours = ALIKE) -> SignalForecast:
    flat = (2.0,) * 12
    return SignalForecast(SignalName.CPU, 2.0, flat, flat, flat, Climbs.to_any_value((0.0,) * 12), evidence, 90_000.0)


def ahead(evidence: SimilarHours = ALIKE) -> Ahead:
    return Ahead(load(evidence).divided(NODES), NOW)


def axis(shown_s: float = 3600.0) -> Axis:
    return axis_for(NOW.timestamp(), shown_s, ahead_s(shown_s, COLUMNS), 2 * COLUMNS)


def plot(*, asked: bool, span_s: float = 3600.0) -> Plot:
    history = GroupHistory()
    for second in range(3600, -1, -30):
        history.add(NOW.timestamp() - second, (0.5, 0.5, None, None, None))
    outlook = GroupOutlook(NOW, GroupForecast("g", ((SignalName.CPU, load()),)))
    moment = Moment(NOW, span_s, 60.0, (), outlook, NODES, asked)
    return draw(PlotSize(SignalName.CPU, COLUMNS, 16), history, ThresholdMatrix(), moment)


def ghosts(found: Plot) -> int:
    return sum(len(run.text) for row in found.rows for run in row if run.ink is Ink.SIMILAR)


def test_each_hour_is_a_line_of_load_per_node_that_begins_where_the_load_is_now() -> None:
    found = ghost_lines(ahead(), axis(), COLUMNS, NOW.timestamp())
    ends = [curve[-1].high or 0.0 for curve in found.curves]
    assert ends == sorted(ends)
    assert len(found.curves) == 3
    assert all(entry.at_s >= NOW.timestamp() for curve in found.curves for entry in curve)
    assert all(0.5 <= (curve[0].high or 0.0) < 0.56 for curve in found.curves)
    assert found.words == "3 similar hours"


def test_they_are_drawn_only_when_they_were_asked_for() -> None:
    without, asked = plot(asked=False), plot(asked=True)
    assert (ghosts(without), without.similar) == (0, "")
    assert ghosts(asked) > 10
    assert asked.similar == "3 similar hours"


def test_an_hour_that_rose_above_the_plot_leaves_it_and_does_not_run_along_its_top() -> None:
    steep = SimilarHours.of([(3600, tuple(2.0 + step for step in range(1, 13)))])
    outlook = GroupOutlook(NOW, GroupForecast("g", ((SignalName.CPU, load(steep)),)))
    history = GroupHistory()
    history.add(NOW.timestamp() - 60, (0.5, 0.5, None, None, None))
    moment = Moment(NOW, 3600.0, 60.0, (), outlook, NODES, similar_hours=True)
    drawn = draw(PlotSize(SignalName.CPU, COLUMNS, 16), history, ThresholdMatrix(), moment)
    top = drawn.rows[0]
    assert sum(len(run.text) for run in top if run.ink is Ink.SIMILAR) <= 3


def test_where_nothing_can_be_drawn_the_plot_says_why() -> None:
    now_s = NOW.timestamp()
    assert ghost_lines(None, axis(), COLUMNS, now_s).words == "no similar hours without a forecast"
    assert ghost_lines(ahead(SimilarHours.of(())), axis(), COLUMNS, now_s).words == "no similar hour is known yet"
    week = ghost_lines(ahead(), axis(7 * 86_400.0), COLUMNS, now_s)
    assert (week.curves, week.words) == ([], "similar hours: only where a plot looks ahead")
