"""Waits: a circuit breaker for each endpoint of Genesys, as schedules and never as sleeps.

A failure opens it until Retry-After, or for a backoff that doubles; then one request is let through, and its success
closes it. A request that was cancelled says nothing about Genesys. What an outage has taught is kept in a file, so that
an engine that starts again does not ask at once what it was told to leave alone.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from nodescaler_tui.clock import utc_now
from nodescaler_tui.facts import Problem, ProblemKind
from nodescaler_tui.observe.endpoints import TOKEN, Endpoint

FIRST_BACKOFF: Final = timedelta(seconds=2)
LONGEST_BACKOFF: Final = timedelta(seconds=60)
LONGEST_KEPT: Final = timedelta(minutes=10)
_WAITED_FOR: Final = frozenset(
    {ProblemKind.RATE_LIMITED, ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT, ProblemKind.AUTH_FAILED}
)
_KEPT: Final = _WAITED_FOR - {ProblemKind.AUTH_FAILED}
"""A restart is how credentials are put right, so a refused one is asked about again at once."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Failures in a row of one endpoint, the last of them, and when it may be asked again on the monotonic clock."""

    failures: int
    problem: Problem
    due: float


class Waits:
    """When each endpoint may be asked again. Safe from any thread.

    Kept on the monotonic clock: a wall clock that jumps neither lengthens a wait nor ends it.
    """

    def __init__(
        self, monotonic: Callable[[], float], file: Path | None = None, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._monotonic = monotonic
        self._file = file
        self._lock = threading.Lock()
        self._waits = {} if file is None else _read(file, monotonic(), now())

    def waiting(self, endpoint: Endpoint) -> Problem | None:
        """The problem that is being waited out on this endpoint, or None when it may be asked."""
        with self._lock:
            wait = self._waits.get(endpoint.name)
            return wait.problem if wait is not None and self._monotonic() < wait.due else None

    def failed(self, problem: Problem, now: datetime) -> Problem:
        """Remember a failure that is worth waiting for; the problem comes back with its time of the next try."""
        if problem.kind not in _WAITED_FOR and problem.endpoint != TOKEN.name:
            return problem
        with self._lock:
            before = self._waits.get(problem.endpoint)
            if before is not None and self._monotonic() < before.due:
                return before.problem  # requests that were under way together are one failure
            failures = 1 if before is None else before.failures + 1
            due = problem.retry_at or now + min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF)
            waited = replace(problem, retry_at=due)
            self._waits[problem.endpoint] = Wait(failures, waited, self._monotonic() + (due - now).total_seconds())
            self._keep()
            return waited

    def succeeded(self, endpoint: Endpoint) -> None:
        """The endpoint answers again."""
        with self._lock:
            if self._waits.pop(endpoint.name, None) is not None:
                self._keep()

    def _keep(self) -> None:
        """For the next start; losing it costs one request more, so a full disk is no reason to fail."""
        if self._file is None:
            return
        kept = [_described(wait) for wait in self._waits.values() if wait.problem.kind in _KEPT]
        making = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        try:
            making.write_text(json.dumps(kept), encoding="utf-8")
            making.replace(self._file)
        except OSError:
            making.unlink(missing_ok=True)


def _described(wait: Wait) -> dict[str, str | int]:
    problem = wait.problem
    return {
        "endpoint": problem.endpoint,
        "kind": problem.kind.value,
        "sentence": problem.sentence,
        "retry_at": problem.retry_at.isoformat() if problem.retry_at else "",
        "failures": wait.failures,
    }


def _read(file: Path, monotonic_now: float, now: datetime) -> dict[str, Wait]:
    """What an earlier engine kept; a file that cannot be read holds nothing back, and a clock that jumped not much."""
    try:
        entries = [_understood(entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    waits: dict[str, Wait] = {}
    for failures, problem in entries:
        left = LONGEST_KEPT if problem.retry_at is None else min(problem.retry_at - now, LONGEST_KEPT)
        waits[problem.endpoint] = Wait(failures, problem, monotonic_now + left.total_seconds())
    return waits


def _understood(entry: dict[str, str]) -> tuple[int, Problem]:
    due = datetime.fromisoformat(entry["retry_at"])
    return int(entry["failures"]), Problem(entry["endpoint"], ProblemKind(entry["kind"]), entry["sentence"], due)
