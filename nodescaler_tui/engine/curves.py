"""Curves: bins laid out over the columns of a plot, cut where data is missing. Pure.

Columns stand still in time: the right edge moves by whole columns only, so that from one poll to the next nothing but
the newest column of a plot changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nodescaler_tui.engine.history import SPANS_S, Bin, GroupHistory

SHORT_SPANS_S = (60, 120)


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis of a plot: its right edge in Unix time, how many seconds it spans, and how many lie ahead."""

    right_s: float
    span_s: float
    columns: int
    ahead_s: float = 0.0

    @property
    def column_s(self) -> float:
        """How many seconds one column stands for."""
        return self.span_s / self.columns

    @property
    def left_s(self) -> float:
        """The time at the left edge."""
        return self.right_s - self.span_s

    def column(self, at_s: float) -> int:
        """The column that holds this moment; outside the plot it is negative, or too high."""
        return math.floor((at_s - self.left_s) / self.column_s)


def shown_span_s(history: GroupHistory, now_s: float, span_s: float) -> float:
    """The shortest usual span that holds all data, so that the first minutes are no speck; at most `span_s`."""
    held_s = 0.0 if history.began_s is None else now_s - history.began_s
    usual = next((span for span in (*SHORT_SPANS_S, *SPANS_S) if span >= held_s), span_s)
    return float(min(usual, span_s))


def axis_for(now_s: float, shown_s: float, ahead_s: float, columns: int) -> Axis:
    """So much of the past, and so much of what is ahead; the column of this moment is drawn already."""
    columns = max(columns, 1)
    column_s = (shown_s + ahead_s) / columns
    ahead = round(ahead_s / column_s)
    return Axis((math.floor(now_s / column_s) + 1 + ahead) * column_s, shown_s + ahead_s, columns, ahead_s)


def pieces(bins: Iterable[Bin], axis: Axis, longest_gap_s: float) -> list[list[Bin]]:
    """The bins merged into columns. Two that are further apart than the gap, or have an unknown between, are cut."""
    cut: list[list[Bin]] = []
    current: list[Bin] = []
    last_s: float | None = None
    for entry in bins:
        if entry.low is None or (last_s is not None and entry.at_s - last_s > longest_gap_s):
            cut.append(current)
            current = []
        if entry.low is not None:
            _merge(current, entry, axis)
            last_s = entry.at_s
    cut.append(current)
    return [piece for piece in cut if piece]


def _merge(piece: list[Bin], entry: Bin, axis: Axis) -> None:
    column = axis.column(entry.at_s)
    if not 0 <= column < axis.columns:
        return
    middle_s = axis.left_s + (column + 0.5) * axis.column_s
    if piece and piece[-1].at_s == middle_s:
        before = piece[-1]
        piece[-1] = Bin(middle_s, min(before.low or 0.0, entry.low or 0.0), max(before.high or 0.0, entry.high or 0.0))
    else:
        piece.append(Bin(middle_s, entry.low, entry.high))


def readings(found: Iterable[list[Bin]], axis: Axis, columns: int) -> tuple[float | None, ...]:
    """The highest value in each of so many equal stretches, None where nothing was measured."""
    values: list[float | None] = [None] * columns
    for piece in found:
        for entry in piece:
            index = min(int((entry.at_s - axis.left_s) / axis.span_s * columns), columns - 1)
            if entry.high is not None and index >= 0:
                values[index] = max(values[index] or entry.high, entry.high)
    return tuple(values)
