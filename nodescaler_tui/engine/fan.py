"""The fan: a forecast laid out over the columns of a plot that lie in the future, best guess and 90 % band. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.decide.forecast.outlook import STEP_S, SignalForecast
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.curves import Axis
from nodescaler_tui.engine.history import Bin
from nodescaler_tui.engine.marks import EXPECTED_SYMBOLS, Mark
from nodescaler_tui.engine.outlook_book import GroupOutlook

FURTHEST_S: Final = 3600.0
LEAST_SHOWN_S: Final = 900.0
LEAST_COLUMNS: Final = 3

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Fan:
    """For each column of a plot what is expected there and between what, per node; None for what is not ahead."""

    expected: Values = field(default=())
    lowest: Values = field(default=())
    highest: Values = field(default=())

    def times(self, factor: float) -> Fan:
        """The same on another scale."""

        def scaled(values: Values) -> Values:
            return tuple(None if value is None else value * factor for value in values)

        return Fan(scaled(self.expected), scaled(self.lowest), scaled(self.highest))


def ahead_s(shown_s: float, columns: int) -> float:
    """How far a plot that shows so much of the past looks ahead: half of that, an hour at most, in whole columns.

    Nothing where that would be a few columns only, or the past is a few minutes.
    """
    wanted_s = min(shown_s / 2, FURTHEST_S)
    columns_ahead = int(columns * wanted_s / (shown_s + wanted_s))
    return wanted_s if shown_s >= LEAST_SHOWN_S and columns_ahead >= LEAST_COLUMNS else 0.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """One signal's forecast for each node that is in service, from a moment on."""

    forecast: SignalForecast
    begins_at: datetime

    def in_columns(self, steps: Sequence[float], axis: Axis, columns: int, now_s: float) -> Values:
        """What comes step by step, in the middle of each column that lies ahead of now, from where it stands now."""
        at, begins_s, column_s = (
            _between([self.forecast.now, *steps]),
            self.begins_at.timestamp(),
            axis.span_s / columns,
        )
        middles = (axis.left_s + (column + 0.5) * column_s for column in range(columns))
        return tuple(None if middle < now_s else at((middle - begins_s) / STEP_S) for middle in middles)

    def crossing_mark(self, level: Level, limit: float) -> Mark | None:
        """Where it is expected to reach the limit of this level; None where it has already, or is not expected to."""
        expected_s = None if self.forecast.now >= limit else self.forecast.crossing(limit).expected_s
        if expected_s is None:
            return None
        at = self.begins_at + timedelta(seconds=expected_s)
        return Mark(at, "", EXPECTED_SYMBOLS[level], display_text(f"{level.value.lower()} is expected here"))


def ahead_of(outlook: GroupOutlook | None, signal: SignalName, nodes: int | None) -> Ahead | None:
    """The forecast of one signal shared by so many nodes; None where there is none."""
    found = None if outlook is None or not nodes else outlook.forecast.utilization(signal, nodes)
    return Ahead(found, outlook.begins_at) if outlook is not None and isinstance(found, SignalForecast) else None


def fan_of(ahead: Ahead | None, axis: Axis, columns: int, now_s: float) -> Fan:
    """The forecast in the middle of each column that lies ahead; nothing on a plot that looks no columns ahead."""
    if ahead is None or not axis.ahead_s:
        return Fan()
    expected, lowest, highest = (
        ahead.in_columns(values, axis, columns, now_s)
        for values in (ahead.forecast.point, ahead.forecast.lower, ahead.forecast.upper)
    )
    return Fan(expected, lowest, highest)


def _between(values: Sequence[float]) -> Callable[[float], float | None]:
    """Values by their step, from 0, with straight lines between; nothing beyond the last."""

    def at(step: float) -> float | None:
        if step > len(values) - 1:
            return None
        before = int(max(step, 0.0))
        after = min(before + 1, len(values) - 1)
        return values[before] + (values[after] - values[before]) * (max(step, 0.0) - before)

    return at


def guess(fan: Fan, axis: Axis, columns: int) -> list[list[Bin]]:
    """The best guess as a curve."""
    return curves_of([fan.expected], axis, columns)


def curves_of(lines: Sequence[Values], axis: Axis, columns: int) -> list[list[Bin]]:
    """Values in the middle of each column as curves; a line that has none is no curve."""
    column_s = axis.span_s / columns
    curves = (
        [
            Bin(axis.left_s + (column + 0.5) * column_s, value, value)
            for column, value in enumerate(line)
            if value is not None
        ]
        for line in lines
    )
    return [curve for curve in curves if curve]
