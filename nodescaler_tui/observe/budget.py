"""The request budget: a share of the organisation's limit in any minute, and waits as schedules, never as sleeps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.facts import Problem, ProblemKind, RequestBudget
from nodescaler_tui.observe.endpoints import TOKEN, Endpoint

DEFAULT_LIMIT_PER_MINUTE: Final = 300
WINDOW_S: Final = 60.0
FIRST_BACKOFF: Final = timedelta(seconds=2)
LONGEST_BACKOFF: Final = timedelta(seconds=60)
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


class Waits:
    """When each endpoint may be asked again: Retry-After where Genesys said so, else a backoff that doubles.

    Kept on the monotonic clock: a wall clock that jumps neither lengthens a wait nor ends it.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until: dict[str, tuple[float, Problem]] = {}
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()

    def waiting(self, endpoint: Endpoint) -> Problem | None:
        """The problem that is being waited out on this endpoint, or None when it may be asked."""
        with self._lock:
            due, problem = self._until.get(endpoint.name, (0.0, None))
            return problem if self._monotonic() < due else None

    def failed(self, problem: Problem, now: datetime) -> Problem:
        """Remember a failure that is worth waiting for; the problem comes back with its time of the next try."""
        if problem.kind not in _WAITED_FOR and problem.endpoint != TOKEN.name:
            return problem
        with self._lock:
            due_before, waited_before = self._until.get(problem.endpoint, (0.0, problem))
            if self._monotonic() < due_before:  # requests that were under way together are one failure
                return waited_before
            count = self._failures.get(problem.endpoint, 0) + 1
            self._failures[problem.endpoint] = count
            due = problem.retry_at or now + min(FIRST_BACKOFF * 2 ** (count - 1), LONGEST_BACKOFF)
            waited = Problem(
                problem.endpoint, problem.kind, problem.sentence, due, problem.permission, problem.correlation_id
            )
            self._until[problem.endpoint] = (self._monotonic() + (due - now).total_seconds(), waited)
            return waited

    def succeeded(self, endpoint: Endpoint) -> None:
        """The endpoint answers again."""
        with self._lock:
            self._until.pop(endpoint.name, None)
            self._failures.pop(endpoint.name, None)


_WAITED_FOR: Final = frozenset(
    {ProblemKind.RATE_LIMITED, ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT, ProblemKind.AUTH_FAILED}
)
