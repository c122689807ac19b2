"""Foresight: what the forecasts of each series taught about themselves. Pure: the time is handed in.

A forecast of fifteen minutes ahead is judged when its time has come, next to "it stays where it is". An alert is a
claim that a critical limit will be crossed within the hour; its bar learns from each claim that did not come true.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from typing import Final

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.outlook import STEP_S, SignalForecast
from nodescaler_tui.decide.forecast.track import Track, track
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.load_book import LoadBars
from nodescaler_tui.record.forecast_memory import FIELDS_JUDGED, Made, SeriesMemory

JUDGED_AHEAD_S: Final = 900
JUDGED_EVERY_S: Final = 900
DAY_S: Final = 86_400
CLAIMED_FOR_S: Final = 3600

SeriesKey = tuple[str, SignalName]
"""A group's id and one of its signals."""


class Series:
    """One signal of one group."""

    def __init__(self, memory: SeriesMemory) -> None:
        self._bar = AlertBar(memory.bar)
        self._bar_at_s = memory.bar_at_s
        self._claimed_until_s = memory.claimed_until_s
        self._made = deque(memory.made)
        self._judged = array("d", memory.judged)
        self._track = _track_of(self._judged)

    @property
    def is_claimed(self) -> bool:
        """Whether a breach has been announced whose hour is not over."""
        return self._claimed_until_s > 0

    def judge(self, forecast: SignalForecast, bars: LoadBars) -> Track | None:
        """Judge the forecasts whose time has come, note this one, and tell how the last day's did."""
        if self._judge_what_came(bars):
            self._track = _track_of(self._judged)
        due_s = bars.newest_s + JUDGED_AHEAD_S
        if not self._made or due_s >= self._made[-1].due_s + JUDGED_EVERY_S:
            self._made.append(Made(due_s, forecast.point[JUDGED_AHEAD_S // STEP_S - 1], forecast.now))
        return self._track

    def _judge_what_came(self, bars: LoadBars) -> bool:
        """Whether the judgements of the last day are others than before."""
        before = len(self._judged)
        while self._judged and self._judged[0] < bars.newest_s - DAY_S:
            del self._judged[:FIELDS_JUDGED]
        changed = len(self._judged) < before
        while self._made and self._made[0].due_s <= bars.newest_s:
            made = self._made.popleft()
            came = _load_at(bars, made.due_s)
            if came is not None and made.due_s >= bars.newest_s - DAY_S:
                self._judged.extend((made.due_s, made.point, made.stayed, came))
                changed = True
        return changed

    def alert(self, p: float, now_s: float, budget_a_day: float, *, breached: bool) -> bool:
        """Whether this breach probability is a new alert. `breached` is whether a breach came since the last call."""
        if self._bar_at_s:
            self._bar = self._bar.after(now_s - self._bar_at_s, budget_a_day)
        self._bar_at_s = now_s
        if breached:
            self._claimed_until_s = 0.0
            return False
        if self.is_claimed and now_s >= self._claimed_until_s:
            self._bar = self._bar.after_false_claim()
            self._claimed_until_s = 0.0
        if self.is_claimed or not self._bar.raises(p):
            return False
        self._claimed_until_s = now_s + CLAIMED_FOR_S
        return True

    def memory(self, key: SeriesKey) -> SeriesMemory:
        """What is worth keeping across a restart."""
        group_id, signal = key
        return SeriesMemory(
            group_id,
            signal.value,
            self._bar.log_odds,
            self._bar_at_s,
            self._claimed_until_s,
            tuple(self._made),
            self._judged.tobytes(),
        )


def _track_of(judged: array[float]) -> Track | None:
    """How well those did that were judged: four numbers each, as they are remembered."""
    return track(judged[1::FIELDS_JUDGED], judged[2::FIELDS_JUDGED], judged[3::FIELDS_JUDGED])


def _load_at(bars: LoadBars, at_s: float) -> float | None:
    """The load of the bar that ends with, or holds, this moment; None when it was not measured."""
    index = int((at_s - 1) // STEP_S)
    place = bisect_left(bars.indices, index)
    return bars.loads[place] if place < len(bars.indices) and bars.indices[place] == index else None


class Foresight:
    """All series, made when they are first asked for."""

    def __init__(self, memories: Iterable[SeriesMemory] = ()) -> None:
        names = {signal.value for signal in SignalName}
        self._series = {
            (memory.group_id, SignalName(memory.signal)): Series(memory)
            for memory in memories
            if memory.signal in names
        }

    def __len__(self) -> int:
        return len(self._series)

    def of(self, key: SeriesKey) -> Series:
        """The series of this group and signal."""
        found = self._series.get(key)
        if found is None:
            found = self._series[key] = Series(SeriesMemory(key[0], key[1].value))
        return found

    def memories(self) -> list[SeriesMemory]:
        """Everything that is worth keeping across a restart."""
        return [series.memory(key) for key, series in self._series.items()]
