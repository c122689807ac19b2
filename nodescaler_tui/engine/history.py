"""History: what every group measured, kept in memory for plots and trends as bins of the lowest and highest value.

A group costs the same after a week as after an hour of polling: each span that can be shown has its own bins, and a
poll changes only the newest of them. A bin keeps both extremes, so a peak can never vanish; a gap is kept as a gap.
What an earlier engine stored is put before what this one measured; a plot may be drawn in another thread meanwhile.
"""

from __future__ import annotations

import math
import threading
from array import array
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import pairwise
from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.facts import GroupReading
from nodescaler_tui.record.history.figures import Figure, Figures, figures_of

SPANS_S: Final = (240, 900, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
BINS: Final = 240
SPARE_BINS: Final = 24
TREND_LENGTH: Final = 8
LEAST_GAP_S: Final = 5.0
POLLS_THAT_MAKE_A_GAP: Final = 3


class Series(IntEnum):
    """One curve of a group: the mean over its nodes, or the worst node."""

    CPU = 0
    CPU_WORST = 1
    MEMORY = 2
    MEMORY_WORST = 3
    SESSIONS_PER_NODE = 4


MEAN_OF: Final = {
    SignalName.CPU: Series.CPU,
    SignalName.MEMORY: Series.MEMORY,
    SignalName.SESSIONS: Series.SESSIONS_PER_NODE,
}
WORST_OF: Final = {SignalName.CPU: Series.CPU_WORST, SignalName.MEMORY: Series.MEMORY_WORST}

FIGURE_OF: Final = {
    Series.CPU: Figure.CPU,
    Series.CPU_WORST: Figure.CPU_WORST,
    Series.MEMORY: Figure.MEMORY,
    Series.MEMORY_WORST: Figure.MEMORY_WORST,
    Series.SESSIONS_PER_NODE: Figure.SESSIONS_PER_NODE,
}

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """The lowest and highest value within a stretch of time; both None where it was not known. `at_s` is Unix time."""

    at_s: float
    low: float | None
    high: float | None


Curves = Mapping[Series, Sequence[Bin]]
"""Stored curves of one group for one span, oldest first, their bins those of the span's tier."""


class Tier:
    """The bins of one span. Memory is bounded: what is older than the span is let go, some bins at a time."""

    def __init__(self, span_s: int) -> None:
        self.span_s = span_s
        self.bin_s = span_s / BINS
        self._indices = array("q")
        self._lows = [array("f") for _ in Series]
        self._highs = [array("f") for _ in Series]
        self._lock = threading.Lock()

    def add(self, at_s: float, values: Values) -> None:
        """Put the values of one poll where they belong; one that is unknown never covers one that is known."""
        index = int(at_s // self.bin_s)
        with self._lock:
            if not self._indices or index > self._indices[-1]:
                self._begin(index, values)
                return
            for low, high, value in zip(self._lows, self._highs, values, strict=True):
                if value is not None:
                    low[-1] = value if math.isnan(low[-1]) else min(low[-1], value)
                    high[-1] = value if math.isnan(high[-1]) else max(high[-1], value)

    def recall(self, curves: Curves) -> None:
        """Put stored bins before those that are here; the first of these is joined with its stored part."""
        found: dict[int, dict[Series, Bin]] = {}
        for series, bins in curves.items():
            for entry in bins:
                found.setdefault(int(entry.at_s // self.bin_s), {})[series] = entry
        with self._lock:
            first = self._indices[0] if self._indices else math.inf
            older = sorted(index for index in found if index < first)[-BINS:]
            self._indices[:0] = array("q", older)
            for series, low, high in zip(Series, self._lows, self._highs, strict=True):
                if first in found:
                    _widen(low, high, *_ends(found[int(first)].get(series)))
                ends = [_ends(found[index].get(series)) for index in older]
                low[:0] = array("f", [lowest for lowest, _ in ends])
                high[:0] = array("f", [highest for _, highest in ends])

    def _begin(self, index: int, values: Values) -> None:
        if len(self._indices) >= BINS + SPARE_BINS:
            del self._indices[:-BINS]
            for values_kept in (*self._lows, *self._highs):
                del values_kept[:-BINS]
        self._indices.append(index)
        for low, high, value in zip(self._lows, self._highs, values, strict=True):
            low.append(math.nan if value is None else value)
            high.append(math.nan if value is None else value)

    def bins(self, series: Series, since_s: float) -> Iterator[Bin]:
        """This curve since a moment, oldest first."""
        with self._lock:
            indices, lows, highs = self._indices[:], self._lows[series][:], self._highs[series][:]
        for index, low, high in zip(indices, lows, highs, strict=True):
            at_s = (index + 0.5) * self.bin_s
            if at_s >= since_s:
                known = not math.isnan(low)
                yield Bin(at_s, low if known else None, high if known else None)


def _ends(entry: Bin | None) -> tuple[float, float]:
    if entry is None or entry.low is None or entry.high is None:
        return math.nan, math.nan
    return entry.low, entry.high


def _widen(low: array[float], high: array[float], stored_low: float, stored_high: float) -> None:
    """Join the first bin with what was stored of it."""
    if not math.isnan(stored_low):
        low[0] = stored_low if math.isnan(low[0]) else min(low[0], stored_low)
        high[0] = stored_high if math.isnan(high[0]) else max(high[0], stored_high)


def _began(curves_of_span: Mapping[int, Curves]) -> float | None:
    """When stored curves begin: in the coarsest bins, and as exactly as finer ones that reach back so far can say."""
    began_s, within_s = None, math.inf
    for span_s in sorted(curves_of_span, reverse=True):
        first_s = min((bins[0].at_s for bins in curves_of_span[span_s].values() if bins), default=None)
        if first_s is None or (began_s is not None and abs(first_s - began_s) > within_s):
            return began_s
        began_s, within_s = first_s, span_s / BINS / 2
    return began_s


class GroupHistory:
    """One group's bins for every span, and its last values."""

    def __init__(self) -> None:
        self._tiers = tuple(Tier(span_s) for span_s in SPANS_S)
        self._last: deque[Values] = deque(maxlen=TREND_LENGTH)
        self.began_s: float | None = None

    def add(self, at_s: float, values: Values) -> None:
        """Take in one poll."""
        if self.began_s is None:
            self.began_s = at_s
        self._last.append(values)
        for tier in self._tiers:
            tier.add(at_s, values)

    def recall(self, curves_of_span: Mapping[int, Curves]) -> None:
        """Put what was stored before this engine began in front, by span."""
        for tier in self._tiers:
            tier.recall(curves_of_span.get(tier.span_s, {}))
        known = [at_s for at_s in (self.began_s, _began(curves_of_span)) if at_s is not None]
        self.began_s = min(known, default=None)

    def recall_trend(self, last: Sequence[Values]) -> None:
        """Put the values of the last polls before this engine began in front."""
        self._last = deque([*last, *self._last], maxlen=TREND_LENGTH)

    def tier_for(self, span_s: float) -> Tier:
        """The finest bins that reach back so far."""
        return next((tier for tier in self._tiers if tier.span_s >= span_s), self._tiers[-1])

    @property
    def polls_in_trend(self) -> int:
        """How many polls a trend is drawn from."""
        return len(self._last)

    def trend(self, signal: SignalName, matrix: ThresholdMatrix) -> tuple[float | None, ...]:
        """The means of the last polls, oldest first; sessions as a share of their limit."""
        series = MEAN_OF[signal]
        scale = 1.0 if signal is not SignalName.SESSIONS else float(matrix.sessions_limit_per_node)
        return tuple(None if values[series] is None else (values[series] or 0.0) / scale for values in self._last)


class History:
    """The history of every group that was ever read since this engine began; `began_s` is when it first was."""

    def __init__(self) -> None:
        self._groups: dict[str, GroupHistory] = {}
        self._polled_at: deque[float] = deque(maxlen=TREND_LENGTH)
        self.began_s: float | None = None

    def add(self, reading: GroupReading, at: datetime, staleness_limit_s: float) -> None:
        """Keep what this poll says; a value that is too old to be believed is a gap, not a flat line."""
        at_s = at.timestamp()
        if not self._polled_at or self._polled_at[-1] != at_s:
            self._polled_at.append(at_s)
        if self.began_s is None:
            self.began_s = at_s
        values = series_of(figures_of(reading, at, staleness_limit_s))
        self._groups.setdefault(reading.id, GroupHistory()).add(at_s, values)

    def recall(self, group_id: str, curves_of_span: Mapping[int, Curves]) -> None:
        """What was stored of one group before this engine began."""
        self._groups.setdefault(group_id, GroupHistory()).recall(curves_of_span)

    def recall_trends(self, polled_at: Sequence[float], trends: Mapping[str, Sequence[Values]]) -> None:
        """The last polls of every group before this engine began."""
        self._polled_at = deque([*polled_at, *self._polled_at], maxlen=TREND_LENGTH)
        for group_id, last in trends.items():
            self._groups.setdefault(group_id, GroupHistory()).recall_trend(last)

    def of(self, group_id: str) -> GroupHistory:
        """What is kept of this group."""
        return self._groups.get(group_id) or GroupHistory()

    @property
    def longest_gap_s(self) -> float:
        """What lies further apart than this was not measured in between: three usual poll intervals."""
        times = list(self._polled_at)
        steps = sorted(later - earlier for earlier, later in pairwise(times))
        return max(POLLS_THAT_MAKE_A_GAP * steps[len(steps) // 2], LEAST_GAP_S) if steps else 30.0


def series_of(figures: Figures) -> Values:
    """The values that are drawn, in the order of `Series`."""
    return tuple(figures[FIGURE_OF[series]] for series in Series)
