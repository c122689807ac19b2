"""History: the last hours of every group in memory, for plots and trends. A gap is kept as a gap."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nodescaler_tui.decide.signals import SignalName, is_count, is_utilization
from nodescaler_tui.facts import GroupReading, Reading

MOST_POINTS: Final = 2160
"""Six hours at one poll in ten seconds."""

TREND_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class Point:
    """One group at one moment: the mean over its nodes, and the worst node where there is one. None is unknown."""

    at: datetime
    cpu: float | None
    cpu_worst: float | None
    memory: float | None
    memory_worst: float | None
    sessions_per_node: float | None

    def mean(self, signal: SignalName) -> float | None:
        """The value that decisions are made on."""
        return {
            SignalName.CPU: self.cpu,
            SignalName.MEMORY: self.memory,
            SignalName.SESSIONS: self.sessions_per_node,
        }[signal]

    def worst(self, signal: SignalName) -> float | None:
        """The worst node's value; sessions have none."""
        return {SignalName.CPU: self.cpu_worst, SignalName.MEMORY: self.memory_worst}.get(signal)


@dataclass(frozen=True, slots=True)
class Bin:
    """One column of a plot: seconds before now, and the lowest and highest value that fell into it."""

    before_now_s: float
    low: float
    high: float


class History:
    """Points by group, oldest first, bounded in number."""

    def __init__(self) -> None:
        self._points: dict[str, deque[Point]] = {}

    def add(self, reading: GroupReading, at: datetime, staleness_limit_s: float) -> None:
        """Keep what this poll says; a value that is too old to be believed is a gap, not a flat line."""
        point = Point(
            at=at,
            cpu=_fresh(reading.cpu, at, staleness_limit_s),
            cpu_worst=None if reading.cpu_worst is None else reading.cpu_worst.value,
            memory=_fresh(reading.memory, at, staleness_limit_s),
            memory_worst=None if reading.memory_worst is None else reading.memory_worst.value,
            sessions_per_node=_sessions_per_node(reading, at, staleness_limit_s),
        )
        self._points.setdefault(reading.id, deque(maxlen=MOST_POINTS)).append(point)

    def points(self, group_id: str) -> Sequence[Point]:
        """Everything kept of this group."""
        return tuple(self._points.get(group_id, ()))

    def trend(self, group_id: str) -> tuple[float | None, ...]:
        """The last CPU means, oldest first, for the sparkline."""
        points = self._points.get(group_id, ())
        return tuple(point.cpu for point in list(points)[-TREND_LENGTH:])


def segments(
    samples: Sequence[tuple[float, float | None]], *, columns: int, span_s: float, longest_gap_s: float
) -> list[list[Bin]]:
    """Samples as (seconds before now, value) binned into `columns`, cut where data is missing.

    Each bin keeps the lowest and the highest value, so a peak can never vanish. Two samples further apart than
    `longest_gap_s`, or with an unknown value between them, are not joined.
    """
    cut: list[list[Bin]] = []
    current: list[Bin] = []
    last_at: float | None = None
    for before_now_s, value in samples:
        if value is None or (last_at is not None and last_at - before_now_s > longest_gap_s):
            cut.append(current)
            current = []
        if value is not None:
            _into_bins(current, before_now_s, value, span_s / max(columns, 1))
            last_at = before_now_s
    cut.append(current)
    return [segment for segment in cut if segment]


def _into_bins(bins: list[Bin], before_now_s: float, value: float, width_s: float) -> None:
    middle_s = (math.floor(before_now_s / width_s) + 0.5) * width_s
    if bins and bins[-1].before_now_s == middle_s:
        bins[-1] = Bin(middle_s, min(bins[-1].low, value), max(bins[-1].high, value))
    else:
        bins.append(Bin(middle_s, value, value))


def _fresh(reading: Reading, at: datetime, limit_s: float) -> float | None:
    value = reading.value
    if not is_utilization(value) or reading.sampled_at is None or (at - reading.sampled_at).total_seconds() > limit_s:
        return None
    return value


def _sessions_per_node(reading: GroupReading, at: datetime, limit_s: float) -> float | None:
    sessions, count = reading.sessions, reading.current_nodes.value
    if not is_count(sessions.value) or not is_count(count) or count == 0 or sessions.sampled_at is None:
        return None
    return None if (at - sessions.sampled_at).total_seconds() > limit_s else sessions.value / count
