"""The request budget: a share of the organisation's limit in any minute."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from nodescaler_tui.facts import RequestBudget

DEFAULT_LIMIT_PER_MINUTE: Final = 300
WINDOW_S: Final = 60.0
RESERVED_SHARE: Final = 0.05
LEAST_RESERVED: Final = 2


class Budget:
    """Counts requests over a sliding minute. Safe from any thread.

    A little is kept back for urgent requests: however much polls use, an approval can count the nodes anew.
    """

    def __init__(self, share: float, monotonic: Callable[[], float]) -> None:
        self._share = share
        self._monotonic = monotonic
        self._times: deque[float] = deque()
        self._lock = threading.Lock()
        self._limit = DEFAULT_LIMIT_PER_MINUTE
        self._live = False

    def learn(self, limit_per_minute: float) -> None:
        """The organisation's real limit, as Genesys tells it."""
        if limit_per_minute >= 1:
            self._limit, self._live = int(limit_per_minute), True

    @property
    def allowed_per_minute(self) -> float:
        """How many requests a minute polls may make."""
        share = self._limit * self._share
        return max(1.0, share - max(LEAST_RESERVED, share * RESERVED_SHARE))

    def take(self, *, urgent: bool = False) -> bool:
        """Count one request, or say that there is none left in this minute."""
        allowed = self._limit * self._share if urgent else self.allowed_per_minute
        with self._lock:
            self._forget()
            if len(self._times) >= allowed:
                return False
            self._times.append(self._monotonic())
            return True

    def free_in_s(self) -> float:
        """How long until the oldest counted request leaves the minute."""
        with self._lock:
            self._forget()
            return max(0.0, self._times[0] + WINDOW_S - self._monotonic()) if self._times else 0.0

    def least_interval_s(self, hot_requests: int, warm_requests: int) -> float:
        """The shortest poll interval within the budget: hot requests at each poll, warm ones once a minute."""
        left_for_polls = max(self.allowed_per_minute - warm_requests, 1.0)
        return hot_requests * WINDOW_S / left_for_polls

    def state(self) -> RequestBudget:
        """How much is used."""
        with self._lock:
            self._forget()
            return RequestBudget(len(self._times), self._limit, self._live)

    def _forget(self) -> None:
        oldest = self._monotonic() - WINDOW_S
        while self._times and self._times[0] <= oldest:
            self._times.popleft()
