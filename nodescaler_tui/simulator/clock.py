"""The clocks of a simulation: the machine's own, and at which moment of it something happened in simulated time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final


def iso(moment: datetime) -> str:
    """A time as Genesys writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, and seconds that only ever grow. Whoever lets time pass by hand gives another one."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic


MACHINE_CLOCK: Final = Clock()


class WallClock:
    """A simulated moment always gets the same real one: a sample keeps its `eventTime` however often it is read.

    `pace` simulated seconds make a real one.
    """

    def __init__(self, pace: float, now: Callable[[], datetime]) -> None:
        self.pace = pace
        self.now = now
        self._zero = now()

    def start(self, simulated_s: float) -> None:
        """Say that this simulated moment is now."""
        self._zero = self.now() - timedelta(seconds=simulated_s / self.pace)

    def skip(self, seconds: float) -> None:
        """Simulated time jumped: everything that has happened so far is that much older."""
        self._zero -= timedelta(seconds=seconds / self.pace)

    def at(self, simulated_s: float) -> datetime:
        """The real moment of a simulated one."""
        return self._zero + timedelta(seconds=simulated_s / self.pace)
