"""The clock: the two times that a machine tells, handed in to whatever needs one of them.

Records want the wall clock; durations want the monotonic one, which nobody can set. Whoever plays a story at a pace of
its own hands in both together, so that they never contradict each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


def utc_now() -> datetime:
    """The wall clock, for records."""
    return datetime.now(UTC)


_STEADY: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_s() -> float:
    """Seconds that go on while the machine sleeps, too.

    Others do not sleep with it: what a laptop was about to send when its lid was closed must be too late when it wakes.
    Python's own monotonic clock stands still meanwhile, on Linux and on macOS.
    """
    return time.clock_gettime(_STEADY)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day as aware UTC, and seconds that only ever grow."""

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = steady_s


MACHINE_CLOCK: Final = Clock()
