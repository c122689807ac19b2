"""Plots: plotext draws them here, in the engine, and the terminal gets finished rows of inked characters.

plotext keeps one global figure, so drawing takes a lock; it costs about 2 ms for a plot of 60 by 12 cells.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.curves import Axis, axis_for, pieces, readings
from nodescaler_tui.engine.history import MEAN_OF, WORST_OF, Bin, GroupHistory, History
from nodescaler_tui.engine.marks import Mark
from nodescaler_tui.engine.plot_rows import COLOUR_OF_INK, LEFT, labelled, marked, rows_of
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
    """As of when a plot is drawn, how far it reaches back, what makes a gap, and what was done meanwhile."""

    now: datetime
    span_s: float
    longest_gap_s: float
    marks: Sequence[Mark] = field(default=())


def draw_all(
    sizes: Sequence[PlotSize], history: History, group_id: str, matrix: ThresholdMatrix, moment: Moment
) -> tuple[Plot, ...]:
    """The plots of one group for these canvases."""
    return tuple(draw(size, history.of(group_id), matrix, moment) for size in sizes)


def draw(size: PlotSize, history: GroupHistory, matrix: ThresholdMatrix, moment: Moment) -> Plot:
    """One plot of the mean and the worst node, with its limits, their words and values, and what was done."""
    width = max(size.width - LEFT, 1)
    axis = axis_for(history, moment.now.timestamp(), moment.span_s, columns=width * 2)
    mean = _curve(history, size.signal, axis, moment, worst=False)
    worst = _curve(history, size.signal, axis, moment, worst=True)
    lines = _lines(size.signal, matrix, mean)
    with _LOCK:
        text = _build(size, lines, [(Ink.WORST, worst), (Ink.MEAN, mean)], axis)
    marks = _marks(moment.marks, axis, width)
    rows = labelled(rows_of(text), {"critical": lines.critical, "warning": lines.warning})
    return Plot(
        signal=size.signal,
        width=size.width,
        height=size.height,
        rows=marked(rows, marks),
        left=LEFT,
        starts_at=datetime.fromtimestamp(axis.left_s, UTC),
        column_s=axis.span_s / width,
        means=readings(mean, axis, width),
        worsts=readings(worst, axis, width),
        marks=marks,
    )


def _curve(history: GroupHistory, signal: SignalName, axis: Axis, moment: Moment, *, worst: bool) -> list[list[Bin]]:
    series = (WORST_OF if worst else MEAN_OF).get(signal)
    if series is None:
        return []
    tier = history.tier_for(axis.span_s)
    gap_s = max(moment.longest_gap_s, 1.5 * tier.bin_s)
    return pieces(tier.bins(series, axis.left_s), axis, gap_s)


def _lines(signal: SignalName, matrix: ThresholdMatrix, mean: list[list[Bin]]) -> Lines:
    if signal is SignalName.CPU:
        return Lines(matrix.cpu_warning * 100, matrix.cpu_critical * 100, 100)
    if signal is SignalName.MEMORY:
        return Lines(matrix.memory_warning * 100, matrix.memory_critical * 100, 100)
    limit = float(matrix.sessions_limit_per_node)
    highest = max((entry.high or 0.0 for piece in mean for entry in piece), default=0.0)
    return Lines(None, limit, max(limit, highest) * 1.25)


def _build(size: PlotSize, lines: Lines, curves: list[tuple[Ink, list[list[Bin]]]], axis: Axis) -> str:
    import plotext  # noqa: PLC0415 - only an engine that somebody looks at draws

    span_s, scale = axis.span_s, 1 if size.signal is SignalName.SESSIONS else 100
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(size.width, size.height)
    plotext.xlim(-span_s, 0)
    plotext.ylim(0, lines.top)
    plotext.frame(False)  # noqa: FBT003 - plotext's own signature
    plotext.xaxes(True, False)  # noqa: FBT003
    plotext.yaxes(True, False)  # noqa: FBT003
    for value, ink, marker in ((lines.warning, Ink.WARNING, "·"), (lines.critical, Ink.CRITICAL, "-")):
        if value is not None:
            plotext.plot([-span_s, 0], [value, value], marker=marker, color=COLOUR_OF_INK[ink])
    for ink, curve in curves:
        for piece in curve:
            xs = [entry.at_s - axis.right_s for entry in piece for _ in (0, 1)]
            ys = [(value or 0.0) * scale for entry in piece for value in (entry.low, entry.high)]
            plotext.plot(xs, ys, marker="braille", color=COLOUR_OF_INK[ink])
    ticks = sorted({0.0, lines.critical, *([] if lines.warning is None else [lines.warning])})
    plotext.yticks(ticks, [f"{tick:>4.3g}" for tick in ticks])
    plotext.xticks([-span_s, -span_s / 2, 0], [f"-{span_words(span_s)}", f"-{span_words(span_s / 2)}", "now"])
    return str(plotext.build())


def _marks(marks: Sequence[Mark], axis: Axis, width: int) -> tuple[PlotMark, ...]:
    placed = ((mark, int((mark.at.timestamp() - axis.left_s) / axis.span_s * width)) for mark in marks)
    return tuple(PlotMark(column, mark.at, mark.symbol, mark.words) for mark, column in placed if 0 <= column < width)


def span_words(seconds: float) -> str:
    """A span of time, short: 90 s, 15 m, 6 h, 7 d."""
    if seconds < 120:
        return f"{seconds:g} s"
    if seconds < 3 * 3600:
        return f"{seconds / 60:g} m"
    return f"{seconds / 3600:g} h" if seconds < 2 * 86400 else f"{seconds / 86400:g} d"
