"""The history desk: stores what each poll measured, and brings back what an earlier engine stored.

The disk is used in worker threads only. That the history cannot be kept is worth a sentence, and stops nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from nodescaler_tui.engine.demo_past import DemoPast, NoPast, demo_history
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
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.facts import Observation
from nodescaler_tui.record.history import spans as stored
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.figures import poll_of
from nodescaler_tui.record.history.file import HistoryFile
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.stored import PollWriter, StoredHistory
from nodescaler_tui.record.history.tiers import Retention
from nodescaler_tui.record.history.writer import HistoryWriter
from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.model import HistorySettings
from nodescaler_tui.state import Severity, State

TROUBLE_LASTS: Final = timedelta(hours=1)
"""For so long after a group was last in trouble the readings of its nodes are kept."""

_RANK: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2, Severity.OK: 3}
_NO_VALUES: Final[Values] = (None,) * len(Series)

Trends = tuple[list[float], dict[str, list[Values]]]


def retention_from(settings: HistorySettings) -> Retention:
    """For how long what is kept."""
    day_s = 86_400
    return Retention(
        readings_s=settings.raw_hours * 3600,
        minutes_s=settings.minute_days * day_s,
        five_minutes_s=settings.five_minute_days * day_s,
        quarter_hours_s=settings.quarter_hour_days * day_s,
    )


def history_file(settings: Settings) -> Path | None:
    """Where the history is kept, None for nowhere."""
    if not settings.history.keep:
        return None
    return demo_history(settings) if settings.demo else settings.paths.history


class HistoryDesk:
    """Without a path nothing is kept, and nothing is brought back.

    `past_arrived` is set once everything that was measured before this engine began is in the file: at once, but for a
    demo, which first has its past told.
    """

    def __init__(
        self,
        mind: Mind,
        path: Path | None,
        settings: HistorySettings,
        *,
        poll_every_s: float,
        clock: Callable[[], datetime],
        past: DemoPast | None = None,
    ) -> None:
        self._mind = mind
        self._path = path
        self._past = past
        self._retention = retention_from(settings)
        self._poll_every_s = poll_every_s
        self._clock = clock
        self._history: StoredHistory | None = None if path is None else HistoryFile(path)
        self._writer: PollWriter | None = None if path is None else HistoryWriter(path, self._retention, clock)
        self._writing = threading.Lock()
        self._recalled: set[str] = set()
        self._troubled: dict[str, tuple[datetime, Severity]] = {}
        self._problem = ""
        self.past_arrived = asyncio.Event()
        if path is None or past is None:
            self.past_arrived.set()

    async def bring_past(self) -> None:
        """Fill the file with what was before; groups that were looked at meanwhile are brought back anew."""
        if self._path is None or self._past is None:
            return
        try:
            await asyncio.to_thread(self._past.bring_into, self._path, self._retention, self._clock().timestamp())
        except NoPast as error:
            self._note(f"The demo begins without a past: {error}")
        self._recalled.clear()
        self.past_arrived.set()

    async def observed(self, observation: Observation, state: State) -> None:
        """Store one poll, and the nodes of the groups that are or were lately in trouble."""
        if self._writer is not None:
            await asyncio.to_thread(self._store, self._writer, observation, self._in_trouble(observation, state))

    def _in_trouble(self, observation: Observation, state: State) -> list[str]:
        """The worst first."""
        now = observation.taken_at
        for group in state.groups:
            if group.severity is not Severity.OK:
                self._troubled[group.id] = (now, group.severity)
        self._troubled = {
            group_id: (since, severity)
            for group_id, (since, severity) in self._troubled.items()
            if now - since <= TROUBLE_LASTS
        }
        return sorted(self._troubled, key=lambda group_id: (_RANK[self._troubled[group_id][1]], group_id))

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

    def _note(self, sentence: str) -> None:
        self._mind.note(self._clock(), Severity.UNKNOWN, sentence)

    async def recall_trends(self) -> None:
        """Bring back the last polls of every group, unless they are too long ago to be called the last."""
        if self._history is not None:
            polled_at, trends = await asyncio.to_thread(self._read_trends, self._history, self._clock().timestamp())
            self._mind.history.recall_trends(polled_at, trends)

    def _read_trends(self, history: StoredHistory, now_s: float) -> Trends:
        gap_s = POLLS_THAT_MAKE_A_GAP * self._poll_every_s
        try:
            with history.reading() as reader:
                found = reader.last_polls(now_s - TREND_LENGTH * gap_s, TREND_LENGTH)
        except HistoryUnavailable:
            return [], {}
        polled_at = sorted({at_s for polls in found.values() for at_s, _ in polls if at_s <= now_s})
        gap = [_NO_VALUES] if polled_at and now_s - polled_at[-1] > gap_s else []
        trends = {
            group_id: [*(series_of(figures) for at_s, figures in polls if at_s <= now_s), *gap]
            for group_id, polls in found.items()
            if polls
        }
        return polled_at, trends

    async def recall(self, group_id: str) -> None:
        """Bring back the stored curves of a group, the first time that somebody looks at it."""
        if self._history is None or group_id in self._recalled:
            return
        self._recalled.add(group_id)
        curves = await asyncio.to_thread(_read_curves, self._history, group_id, self._clock().timestamp())
        self._mind.history.recall(group_id, curves)

    def close(self) -> None:
        """Let go of the store. Blocks."""
        if self._writer is not None:
            with self._writing:
                self._writer.close()


def _read_curves(history: StoredHistory, group_id: str, now_s: float) -> Mapping[int, Curves]:
    """The curves of every span that can be drawn."""
    try:
        with history.reading() as reader:
            return {span_s: _curves(reader, group_id, span_s, now_s) for span_s in SPANS_S}
    except HistoryUnavailable:
        return {}


def _curves(reader: HistoryReader, group_id: str, span_s: int, now_s: float) -> Curves:
    """Columns that are exactly the bins of the tier in memory."""
    bin_s = span_s / BINS
    last = int(now_s // bin_s) + 1
    begins_s, ends_s = (last - BINS) * bin_s, last * bin_s
    found = reader.span(group_id, list(FIGURE_OF.values()), begins_s, ends_s, BINS)
    return {series: _as_drawn(found[figure]) for series, figure in FIGURE_OF.items()}


def _as_drawn(bins: Sequence[stored.Bin]) -> list[Bin]:
    return [Bin(entry.at_s, entry.low, entry.high) for entry in bins]
