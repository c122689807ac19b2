"""The clock watch: this host's clock is compared with the store's again and again, from whichever thread does it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from nodescaler_tui.decide.clock_skew import ClockSample, ComparedClock, skew_of

KEPT: Final = 10


class ClockWatch:
    """Keeps the last few samples; what they say is judged whenever it is asked for."""

    def __init__(self, take: Callable[[], ClockSample], monotonic: Callable[[], float]) -> None:
        self._take = take
        self._monotonic = monotonic
        self._samples: deque[ClockSample] = deque(maxlen=KEPT)

    def compare(self) -> None:
        """Take one more sample. Blocks; raises JournalUnavailable."""
        self._samples.append(self._take())

    @property
    def compared(self) -> ComparedClock:
        """What is known of it now."""
        return ComparedClock(skew_of(tuple(self._samples), self._monotonic()))
