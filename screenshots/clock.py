"""The stepped clock: it stands still until the story lets time pass, so that no machine is too slow for a picture."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

ENDS: Final = datetime(2026, 3, 14, 3, 4, tzinfo=UTC)
"""The night of the stories, and the minute in which somebody is woken."""


class SteppedClock:
    """The time of day, the monotonic clock and every wait of an engine, moved on together by hand."""

    def __init__(self, begins: datetime) -> None:
        self._begins = begins
        self._passed = timedelta(hours=1)
        self._alarms: list[tuple[timedelta, asyncio.Event]] = []

    def now(self) -> datetime:
        """The time of day."""
        return self._begins + self._passed - timedelta(hours=1)

    def monotonic(self) -> float:
        """Seconds since an hour before the story began: a clock that read 0 would look as if nothing had ever been."""
        return self._passed.total_seconds()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Until the event is set, or this clock has gone on by so much; then the event is cleared."""
        alarm = (self._passed + timedelta(seconds=max(0.0, seconds)), event)
        self._alarms.append(alarm)
        self._ring()
        try:
            await event.wait()
        finally:
            event.clear()
            self._alarms.remove(alarm)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += timedelta(seconds=seconds)
        self._ring()

    def _ring(self) -> None:
        for due, event in self._alarms:
            if due <= self._passed:
                event.set()
