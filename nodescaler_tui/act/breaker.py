"""The circuit breaker of a receiver: after failures in a row it is left alone for a while, then asked once. Pure.

Its state is a fold of the journal, so it survives restarts and is the same in every process. Only failures to connect,
time-outs and 5xx answers count; a cancelled or interrupted attempt says nothing about the receiver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

FAILURES_TO_OPEN: Final = 5
OPEN_FOR_S: Final = 30.0


class ReceiverHealth(StrEnum):
    """What an attempt says about the receiver."""

    WELL = "well"
    FAILING = "failing"
    SAYS_NOTHING = ""


class Circuit(StrEnum):
    """Closed lets everything through, open nothing, half open exactly one attempt."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """Failures in a row, since when, and the operation that is the probe now (empty for none)."""

    failures: int = 0
    failed_at: datetime | None = None
    probe: str = ""

    def circuit(self, since_failure_s: float) -> Circuit:
        """How it stands, so many seconds after the last failure."""
        if self.failures < FAILURES_TO_OPEN:
            return Circuit.CLOSED
        return Circuit.OPEN if self.opens_for_s(since_failure_s) > 0 else Circuit.HALF_OPEN

    def opens_for_s(self, since_failure_s: float) -> float:
        """Seconds until a probe is let through; 0 when it would be now."""
        return max(OPEN_FOR_S - since_failure_s, 0.0) if self.failures >= FAILURES_TO_OPEN else 0.0

    def admits(self, operation_id: str, since_failure_s: float) -> bool:
        """Whether this operation may send now: always when closed, as the only probe when half open."""
        circuit = self.circuit(since_failure_s)
        return circuit is Circuit.CLOSED or (circuit is Circuit.HALF_OPEN and self.probe in {"", operation_id})

    def sending(self, operation_id: str) -> Breaker:
        """An attempt begins."""
        return replace(self, probe=operation_id) if self.failures >= FAILURES_TO_OPEN else self

    def after(self, operation_id: str, health: ReceiverHealth, at: datetime) -> Breaker:
        """An attempt has ended."""
        probe = "" if self.probe == operation_id else self.probe
        if health is ReceiverHealth.WELL:
            return Breaker()
        if health is ReceiverHealth.FAILING:
            return Breaker(self.failures + 1, at, probe)
        return replace(self, probe=probe)
