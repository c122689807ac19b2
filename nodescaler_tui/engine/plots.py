"""Plots: plotext draws them here, in the engine, and the terminal gets finished rows of inked characters.

plotext keeps one global figure, so drawing takes a lock; it costs about 2 ms for a plot of 60 by 12 cells.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.curves import Axis, axis_for, pieces, readings, shown_span_s
from nodescaler_tui.engine.fan import Ahead, Fan, ahead_of, ahead_s, fan_of, guess
from nodescaler_tui.engine.ghost_lines import GhostLines, ghost_lines
from nodescaler_tui.engine.history import MEAN_OF, WORST_OF, Bin, GroupHistory, History, Series, Tier
from nodescaler_tui.engine.marks import Mark
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.plot_rows import COLOUR_OF_INK, LEFT, finished, limited, rows_of, scaled, shaded, time_axis
from nodescaler_tui.engine.time_words import TimeWord, time_words
from nodescaler_tui.views import Ink, Plot, PlotMark, PlotSize

_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Lines:
    """The limits drawn across a plot, on its own scale; None where the signal has none."""

    warning: float | None
    critical: float
    top: float


@dataclass(frozen=True, slots=True)
class Moment:
    """As of when a plot is drawn, how far it reaches back, what makes a gap, what was done, and what may come.

    `nodes` share the load that `outlook` forecasts; of `silent` signals nothing is foreseen now, and what is said of
    `doubted` ones is drawn as that. `similar_hours` is whether the evidence is drawn too.
    """

    now: datetime
    span_s: float
    longest_gap_s: float
    marks: Sequence[Mark] = field(default=())
    outlook: GroupOutlook | None = None
    nodes: int | None = None
    similar_hours: bool = False
    silent: frozenset[SignalName] = frozenset()
    doubted: frozenset[SignalName] = frozenset()


def draw_all(
    sizes: Sequence[PlotSize], history: History, group_id: str, matrix: ThresholdMatrix, moment: Moment
) -> tuple[Plot, ...]:
    """The plots of one group for these canvases."""
    return tuple(draw(size, history.of(group_id), matrix, moment) for size in sizes)


def draw(size: PlotSize, history: GroupHistory, matrix: ThresholdMatrix, moment: Moment) -> Plot:
    """One plot of the mean and the worst node, with its limits, their words and values, and what was done.

    Where there is a forecast, what is ahead of now stands right of it.
    """
    width, height = max(size.width - LEFT, 1), max(size.height - 1, 1)
    outlook, now_s = None if size.signal in moment.silent else moment.outlook, moment.now.timestamp()
    ahead = ahead_of(outlook, size.signal, moment.nodes)
    shown_s = shown_span_s(history, now_s, moment.span_s)
    axis = axis_for(now_s, shown_s, 0.0 if ahead is None else ahead_s(shown_s, width), columns=width * 2)
    tier, gap_s = history.tier_for(shown_s), moment.longest_gap_s
    mean = _curve(tier, MEAN_OF.get(size.signal), axis, gap_s)
    worst = _curve(tier, WORST_OF.get(size.signal), axis, gap_s)
    fan = fan_of(ahead, axis, width, now_s)
    lines = _lines(size.signal, matrix, mean, fan)
    ghosts = ghost_lines(ahead, axis, width, now_s) if moment.similar_hours else GhostLines()
    curves = [
        (Ink.SIMILAR, ghosts.curves),
        (Ink.DOUBTED if size.signal in moment.doubted else Ink.EXPECTED, guess(fan, axis, width)),
        (Ink.WORST, worst),
        (Ink.MEAN, mean),
    ]
    with _LOCK:
        text = _build(width, height, lines.top, _scaled_to(size.signal, curves), axis)
    factor = 1 if size.signal is SignalName.SESSIONS else 100
    marks = _marks([*moment.marks, *_expected(ahead, lines, factor)], axis, width)
    rows = limited(rows_of(text), {Ink.CRITICAL: lines.critical, Ink.WARNING: lines.warning}, lines.top)
    rows = shaded(rows, fan.times(factor), lines.top)
    scale = scaled(rows, [lines.critical, *([] if lines.warning is None else [lines.warning]), 0.0], lines.top)
    return Plot(
        signal=size.signal,
        width=size.width,
        height=size.height,
        rows=finished([*scale, time_axis(width, _time_words(axis), marks)]),
        left=LEFT,
        starts_at=datetime.fromtimestamp(axis.left_s, UTC),
        column_s=axis.span_s / width,
        means=readings(mean, axis, width),
        worsts=readings(worst, axis, width),
        expected=fan.expected,
        lowest=fan.lowest,
        highest=fan.highest,
        marks=marks,
        similar=ghosts.words,
    )


def _expected(ahead: Ahead | None, lines: Lines, factor: int) -> list[Mark]:
    """Where limits are expected to be reached; of two in one column critical is the one that is seen."""
    limits = ((Level.WARNING, lines.warning), (Level.CRITICAL, lines.critical))
    marks = (
        ahead.crossing_mark(level, limit / factor) for level, limit in limits if ahead is not None and limit is not None
    )
    return [mark for mark in marks if mark is not None]


def _curve(tier: Tier, series: Series | None, axis: Axis, longest_gap_s: float) -> list[list[Bin]]:
    """Nothing for a signal that has no such curve."""
    if series is None:
        return []
    return pieces(tier.bins(series, axis.left_s), axis, max(longest_gap_s, 1.5 * tier.bin_s))


def _lines(signal: SignalName, matrix: ThresholdMatrix, mean: list[list[Bin]], fan: Fan) -> Lines:
    if signal is SignalName.CPU:
        return Lines(matrix.cpu_warning * 100, matrix.cpu_critical * 100, 100)
    if signal is SignalName.MEMORY:
        return Lines(matrix.memory_warning * 100, matrix.memory_critical * 100, 100)
    limit = float(matrix.sessions_limit_per_node)
    measured = [entry.high or 0.0 for piece in mean for entry in piece]
    highest = max([*measured, *(value for value in fan.highest if value is not None)], default=0.0)
    return Lines(None, limit, max(limit, highest) * 1.25)


Curves = list[tuple[Ink, list[list[Bin]]]]


def _scaled_to(signal: SignalName, curves: Curves) -> Curves:
    """Fractions as percent, which is what the scale of a utilization is written in."""
    if signal is SignalName.SESSIONS:
        return curves
    return [(ink, [[_percent(entry) for entry in piece] for piece in curve]) for ink, curve in curves]


def _percent(entry: Bin) -> Bin:
    return Bin(entry.at_s, (entry.low or 0.0) * 100, (entry.high or 0.0) * 100)


def _build(width: int, height: int, top: float, curves: Curves, axis: Axis) -> str:
    """Nothing but the curves, over the whole canvas: limits, scale and time axis are put around them."""
    import plotext  # noqa: PLC0415 - only an engine that somebody looks at draws

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)  # noqa: FBT003 - else it never exceeds the terminal, which an engine has none of
    plotext.plotsize(width, height)
    plotext.xlim(-axis.span_s, 0)
    plotext.ylim(0, top)
    plotext.frame(False)  # noqa: FBT003 - plotext's own signature
    plotext.xaxes(False, False)  # noqa: FBT003
    plotext.yaxes(False, False)  # noqa: FBT003
    plotext.xticks([])
    plotext.yticks([])
    for ink, curve in curves:
        for piece in curve if ink is not Ink.SIMILAR else ():
            plotext.plot(*_points(piece, axis), marker="braille", color=COLOUR_OF_INK[ink])
        if ink is Ink.SIMILAR and curve:  # of curves that share a cell plotext shows the last, of points all
            points = _points([entry for piece in curve for entry in piece], axis)
            plotext.scatter(*points, marker="braille", color=COLOUR_OF_INK[ink])
    return str(plotext.build())


def _points(piece: Sequence[Bin], axis: Axis) -> tuple[list[float], list[float]]:
    xs = [entry.at_s - axis.right_s for entry in piece for _ in (0, 1)]
    return xs, [value or 0.0 for entry in piece for value in (entry.low, entry.high)]


def _time_words(axis: Axis) -> tuple[TimeWord, ...]:
    """Now is where the column of this moment ends, so that what is told of the past are round figures."""
    start, end, now = (
        datetime.fromtimestamp(at_s, UTC) for at_s in (axis.left_s, axis.right_s, axis.right_s - axis.ahead_s)
    )
    return time_words(start, end, now)


def _marks(marks: Sequence[Mark], axis: Axis, width: int) -> tuple[PlotMark, ...]:
    placed = ((mark, int((mark.at.timestamp() - axis.left_s) / axis.span_s * width)) for mark in marks)
    return tuple(PlotMark(column, mark.at, mark.symbol, mark.words) for mark, column in placed if 0 <= column < width)
