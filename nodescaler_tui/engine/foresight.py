"""Foresight: what the forecasts of each series taught about themselves, and what is announced. Pure: time is handed in.

A forecast of fifteen minutes ahead is judged when its time has come, next to "it stays where it is". An alert is a
claim that a critical limit will be reached within the hour; all series share one budget of claims that are false.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from typing import Final

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.fleet_alert import Claim, OwnBar, Verdict, is_raised
from nodescaler_tui.decide.forecast.outlook import STEP_S, SignalForecast
from nodescaler_tui.decide.forecast.track import Track, track
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.load_book import LoadBars
from nodescaler_tui.record.forecast_memory import FIELDS_JUDGED, ForecastMemory, Made, SeriesMemory

JUDGED_AHEAD_S: Final = 900
JUDGED_EVERY_S: Final = 900
DAY_S: Final = 86_400

FORGOTTEN_AFTER_S: Final = 8 * DAY_S
"""Without a forecast for so long, nothing is left to forecast from either."""

_OVERDUE_S: Final = 900

SeriesKey = tuple[str, SignalName]
"""A group's id and one of its signals."""


class Series:
    """One signal of one group."""

    def __init__(self, memory: SeriesMemory) -> None:
        self._bar = OwnBar(memory.bar)
        self._bar_at_s = memory.bar_at_s
        self.seen_s = memory.seen_s
        self._made = deque(memory.made)
        self._judged = array("d", memory.judged)
        self._track = _track_of(self._judged)

    def judge(self, forecast: SignalForecast, bars: LoadBars) -> Track | None:
        """Judge the forecasts whose time has come, note this one, and tell how the last day's did."""
        self.seen_s = bars.newest_s
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

    def bar(self, now_s: float, budget_a_day: float, series: int) -> OwnBar:
        """Its own bar as it is now, in a fleet of so many series with this budget."""
        if self._bar_at_s:
            self._bar = self._bar.after(now_s - self._bar_at_s, budget_a_day, series)
        self._bar_at_s = now_s
        return self._bar

    def learn(self, claim: Claim, verdict: Verdict) -> None:
        """Take in what came of a claim."""
        self._bar = self._bar.after_verdict(claim.p, verdict)

    def memory(self, key: SeriesKey, claim: Claim | None) -> SeriesMemory:
        """What is worth keeping across a restart."""
        group_id, signal = key
        return SeriesMemory(
            group_id,
            signal.value,
            self._bar.log_odds,
            self._bar_at_s,
            self.seen_s,
            claim,
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


def _loads_within(bars: LoadBars, wanted: range) -> array[float]:
    """The loads of those of these bars that were measured."""
    first, end = (bisect_left(bars.indices, index) for index in (wanted.start, wanted.stop))
    return bars.loads[first:end]


class Foresight:
    """All series, made when they are first forecast, and the alert of the fleet that they are."""

    def __init__(self, memory: ForecastMemory | None = None, *, budget_a_day: float = 1.0) -> None:
        """`budget_a_day` is how many false claims all series together may make in a day."""
        memory, names = memory or ForecastMemory(), {signal.value for signal in SignalName}
        known = {(one.group_id, SignalName(one.signal)): one for one in memory.series if one.signal in names}
        self._budget_a_day = budget_a_day
        self._bar = AlertBar(memory.bar)
        self._bar_at_s = memory.bar_at_s
        self._series = {key: Series(one) for key, one in known.items()}
        self._claims = {key: one.claim for key, one in known.items() if one.claim is not None}

    def __len__(self) -> int:
        return len(self._series)

    def of(self, key: SeriesKey) -> Series:
        """The series of this group and signal."""
        found = self._series.get(key)
        if found is None:
            found = self._series[key] = Series(SeriesMemory(key[0], key[1].value))
        return found

    def is_claimed(self, key: SeriesKey) -> bool:
        """Whether a breach has been announced of which it is not known yet what came."""
        return key in self._claims

    def pass_time(self, now_s: float) -> None:
        """Refill the budget up to now, and drop the claims of what nobody measures any more, unjudged."""
        if self._bar_at_s:
            self._bar = self._bar.after(now_s - self._bar_at_s, self._budget_a_day)
        self._bar_at_s = now_s
        for key, claim in list(self._claims.items()):
            if not claim.at_s <= now_s <= claim.ends_s + _OVERDUE_S:
                del self._claims[key]

    def settle(self, key: SeriesKey, bars: LoadBars | None, now_s: float, breached_at_s: float | None) -> None:
        """Judge the claim of this series, if it has one whose breach came or whose hour is over.

        `breached_at_s` is when the limit was first reached since the last call, None when it was not.
        """
        claim = self._claims.get(key)
        if claim is None:
            return
        breached = breached_at_s is not None and breached_at_s <= claim.ends_s
        if not breached and now_s < claim.ends_s:
            return
        verdict = claim.verdict(() if bars is None else _loads_within(bars, claim.bars), breached=breached)
        if verdict is Verdict.NEVER_CAME:
            self._bar = self._bar.after_false_claim()
        self.of(key).learn(claim, verdict)
        del self._claims[key]

    def alert(self, key: SeriesKey, p: float, limit_load: float, now_s: float) -> bool:
        """Whether this breach probability is a new alert. From `limit_load` on the nodes that there are breach."""
        if key in self._claims:
            return False
        own = self.of(key).bar(now_s, self._budget_a_day, len(self))
        if not is_raised(p, self._bar, own, self._claims.values()):
            return False
        self._claims[key] = Claim(now_s, p, limit_load)
        return True

    def memory(self, now_s: float) -> ForecastMemory:
        """What is worth keeping across a restart; what has not been forecast for days is forgotten, here too."""
        for key in [key for key, series in self._series.items() if series.seen_s < now_s - FORGOTTEN_AFTER_S]:
            del self._series[key]
        series = tuple(series.memory(key, self._claims.get(key)) for key, series in self._series.items())
        return ForecastMemory(self._bar.log_odds, self._bar_at_s, series)
