"""The stopwatch: time that has passed, which no jump of the wall clock changes.

Only for what was before this process there is nothing but the wall clock; from then on the monotonic clock counts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime


class Stopwatch:
    """Measures since moments that are on record, each under a key of its own."""

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._first_seen: dict[Hashable, tuple[float, float]] = {}

    def elapsed_s(self, key: Hashable, since: datetime) -> float:
        """Seconds since then, never negative."""
        now = self._monotonic()
        before_s = max(0.0, (self._clock() - since).total_seconds())
        seen_at, elapsed_s = self._first_seen.setdefault(key, (now, before_s))
        return elapsed_s + now - seen_at
