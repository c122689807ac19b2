"""The forecast desk: takes each poll into the load book, and forecasts a share of the groups after each.

Every group is forecast anew about every five minutes, a few at each poll, so that no poll waits long; the first poll of
all is left alone, because somebody waits for it. Whoever waits for the forecasts instead can have it go on at once. All
of it happens in threads, and numpy comes with the first forecast. What the history holds of a group is read when it is
first due.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.decide.forecast.outlook import STEP_S, SignalForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.engine.assessment import reading_of
from nodescaler_tui.engine.foresight import Foresight
from nodescaler_tui.engine.load_book import LoadBars, LoadBook
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.outlook_picture import critical_load, outlook_state
from nodescaler_tui.facts import GroupReading, Observation, Reading
from nodescaler_tui.outlook_words import outlook_words
from nodescaler_tui.record.forecast_memory import remember, remembered
from nodescaler_tui.record.history.block_means import BLOCK_OF
from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.figures import figures_of
from nodescaler_tui.record.history.stored import StoredHistory
from nodescaler_tui.state import Severity, State

LEAST_AT_ONCE: Final = BLOCK_OF
"""So many groups are read from the history about as fast as one."""

TOGETHER: Final = 64
"""More groups in one call are not faster, and a week of each is held in memory until the call is over."""

REMEMBERED_EVERY_S: Final = 900.0


class ForecastDesk:
    """Without a history the past begins with this engine; without a memory nothing that is learned outlives it."""

    def __init__(
        self,
        mind: Mind,
        history: StoredHistory | None,
        memory: Path | None,
        *,
        poll_every_s: float,
        budget_a_day: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._mind = mind
        self._history = history
        self._memory = memory
        self._poll_every_s = poll_every_s
        self._clock = clock
        self._book = LoadBook()
        self._foresight = Foresight(remembered(memory) if memory is not None else None, budget_a_day=budget_a_day)
        self._problem = ""
        self._is_settled = False
        self._has_new_past = False
        self._recalled: set[str] = set()
        self._forecast_at: dict[str, float] = {}
        self._breached_at_s: dict[tuple[str, SignalName], float] = {}
        self._remembered_at_s = clock().timestamp()
        self._working = threading.Lock()
        self._has_observed = asyncio.Event()

    async def observed(self, observation: Observation, state: State) -> bool:
        """Take in one poll, and forecast the groups whose turn it is; whether there were any."""
        self._note_breaches(state, observation.taken_at.timestamp())
        forecast = await asyncio.to_thread(self._take_in, observation)
        self._has_observed.set()
        return forecast

    async def go_on(self) -> bool:
        """After the first poll: forecast the groups that are next, as many as at each poll; whether there were any.

        Without a history there are none: what this engine saw itself is forecast in turn, once there is enough of it.
        """
        if self._history is None:
            return False
        await self._has_observed.wait()
        return await asyncio.to_thread(self._go_on)

    def _go_on(self) -> bool:
        with self._working:
            return self._forecast_some(list(self._mind.knowledge.groups), self._clock().timestamp())

    def past_arrived(self) -> None:
        """All that was measured before this engine is in the history now: read it again at the next poll."""
        self._has_new_past = True

    def _note_breaches(self, state: State, now_s: float) -> None:
        for group in state.groups:
            for signal in group.signals:
                if signal.level is Level.CRITICAL:
                    self._breached_at_s.setdefault((group.id, signal.name), now_s)

    def _take_in(self, observation: Observation) -> bool:
        with self._working:
            return self._took_in(observation)

    def _took_in(self, observation: Observation) -> bool:
        at_s = observation.taken_at.timestamp()
        if self._has_new_past:
            self._has_new_past = False
            self._recalled.clear()
            self._forecast_at.clear()
        for reading in observation.groups:
            figures = figures_of(reading, observation.taken_at, self._mind.rules.staleness_limit_s)
            self._book.add(reading.id, at_s, figures)
        is_settled, self._is_settled = self._is_settled, True
        forecast = is_settled and self._forecast_some([reading.id for reading in observation.groups], at_s)
        if at_s - self._remembered_at_s >= REMEMBERED_EVERY_S:
            self._remember(at_s)
        return forecast

    def _forecast_some(self, group_ids: Sequence[str], now_s: float) -> bool:
        due = self._due(group_ids, now_s)
        if due:
            self._try_to_forecast(due, now_s)
        return bool(due)

    def _due(self, group_ids: Sequence[str], now_s: float) -> list[str]:
        """Those that have waited longest, as many as must be done at each poll for all to have a turn in time."""
        at_once = max(LEAST_AT_ONCE, math.ceil(len(group_ids) * self._poll_every_s / STEP_S))
        waiting = [group_id for group_id in group_ids if now_s - self._forecast_at.get(group_id, -math.inf) >= STEP_S]
        waiting.sort(key=lambda group_id: self._forecast_at.get(group_id, -math.inf))
        return waiting[:at_once]

    def _try_to_forecast(self, group_ids: Sequence[str], now_s: float) -> None:
        """Whatever goes wrong with a forecast is worth a line once; watching and acting go on without it."""
        try:
            self._forecast(group_ids, now_s)
        except Exception as error:  # noqa: BLE001 - nothing that only looks ahead may stop the engine that watches
            self._tell(f"Nothing is forecast: {type(error).__name__}. Watching goes on.")
        else:
            self._tell("")
        self._forecast_at.update(dict.fromkeys(group_ids, now_s))

    def _tell(self, problem: str) -> None:
        """Each problem once, and once that it is over."""
        if problem != self._problem:
            self._mind.note(self._clock(), Severity.UNKNOWN, problem or "Forecasts are made again.")
            self._problem = problem

    def _forecast(self, group_ids: Sequence[str], now_s: float) -> None:
        self._recall([group_id for group_id in group_ids if group_id not in self._recalled], now_s)
        self._foresight.pass_time(now_s)
        for first in range(0, len(group_ids), TOGETHER):
            self._forecast_together(group_ids[first : first + TOGETHER], now_s)

    def _forecast_together(self, group_ids: Sequence[str], now_s: float) -> None:
        from nodescaler_tui.engine.forecasting import outlooks_of  # noqa: PLC0415 - numpy, and only once polls came in

        bars = {group_id: self._book.of(group_id) for group_id in group_ids}
        for made in outlooks_of(bars):
            group_id = made.forecast.group_id
            tracks = {
                signal: found
                for signal, forecast in made.forecast.signals
                if isinstance(forecast, SignalForecast)
                for found in (self._foresight.of((group_id, signal)).judge(forecast, bars[group_id][signal]),)
                if found is not None
            }
            self._publish(made, bars[group_id], tracks, now_s)

    def _recall(self, group_ids: Sequence[str], now_s: float) -> None:
        """What cannot be read now is tried again when these groups are due again."""
        if self._history is not None and group_ids:
            from nodescaler_tui.engine.recalled_loads import recalled_loads  # noqa: PLC0415 - numpy, as above

            try:
                for group_id, loads in recalled_loads(self._history, set(group_ids), now_s):
                    self._book.recall(group_id, loads)
            except HistoryUnavailable:
                return
        self._recalled.update(group_ids)

    def _publish(
        self, made: GroupOutlook, bars: Mapping[SignalName, LoadBars], tracks: Mapping[SignalName, Track], now_s: float
    ) -> None:
        group_id = made.forecast.group_id
        reading = self._mind.knowledge.groups.get(group_id)
        if reading is not None and not reading.managed:
            self._alert(reading, made, bars, now_s)
        alerts = frozenset(
            signal for signal, _ in made.forecast.signals if self._foresight.is_claimed((group_id, signal))
        )
        self._mind.outlooks.put([GroupOutlook(made.made_at, made.forecast, tracks, alerts)])

    def _alert(
        self, reading: GroupReading, made: GroupOutlook, bars: Mapping[SignalName, LoadBars], now_s: float
    ) -> None:
        """A notice for each breach that is newly expected, once the claims that are over have been judged."""
        nodes, matrix = reading.current_nodes.value, self._mind.book.matrix(reading.id)
        for signal, expected in made.forecast.signals:
            key = (reading.id, signal)
            breached_at_s = self._breached_at_s.pop(key, None)
            self._foresight.settle(key, bars.get(signal), now_s, breached_at_s)
            if not isinstance(expected, SignalForecast) or not nodes or breached_at_s is not None:
                continue
            if not self._is_known(reading_of(reading, signal), now_s):
                continue
            crossing = expected.crossing(critical_load(signal, matrix, int(nodes)))
            if self._foresight.alert(key, crossing.within[-1], crossing.threshold, now_s):
                shown = outlook_state(made, int(nodes), matrix).signal(signal)
                words = "" if shown is None else outlook_words(shown, self._clock())
                self._mind.note(self._clock(), Severity.WARNING, f"{reading.name}: {words}")

    def _is_known(self, reading: Reading, now_s: float) -> bool:
        """Nothing is announced of a signal that is unknown now."""
        sampled_at, limit_s = reading.sampled_at, self._mind.rules.staleness_limit_s
        return reading.value is not None and sampled_at is not None and now_s - sampled_at.timestamp() <= limit_s

    def _remember(self, now_s: float) -> None:
        self._remembered_at_s = now_s
        if self._memory is None:
            return
        try:
            remember(self._memory, self._foresight.memory(now_s))
        except OSError as error:
            self._mind.note(
                self._clock(), Severity.UNKNOWN, f"What the forecasts learned cannot be kept: {error.strerror}."
            )

    def close(self) -> None:
        """Keep what was learned. Blocks."""
        self._remember(self._clock().timestamp())
