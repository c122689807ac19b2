"""Plots: plotext draws them here, in the engine, and the terminal gets finished rows of inked characters.

plotext keeps one global figure, so drawing takes a lock; it costs about 3 ms for a plot of 60 by 12 cells.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.history import Bin, Point, segments
from nodescaler_tui.views import Ink, Plot, PlotRun, PlotSize

_COLOUR_OF_INK: Final = {Ink.CRITICAL: 1, Ink.WARNING: 3, Ink.WORST: 5, Ink.MEAN: 2}
_INK_OF_COLOUR: Final = {str(colour): ink for ink, colour in _COLOUR_OF_INK.items()}
_ESCAPE: Final = re.compile(r"\x1b\[(?:0|38;5;(\d+))m")
_SPANS_S: Final = (60, 120, 300, 600, 900, 1800, 3600, 3 * 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Lines:
    """The limits drawn across a plot, on its own scale; None where the signal has none."""

    warning: float | None
    critical: float
    top: float


def draw(size: PlotSize, points: Sequence[Point], matrix: ThresholdMatrix, *, now: datetime, span_s: int) -> Plot:
    """One plot of the mean and the worst node over the last `span_s` seconds, with its limits and their values."""
    shown_s = _shown_span(points, now, span_s)
    recent = [point for point in points if (now - point.at).total_seconds() <= shown_s]
    lines = _lines(size.signal, matrix, recent)
    columns = max(size.width - 6, 1) * 2
    series = [
        (ink, segments(_samples(recent, now, size.signal, ink), columns=columns, span_s=shown_s, longest_gap_s=gap_s))
        for ink in (Ink.WORST, Ink.MEAN)
        for gap_s in (_longest_gap(recent),)
    ]
    with _LOCK:
        text = _build(size, lines, series, shown_s)
    return Plot(size.signal, size.width, size.height, tuple(_row(line) for line in text.rstrip("\n").split("\n")))


def _shown_span(points: Sequence[Point], now: datetime, span_s: int) -> int:
    """The shortest usual span that holds all data, so that the first minutes are not a speck; at most `span_s`."""
    held_s = (now - points[0].at).total_seconds() if points else 0
    return min(next((span for span in _SPANS_S if span >= held_s), span_s), span_s)


def _longest_gap(points: Sequence[Point]) -> float:
    """Three usual poll intervals: what lies further apart is a gap in the data."""
    steps = sorted((later.at - earlier.at).total_seconds() for earlier, later in pairwise(points))
    return max(3 * steps[len(steps) // 2], 5.0) if steps else 30.0


def _samples(points: Sequence[Point], now: datetime, signal: SignalName, ink: Ink) -> list[tuple[float, float | None]]:
    scale = 1 if signal is SignalName.SESSIONS else 100
    values = [(point.at, point.worst(signal) if ink is Ink.WORST else point.mean(signal)) for point in points]
    return [((now - at).total_seconds(), None if value is None else value * scale) for at, value in values]


def _lines(signal: SignalName, matrix: ThresholdMatrix, points: Sequence[Point]) -> Lines:
    if signal is SignalName.CPU:
        return Lines(matrix.cpu_warning * 100, matrix.cpu_critical * 100, 100)
    if signal is SignalName.MEMORY:
        return Lines(matrix.memory_warning * 100, matrix.memory_critical * 100, 100)
    limit = float(matrix.sessions_limit_per_node)
    highest = max((point.sessions_per_node or 0 for point in points), default=0)
    return Lines(None, limit, max(limit, highest) * 1.25)


def _build(size: PlotSize, lines: Lines, series: list[tuple[Ink, list[list[Bin]]]], span_s: float) -> str:
    import plotext  # noqa: PLC0415 - only an engine that somebody looks at draws

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
            plotext.plot([-span_s, 0], [value, value], marker=marker, color=_COLOUR_OF_INK[ink])
    for ink, pieces in series:
        for piece in pieces:
            xs = [-entry.before_now_s for entry in piece for _ in (0, 1)]
            ys = [value for entry in piece for value in (entry.low, entry.high)]
            plotext.plot(xs, ys, marker="braille", color=_COLOUR_OF_INK[ink])
    ticks = sorted({0.0, lines.critical, *([] if lines.warning is None else [lines.warning])})
    plotext.yticks(ticks, [f"{tick:>4g}" for tick in ticks])
    plotext.xticks([-span_s, -span_s / 2, 0], [f"-{_span(span_s)}", f"-{_span(span_s / 2)}", "now"])
    return str(plotext.build())


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:g} s"
    if seconds < 3 * 3600:
        return f"{seconds / 60:g} m"
    return f"{seconds / 3600:g} h" if seconds < 2 * 86400 else f"{seconds / 86400:g} d"


def _row(line: str) -> tuple[PlotRun, ...]:
    """Split a drawn line at its colour changes; what has no colour is axis or blank."""
    runs: list[PlotRun] = []
    position, ink = 0, Ink.AXIS
    for escape in (*_ESCAPE.finditer(line), None):
        piece = line[position : escape.start() if escape else len(line)]
        if piece:
            runs.append(PlotRun(piece, Ink.BLANK if piece.isspace() else ink))
        if escape is not None:
            position = escape.end()
            ink = _INK_OF_COLOUR.get(escape.group(1) or "", Ink.AXIS)
    return tuple(runs)
