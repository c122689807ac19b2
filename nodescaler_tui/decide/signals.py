"""Signals: how full a node group is in CPU, memory and sessions, and how far each may be believed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeGuard

from nodescaler_tui.decide.thresholds import ThresholdMatrix

FUTURE_TOLERANCE_S: Final = 5.0
"""A sample further in the future than this has a wrong clock behind it and is not believed."""


class SignalName(StrEnum):
    """What can breach a threshold; the order is the order of reasons."""

    CPU = "cpu"
    MEMORY = "memory"
    SESSIONS = "sessions"


class Level(StrEnum):
    """What a signal says. The last three are ways of not knowing, and none of them is ever healthy."""

    OK = "OK"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    MISSING = "MISSING"
    STALE = "STALE"
    INVALID = "INVALID"

    @property
    def unknown(self) -> bool:
        """Whether this level means that a breach can be neither seen nor ruled out."""
        return self in {Level.MISSING, Level.STALE, Level.INVALID}


@dataclass(frozen=True, slots=True)
class Sample:
    """What came in for one signal: anything at all, None when nothing did, and how old it is in seconds."""

    value: object
    age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Signals:
    """The samples of one group. A signal that is switched off is None; one that was not measured holds None."""

    cpu: Sample | None
    memory: Sample | None
    sessions: Sample | None


def utilization_level(sample: Sample, warning: float, critical: float, staleness_limit_s: float) -> Level:
    """The level of a utilization, a fraction from 0 to 1. Limits are inclusive, and so is the staleness limit."""
    value = sample.value
    if value is None:
        return Level.MISSING
    if not is_utilization(value) or _from_the_future(sample):
        return Level.INVALID
    if _stale(sample, staleness_limit_s):
        return Level.STALE
    if value >= critical:
        return Level.CRITICAL
    return Level.WARNING if value >= warning else Level.OK


def sessions_level(sample: Sample, nodes: int, matrix: ThresholdMatrix, staleness_limit_s: float) -> Level:
    """The level of a session count over `nodes` nodes; compared exactly, because a binary 1.2 misses boundaries."""
    value = sample.value
    if value is None:
        return Level.MISSING
    if not is_count(value) or _from_the_future(sample):
        return Level.INVALID
    if _stale(sample, staleness_limit_s):
        return Level.STALE
    if value == 0 and nodes == 0:
        return Level.OK
    return Level.CRITICAL if value >= nodes * matrix.sessions_limit_per_node else Level.OK


def is_utilization(value: object) -> TypeGuard[float]:
    """Whether this is a number from 0 to 1; a truth value or a percentage is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1


def is_count(value: object) -> TypeGuard[int]:
    """Whether this is a whole number from 0 up; a truth value or 12.0 is not."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _from_the_future(sample: Sample) -> bool:
    return sample.age_s is not None and sample.age_s < -FUTURE_TOLERANCE_S


def _stale(sample: Sample, limit_s: float) -> bool:
    return sample.age_s is not None and sample.age_s > limit_s
