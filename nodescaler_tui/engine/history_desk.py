"""The history desk: stores what each poll measured, and brings back what an earlier engine stored.

The store is used in worker threads only. That the history cannot be kept is worth a sentence, and stops nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from nodescaler_tui.engine.demo_past import NoPast
from nodescaler_tui.engine.history import (
    BINS,
    FIGURE_OF,
    POLLS_THAT_MAKE_A_GAP,
    SPANS_S,
    TREND_LENGTH,
    Bin,
    Curves,
    Series,
    Values,
    series_of,
)
from nodescaler_tui.engine.kept_history import KeptHistory
from nodescaler_tui.engine.lately_in_trouble import LatelyInTrouble
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.facts import Observation
from nodescaler_tui.record.history import spans as stored
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.figures import Figures, poll_of
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.stored import PollWriter, StoredHistory
from nodescaler_tui.state import Severity, State

SHARED_WITHIN_S: Final = 2.0
"""For so long a screen waits for a team's store."""

STORED_WITHIN_S: Final = 0.001
"""The moment of a poll is stored to the millisecond."""

_NO_VALUES: Final[Values] = (None,) * len(Series)

LastPolls = Mapping[str, Sequence[tuple[float, Figures]]]
Trends = tuple[list[float], dict[str, list[Values]]]


class HistoryDesk:
    """Without a history nothing is kept, and nothing is brought back.

    `past` brings in what was measured before this engine began, as of a Unix time; it may raise NoPast. `past_arrived`
    is set once all of it is there: at once, but for a demo, which first has its past told.
    """

    def __init__(
        self,
        mind: Mind,
        kept: KeptHistory | None,
        *,
        poll_every_s: float,
        clock: Callable[[], datetime],
        past: Callable[[float], None] | None = None,
    ) -> None:
        self._mind = mind
        self._kept = kept
        self._past = past
        self._poll_every_s = poll_every_s
        self._clock = clock
        self._writing = threading.Lock()
        self._recalled: set[str] = set()
        self._unread: set[str] = set()
        self._trends_unread = False
        self._reading: set[asyncio.Task[None]] = set()
        self._troubled = LatelyInTrouble()
        self._problem = self._unreadable = ""
        self.past_arrived = asyncio.Event()
        if past is None:
            self.past_arrived.set()

    async def bring_past(self) -> None:
        """Have what was before brought in; groups that were looked at meanwhile are brought back anew."""
        if self._past is None:
            return
        try:
            await asyncio.to_thread(self._past, self._clock().timestamp())
        except NoPast as error:
            self._note(f"The demo begins without a past: {error}")
        self._recalled.clear()
        self.past_arrived.set()

    async def observed(self, observation: Observation, state: State) -> None:
        """Store one poll, and the nodes of the groups that are or were lately in trouble."""
        if self._kept is None:
            return
        troubled = self._troubled.seen(observation.taken_at, ((group.id, group.severity) for group in state.groups))
        await asyncio.to_thread(self._store, self._kept.writer, observation, troubled)
        self._recalled -= self._unread
        self._unread.clear()
        if self._trends_unread:
            await self.recall_trends()

    def _store(self, writer: PollWriter, observation: Observation, troubled: Sequence[str]) -> None:
        try:
            with self._writing:
                aside = writer.add(poll_of(observation, self._mind.rules.staleness_limit_s, troubled))
        except KeptElsewhere:
            return
        except HistoryUnavailable as error:
            self._tell(f"The history is not being kept: {error}")
            return
        if aside is not None:
            self._note(f"The history was damaged and begins anew; the damaged file is {aside}.")
        self._tell("")

    def _tell(self, problem: str) -> None:
        """Each problem once, and once that it is over."""
        if problem != self._problem:
            self._note(problem or "The history is being kept again.")
            self._problem = problem

    def _tell_of_reading(self, problem: str) -> None:
        """The same of a team's store; what is wrong with a file, whoever writes into it says."""
        if self._kept is not None and self._kept.is_shared and problem != self._unreadable:
            self._note(f"The history cannot be read: {problem}" if problem else "The history can be read again.")
            self._unreadable = problem

    def _note(self, sentence: str) -> None:
        self._mind.note(self._clock(), Severity.UNKNOWN, sentence)

    async def recall_trends(self) -> None:
        """Bring back the last polls of every group, unless they are too long ago to be called the last.

        While they cannot be read, it is tried again with each poll.
        """
        if self._kept is None:
            return
        now_s = self._clock().timestamp()
        try:
            found = await asyncio.to_thread(self._last_polls, self._kept.stored, now_s)
        except HistoryUnavailable as error:
            self._trends_unread = True
            self._tell_of_reading(str(error))
            return
        self._trends_unread = False
        self._tell_of_reading("")
        self._mind.history.recall_trends(*self._trends(found, now_s))

    def _last_polls(self, history: StoredHistory, now_s: float) -> LastPolls:
        with history.reading() as reader:
            return reader.last_polls(now_s - TREND_LENGTH * self._gap_s, TREND_LENGTH)

    def _trends(self, found: LastPolls, now_s: float) -> Trends:
        """What of it was before the first poll that is known here: another engine may have stored that one, too."""
        began_s = self._mind.history.began_s
        until_s = now_s if began_s is None else min(now_s, began_s - STORED_WITHIN_S)
        polled_at = sorted({at_s for polls in found.values() for at_s, _ in polls if at_s <= until_s})
        gap = [_NO_VALUES] if polled_at and until_s - polled_at[-1] > self._gap_s else []
        trends = {
            group_id: [*(series_of(figures) for at_s, figures in polls if at_s <= until_s), *gap]
            for group_id, polls in found.items()
            if polls
        }
        return polled_at, trends

    @property
    def _gap_s(self) -> float:
        return POLLS_THAT_MAKE_A_GAP * self._poll_every_s

    async def recall(self, group_id: str) -> None:
        """Bring back the stored curves of a group, the first time that somebody looks at it.

        A screen does not wait for long for a team's store: what comes later is drawn with the next poll, and while
        nothing can be read, it is tried again after that.
        """
        if self._kept is None or group_id in self._recalled:
            return
        self._recalled.add(group_id)
        reading = asyncio.create_task(self._bring_back(self._kept.stored, group_id))
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)
        await asyncio.wait({reading}, timeout=SHARED_WITHIN_S if self._kept.is_shared else None)
        if reading.done():
            reading.result()

    async def _bring_back(self, history: StoredHistory, group_id: str) -> None:
        try:
            curves = await asyncio.to_thread(_read_curves, history, group_id, self._clock().timestamp())
        except HistoryUnavailable as error:
            self._unread.add(group_id)
            self._tell_of_reading(str(error))
        else:
            self._tell_of_reading("")
            self._mind.history.recall(group_id, curves)

    def close(self) -> None:
        """Let go of the store. Blocks."""
        if self._kept is not None:
            with self._writing:
                self._kept.writer.close()


def _read_curves(history: StoredHistory, group_id: str, now_s: float) -> Mapping[int, Curves]:
    """The curves of every span that can be drawn. Raises HistoryUnavailable."""
    with history.reading() as reader:
        return {span_s: _curves(reader, group_id, span_s, now_s) for span_s in SPANS_S}


def _curves(reader: HistoryReader, group_id: str, span_s: int, now_s: float) -> Curves:
    """Columns that are exactly the bins of the tier in memory."""
    bin_s = span_s / BINS
    last = int(now_s // bin_s) + 1
    begins_s, ends_s = (last - BINS) * bin_s, last * bin_s
    found = reader.span(group_id, list(FIGURE_OF.values()), begins_s, ends_s, BINS)
    return {series: _as_drawn(found[figure]) for series, figure in FIGURE_OF.items()}


def _as_drawn(bins: Sequence[stored.Bin]) -> list[Bin]:
    return [Bin(entry.at_s, entry.low, entry.high) for entry in bins]
